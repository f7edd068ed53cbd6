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
	ErrTarget   = errors.New("a sub-proof does not meet the difficulty claimed, for this key, account and epoch")
	ErrSeal     = errors.New("the seal is too weak")
	ErrEvaluate = errors.New("a tag is not what Argon2id gives for its nonce")
)

// Checked is a proof that passed every check but Argon2id.
type Checked struct {
	params    Params
	digest    [32]byte
	subProofs []SubProof
	identity  [16]byte
	sealBits  int
}

// SealBits is the strength of the seal: how many zero bits it begins with.
func (c *Checked) SealBits() int { return c.sealBits }

// Digest identifies the sub-proofs together with their challenge, for whoever
// remembers failures. The seal has no part in it: a lie that is sealed anew is
// the same lie.
func (c *Checked) Digest() [16]byte { return c.identity }

// Check does everything that costs microseconds: count, order of nonces,
// targets, seal. A proof that passes may still be a forgery. Errors: ErrCount,
// ErrOrder, ErrTarget, ErrSeal, and those of Challenge.Validate.
//
// One target is looked at before the seal. It is the cheapest to compute, so
// noise is refused at the least cost; and a proof of another challenge, whose
// seal is wrong as well, is told so, where ErrSeal is left to mean that the
// seal has to be ground again and the work is good.
func Check(c Challenge, p Proof, sealBits int) (*Checked, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := inOrder(p.SubProofs, int(c.SubProofs)); err != nil {
		return nil, err
	}
	digest, share := c.Digest(), c.share()
	if !meets(&digest, &p.SubProofs[0], share) {
		return nil, ErrTarget
	}
	sealer := newSealer(&digest, p.SubProofs)
	strength := sealer.strength(p.Seal)
	if strength < sealBits {
		return nil, fmt.Errorf("%w: %d zero bits are needed", ErrSeal, sealBits)
	}
	for i := 1; i < len(p.SubProofs); i++ {
		if !meets(&digest, &p.SubProofs[i], share) {
			return nil, ErrTarget
		}
	}
	return &Checked{params: c.Params, digest: digest, subProofs: p.SubProofs, identity: sealer.identity(), sealBits: strength}, nil
}

// inOrder tells what is wrong with the number or the nonces of the sub-proofs.
func inOrder(found []SubProof, k int) error {
	if len(found) != k {
		return fmt.Errorf("%w: %d", ErrCount, k)
	}
	for i := 1; i < k; i++ {
		if found[i-1].Nonce >= found[i].Nonce {
			return ErrOrder
		}
	}
	return nil
}

// Evaluate runs Argon2id over the sub-proofs in the order given (indexes of
// them, each once: a verifier draws it at random, so that a forger does not know
// which of his lies is looked at first) and stops at the first lie. It costs
// milliseconds, and memory as the parameters say. Errors: ErrEvaluate, and that
// of the context.
func (c *Checked) Evaluate(ctx context.Context, order []int) error {
	if !permutation(order, len(c.subProofs)) {
		return fmt.Errorf("pow: %v is no order of %d sub-proofs", order, len(c.subProofs))
	}
	for _, i := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !c.params.evaluates(&c.digest, &c.subProofs[i]) {
			return ErrEvaluate
		}
	}
	return nil
}

// permutation tells whether order holds each of 0..n-1 once. An index that were
// missing would let a lie through.
func permutation(order []int, n int) bool {
	var seen uint64 // n is at most MaxSubProofs
	for _, i := range order {
		if i < 0 || i >= n {
			return false
		}
		seen |= 1 << i
	}
	return len(order) == n && seen == 1<<n-1
}

// evaluates tells whether the tag of a sub-proof is true.
func (p Params) evaluates(digest *[32]byte, s *SubProof) bool {
	tag := p.tag(digest, s.Nonce)
	return subtle.ConstantTimeCompare(tag[:], s.Tag[:]) == 1
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

func newSealer(digest *[32]byte, found []SubProof) (s sealer) {
	text := append(make([]byte, 0, len(sealLabel)+32+MaxSubProofs*subProofSize), sealLabel...)
	text = append(text, digest[:]...)
	inner := blake2b.Sum256(appendSubProofs(text, found))
	copy(s.text[:], inner[:])
	return s
}

// sealLabel begins the text that is sealed.
const sealLabel = "seal"

// identity is made of the hash that seals are ground over.
func (s *sealer) identity() [16]byte { return [16]byte(s.text[:16]) }

// strength counts the zero bits that seal s begins with.
func (s *sealer) strength(seal uint64) int {
	binary.BigEndian.PutUint64(s.text[32:], seal)
	sum := blake2b.Sum256(s.text[:])
	return bits.LeadingZeros64(binary.BigEndian.Uint64(sum[:]))
}
