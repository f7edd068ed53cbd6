package subjects

import (
	"bytes"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func testKey(b byte) []byte { return bytes.Repeat([]byte{b}, permutationKeySize) }

// Bijective by exhaustion: every slot has exactly one image, for sizes around
// the corners of the construction (perfect squares, one more, one less, primes).
func TestS4_PermutationIsBijective(t *testing.T) {
	t.Parallel()
	for _, size := range []uint64{1, 2, 3, 4, 5, 8, 9, 10, 15, 16, 17, 97, 99, 100, 101, 1000, 1023, 1024, 1025, 32768, 99991, 1_000_000} {
		for key := byte(0); key < 3; key++ {
			p, err := newPermutation(testKey(key), size)
			if err != nil {
				t.Fatal(err)
			}
			seen := make([]bool, size)
			for i := range size {
				image := p.apply(i)
				if image >= size || seen[image] {
					t.Fatalf("size %d key %d: image %d of %d is out of range or taken", size, key, image, i)
				}
				seen[image] = true
			}
		}
	}
}

func TestS4_PermutationOfLargeSpaces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Uint64Range(1<<40, math.MaxInt64).Draw(t, "size")
		p, err := newPermutation(testKey(7), size)
		if err != nil {
			t.Fatal(err)
		}
		x := rapid.Uint64Range(0, size-1).Draw(t, "x")
		y := rapid.Uint64Range(0, size-1).Draw(t, "y")
		if p.apply(x) >= size || (x != y) == (p.apply(x) == p.apply(y)) {
			t.Fatalf("not injective on [0,%d) at %d and %d", size, x, y)
		}
	})
}

// Neighbours must not stay neighbours, and two keys must not agree: otherwise
// typing errors land on live subjects and the order can be guessed.
func TestS4_PermutationSpreads(t *testing.T) {
	t.Parallel()
	const size = 1_000_000_000_000
	p, _ := newPermutation(testKey(1), size)
	q, _ := newPermutation(testKey(2), size)
	near, same := 0, 0
	for i := uint64(0); i < 10_000; i++ {
		distance := int64(p.apply(i)) - int64(p.apply(i+1))
		if distance < 1000 && distance > -1000 {
			near++
		}
		if p.apply(i) == q.apply(i) {
			same++
		}
	}
	if near > 2 || same > 1 {
		t.Fatalf("%d neighbours stayed near, %d images are the same under two keys", near, same)
	}
}

func TestPermutationRefusesBadKeysAndSizes(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"short key":  second(newPermutation([]byte("short"), 10)),
		"empty size": second(newPermutation(testKey(0), 0)),
		"huge size":  second(newPermutation(testKey(0), math.MaxUint64)),
	} {
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func BenchmarkPermutation(b *testing.B) {
	p, _ := newPermutation(testKey(1), 1_000_000_000_000_000_000)
	for i := range b.N {
		p.apply(uint64(i))
	}
}
