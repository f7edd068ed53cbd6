package pow

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
)

// SubProof is one nonce with what Argon2id makes of it.
type SubProof struct {
	Nonce uint64
	Tag   Tag
}

// subProofSize and sealSize are what they take in an encoded proof, in bytes.
const (
	subProofSize = 8 + len(Tag{})
	sealSize     = 8
)

// Proof is the solution of a challenge.
type Proof struct {
	SubProofs []SubProof // nonces strictly increasing
	Seal      uint64     // s
}

// ErrEncoding means a text that is no proof. The error says what it must be.
var ErrEncoding = errors.New("the solution is not well-formed")

// encoding is base64url without padding (RFC 4648 section 5). Strict: a text with
// loose bits in its last symbol would be a second spelling of one proof.
var encoding = base64.RawURLEncoding.Strict()

// ParseProof reads a proof of k sub-proofs: each nonce as eight bytes,
// big-endian, with its 16 bytes of tag, then s as eight bytes, all in base64url
// without padding. Errors: ErrEncoding.
func ParseProof(text string, k uint8) (Proof, error) {
	if k > MaxSubProofs {
		return Proof{}, fmt.Errorf("%w: no proof has %d sub-proofs", ErrEncoding, k)
	}
	size := int(k)*subProofSize + sealSize
	if len(text) != encoding.EncodedLen(size) {
		return Proof{}, fmt.Errorf("%w: write %d bytes as %d characters of base64url", ErrEncoding, size, encoding.EncodedLen(size))
	}
	var raw [MaxSubProofs*subProofSize + sealSize]byte
	// The decoder skips line breaks, which would be another spelling again; the
	// number of bytes gives them away.
	n, err := encoding.Decode(raw[:], []byte(text))
	if err != nil || n != size {
		return Proof{}, fmt.Errorf("%w: write base64url without padding (RFC 4648 section 5)", ErrEncoding)
	}
	p := Proof{SubProofs: make([]SubProof, k)}
	rest := raw[:size]
	for i := range p.SubProofs {
		p.SubProofs[i] = SubProof{Nonce: binary.BigEndian.Uint64(rest), Tag: Tag(rest[8:subProofSize])}
		rest = rest[subProofSize:]
	}
	p.Seal = binary.BigEndian.Uint64(rest)
	return p, nil
}

// String encodes the proof as ParseProof reads it.
func (p Proof) String() string {
	raw := make([]byte, 0, len(p.SubProofs)*subProofSize+sealSize)
	return encoding.EncodeToString(binary.BigEndian.AppendUint64(appendSubProofs(raw, p.SubProofs), p.Seal))
}

func appendSubProofs(b []byte, found []SubProof) []byte {
	for i := range found {
		b = binary.BigEndian.AppendUint64(b, found[i].Nonce)
		b = append(b, found[i].Tag[:]...)
	}
	return b
}
