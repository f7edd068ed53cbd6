package subjects

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"math"
)

// permutationKeySize is the length of a generation's secret in bytes (AES-256).
const permutationKeySize = 32

// permutationRounds is generous: the attack to withstand is the guessing of
// neighbours by people who see a few subjects, and typing errors that land on
// them, not a chosen-plaintext attack.
const permutationRounds = 10

// permutation is a keyed bijection of [0, size): the generalised Feistel cipher
// of Black and Rogaway ("Ciphers with Arbitrary Finite Domains", 2002, section
// 5) over Z_a x Z_b with a*b >= size, AES as round function, and cycle walking
// for the values between size and a*b. Since b < 2*a and a*b < size + b, fewer
// than two walks are expected.
type permutation struct {
	size, a, b uint64
	block      cipher.Block
}

func newPermutation(key []byte, size uint64) (*permutation, error) {
	if len(key) != permutationKeySize {
		return nil, fmt.Errorf("permutation key has %d bytes, %d are needed", len(key), permutationKeySize)
	}
	if size == 0 || size > math.MaxInt64 {
		return nil, fmt.Errorf("a space of %d slots cannot be permuted", size)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	a := ceilSqrt(size)
	return &permutation{size: size, a: a, b: (size + a - 1) / a, block: block}, nil
}

// apply returns the image of index, which must be below size.
func (p *permutation) apply(index uint64) uint64 {
	for {
		index = p.encrypt(index)
		if index < p.size {
			return index
		}
	}
}

// encrypt permutes [0, a*b).
func (p *permutation) encrypt(x uint64) uint64 {
	left, right := x%p.a, x/p.a
	for round := byte(0); round < permutationRounds; round += 2 {
		left = addMod(left, p.round(round, right)%p.a, p.a)
		right = addMod(right, p.round(round+1, left)%p.b, p.b)
	}
	return right*p.a + left
}

func (p *permutation) round(round byte, half uint64) uint64 {
	var block [aes.BlockSize]byte
	block[0] = round
	binary.BigEndian.PutUint64(block[8:], half)
	p.block.Encrypt(block[:], block[:])
	return binary.BigEndian.Uint64(block[:8])
}

// addMod needs x, y < m <= 2^32 or so; the halves of an int64 space are.
func addMod(x, y, m uint64) uint64 { return (x + y) % m }

// ceilSqrt returns the smallest r with r*r >= n, correcting the rounding of
// floating point.
func ceilSqrt(n uint64) uint64 {
	r := uint64(math.Sqrt(float64(n)))
	for r*r < n {
		r++
	}
	for r > 1 && (r-1)*(r-1) >= n {
		r--
	}
	return r
}
