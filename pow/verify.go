package pow

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/crypto/blake2b"
)

// What is wrong with a proof, each found before anything dearer is tried.
var (
	ErrCount    = errors.New("the number of sub-proofs is not the one asked for")
	ErrOrder    = errors.New("the nonces do not increase strictly")
	ErrSeal     = errors.New("the seal is too weak")
	ErrTarget   = errors.New("a sub-proof does not meet the difficulty claimed")
	ErrEvaluate = errors.New("a tag is not what Argon2id gives for its nonce")
)

// Checked is a proof that passed every check but Argon2id.
type Checked struct {
	challenge Challenge
	digest    [32]byte
	proof     Proof
	sealBits  int
}

// SealBits is the strength of the seal: how many zero bits it begins with.
func (c *Checked) SealBits() int { return c.sealBits }

// Check does everything that costs microseconds: count, order of nonces, seal,
// targets. A proof that passes may still be a forgery. Errors: ErrChallenge,
// ErrCount, ErrOrder, ErrSeal, ErrTarget.
func Check(c Challenge, p Proof, sealBits int) (*Checked, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if len(p.SubProofs) != int(c.SubProofs) {
		return nil, fmt.Errorf("%w: %d", ErrCount, c.SubProofs)
	}
	for i := 1; i < len(p.SubProofs); i++ {
		if p.SubProofs[i-1].Nonce >= p.SubProofs[i].Nonce {
			return nil, ErrOrder
		}
	}
	checked := &Checked{challenge: c, digest: c.Digest(), proof: p}
	checked.sealBits = newSealer(&checked.digest, p.SubProofs).strength(p.Seal)
	if checked.sealBits < sealBits {
		return nil, fmt.Errorf("%w: %d zero bits are needed", ErrSeal, sealBits)
	}
	share := c.share()
	for i := range p.SubProofs {
		if !meets(&checked.digest, &p.SubProofs[i], share) {
			return nil, ErrTarget
		}
	}
	return checked, nil
}

// Evaluate runs Argon2id over the sub-proofs in the order given (indexes of
// them, each once: a verifier draws it at random, so that a forger does not know
// which of his lies is looked at first) and stops at the first lie. It costs
// milliseconds, and memory as the parameters say. Errors: ErrEvaluate, and that
// of the context.
func (c *Checked) Evaluate(ctx context.Context, order []int) error {
	if len(order) != len(c.proof.SubProofs) {
		return fmt.Errorf("pow: an order of %d for %d sub-proofs", len(order), len(c.proof.SubProofs))
	}
	for _, i := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		sub := &c.proof.SubProofs[i]
		tag := c.challenge.tag(&c.digest, sub.Nonce)
		if subtle.ConstantTimeCompare(tag[:], sub.Tag[:]) != 1 {
			return ErrEvaluate
		}
	}
	return nil
}

// Digest identifies the proof together with its challenge, for whoever remembers
// failures. The seal is part of it.
func (c *Checked) Digest() [16]byte {
	text := append(make([]byte, 0, 1024), c.digest[:]...)
	text = binary.BigEndian.AppendUint64(appendSubProofs(text, c.proof.SubProofs), c.proof.Seal)
	sum := blake2b.Sum256(text)
	return [16]byte(sum[:])
}

// Verify is Check and Evaluate in one call.
func Verify(ctx context.Context, c Challenge, p Proof, sealBits int) error {
	checked, err := Check(c, p, sealBits)
	if err != nil {
		return err
	}
	order := make([]int, len(p.SubProofs))
	for i := range order {
		order[i] = i
	}
	return checked.Evaluate(ctx, order)
}

// meets tells whether a sub-proof is as lucky as the difficulty asks for: one
// in share is. The comparison is exact for every share, powers of two or not.
func meets(digest *[32]byte, s *SubProof, share uint64) bool {
	var text [56]byte
	copy(text[:], digest[:])
	binary.BigEndian.PutUint64(text[32:], s.Nonce)
	copy(text[40:], s.Tag[:])
	sum := blake2b.Sum256(text[:])
	high, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:]), share)
	return high == 0
}

// sealer measures seals over one set of sub-proofs.
type sealer struct{ text [40]byte }

func newSealer(digest *[32]byte, found []SubProof) *sealer {
	text := append(make([]byte, 0, 1024), "seal"...)
	text = append(text, digest[:]...)
	inner := blake2b.Sum256(appendSubProofs(text, found))
	s := &sealer{}
	copy(s.text[:], inner[:])
	return s
}

// strength counts the zero bits that seal s begins with.
func (s *sealer) strength(seal uint64) int {
	binary.BigEndian.PutUint64(s.text[32:], seal)
	sum := blake2b.Sum256(s.text[:])
	return bits.LeadingZeros64(binary.BigEndian.Uint64(sum[:]))
}
