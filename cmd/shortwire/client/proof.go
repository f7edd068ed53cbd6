package client

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/shortwire/shortwire/pow"
	"github.com/shortwire/shortwire/subjects/taler"
)

// ErrProofOfWork means that a gateway asks for a proof of a kind that this
// program does not know.
var ErrProofOfWork = errors.New("the gateway asks for a proof of work of a kind that this program does not know")

// ProofOfWork is what a gateway asks for (docs/proof-of-work.md).
type ProofOfWork struct {
	Algorithm   string  `json:"algorithm"`
	MemoryKiB   uint32  `json:"memory_kib"`
	Time        uint32  `json:"time"`
	Parallelism int     `json:"parallelism"`
	SubProofs   uint8   `json:"sub_proofs"`
	SealBits    int     `json:"seal_bits"`
	Realm       string  `json:"realm"`
	Difficulty  string  `json:"difficulty"`
	Epochs      []Epoch `json:"epochs"` // today's first
}

// Epoch is a day with its salt.
type Epoch struct {
	Epoch uint32 `json:"epoch"`
	Salt  string `json:"salt"`
}

// Proof is the member "proof" of a registration.
type Proof struct {
	Epoch      uint32 `json:"epoch"`
	Difficulty string `json:"difficulty"`
	Solution   string `json:"solution"`
}

// NewProof writes the solution of a challenge.
func NewProof(c pow.Challenge, p pow.Proof) *Proof {
	return &Proof{Epoch: c.Epoch, Difficulty: strconv.FormatUint(c.Difficulty, 10), Solution: p.String()}
}

// Challenge is what a key has to solve with today's salt. Errors:
// ErrProofOfWork.
func (w *ProofOfWork) Challenge(pub taler.EddsaPublicKey) (pow.Challenge, error) {
	c := pow.Challenge{
		Params:           pow.Params{MemoryKiB: w.MemoryKiB, Time: w.Time, SubProofs: w.SubProofs},
		AuthorizationPub: pub,
	}
	if w.Algorithm != "argon2id" || w.Parallelism != 1 || len(w.Epochs) == 0 {
		return c, ErrProofOfWork
	}
	realm, err := bytesOf(w.Realm, len(c.Realm))
	if err != nil {
		return c, err
	}
	salt, err := bytesOf(w.Epochs[0].Salt, len(c.Salt))
	if err != nil {
		return c, err
	}
	c.Realm, c.Salt, c.Epoch = pow.Realm(realm), pow.Salt(salt), w.Epochs[0].Epoch
	c.Difficulty, err = strconv.ParseUint(w.Difficulty, 10, 64)
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrProofOfWork, err)
	}
	return c, nil
}

func bytesOf(text string, n int) ([]byte, error) {
	raw, err := taler.DecodeBase32(text, n)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProofOfWork, err)
	}
	return raw, nil
}

// Accepts tells whether a challenge that was begun some time ago is still worth
// solving: its day is one of those offered, and its price is not below the
// present one.
func (w *ProofOfWork) Accepts(c pow.Challenge) bool {
	now, err := w.Challenge(c.AuthorizationPub)
	if err != nil || c.Params != now.Params || c.Realm != now.Realm || c.Difficulty < now.Difficulty {
		return false
	}
	for _, e := range w.Epochs {
		if salt, err := bytesOf(e.Salt, len(c.Salt)); err == nil && e.Epoch == c.Epoch && pow.Salt(salt) == c.Salt {
			return true
		}
	}
	return false
}
