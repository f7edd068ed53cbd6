package gateway

import (
	"strconv"
	"time"

	"github.com/shortwire/shortwire/pow"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// algArgon2id is the only function there is.
const algArgon2id = "argon2id"

// proofBody is what a solver needs, offline: docs/proof-of-work.md. Difficulties
// are texts, since a number of JavaScript loses bits above 2^53.
type proofBody struct {
	Algorithm   string          `json:"algorithm"`
	MemoryKiB   uint32          `json:"memory_kib"`
	Time        uint32          `json:"time"`
	Parallelism uint32          `json:"parallelism"`
	SubProofs   uint8           `json:"sub_proofs"`
	SealBits    int             `json:"seal_bits"`
	Realm       string          `json:"realm"`
	Difficulty  string          `json:"difficulty"`
	Epochs      []epochBody     `json:"epochs"`
	ValidUntil  taler.Timestamp `json:"valid_until"` // of a proof begun with the first salt
}

type epochBody struct {
	Epoch      uint32          `json:"epoch"`
	Salt       string          `json:"salt"`
	ValidUntil taler.Timestamp `json:"valid_until"`
}

// bodyOfOffer is null where nothing is asked for.
func bodyOfOffer(offer *subjects.Offer) *proofBody {
	if offer == nil {
		return nil
	}
	body := &proofBody{
		Algorithm:   algArgon2id,
		MemoryKiB:   offer.Params.MemoryKiB,
		Time:        offer.Params.Time,
		Parallelism: 1,
		SubProofs:   offer.Params.SubProofs,
		SealBits:    offer.SealBits,
		Realm:       taler.EncodeBase32(offer.Realm[:]),
		Difficulty:  strconv.FormatUint(offer.Difficulty, 10),
	}
	for _, e := range offer.Epochs {
		body.Epochs = append(body.Epochs, epochBody{e.Epoch, taler.EncodeBase32(e.Salt[:]), timestamp(e.ValidUntil)})
	}
	if len(body.Epochs) > 0 {
		body.ValidUntil = body.Epochs[0].ValidUntil
	}
	return body
}

// proofRequest is the member "proof" of a registration before its values are
// read.
type proofRequest struct {
	epoch                int64
	difficulty, solution string
}

// proof reads the member; null and absence are no proof.
func (r *registrationRequest) proof(cur *cursor) error {
	if cur.next() != '{' {
		return cur.mistyped("must be an object")
	}
	p := &proofRequest{epoch: -1}
	r.proofOfWork = p
	return cur.object(func(name []byte) error {
		switch string(name) {
		case "epoch":
			return cur.integer(&p.epoch)
		case "difficulty":
			return cur.str(&p.difficulty)
		case "solution":
			return cur.str(&p.solution)
		}
		return cur.skip()
	})
}

// value reads the values. Whether the solution is well-formed is the registry's
// business: it does not matter for a key that is live.
func (p *proofRequest) value() (*subjects.Proof, error) {
	if p == nil {
		return nil, nil
	}
	if p.epoch < 0 || p.epoch > lastEpoch {
		return nil, because(errMalformed, "proof.epoch: write the number of the day whose salt was used")
	}
	difficulty, err := parse("proof.difficulty", p.difficulty, parseDifficulty)
	if err != nil {
		return nil, err
	}
	if p.solution == "" {
		return nil, because(errMissing, "proof.solution")
	}
	return &subjects.Proof{Epoch: uint32(p.epoch), Difficulty: difficulty, Solution: p.solution}, nil
}

// lastEpoch is the end of the year 9999.
const lastEpoch = maxSeconds / int64(24*time.Hour/time.Second)

// parseDifficulty reads a whole number in decimal, the one way to write it.
func parseDifficulty(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < 1 || n > pow.MaxDifficulty || strconv.FormatUint(n, 10) != text {
		return 0, errDifficulty
	}
	return n, nil
}
