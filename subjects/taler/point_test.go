package taler

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestJacobiAgainstBig(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := func(name string) *big.Int { // all sizes up to 256 bits
			return new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 32).Draw(t, name))
		}
		a, n := number("a"), number("n")
		n.SetBit(n, 0, 1)
		if got, want := jacobi(limbsOf(a), limbsOf(n)), big.Jacobi(a, n); got != want {
			t.Fatalf("(%d/%d) = %d, want %d", a, n, got, want)
		}
	})
}

// TestJacobiSmall covers common divisors, which random numbers rarely have,
// and numbers whose lowest limb is zero.
func TestJacobiSmall(t *testing.T) {
	t.Parallel()
	for n := int64(1); n < 200; n += 2 {
		for a := int64(0); a < 200; a++ {
			for _, shift := range []uint{0, 63, 64, 127, 128, 200} {
				x, y := new(big.Int).Lsh(big.NewInt(a), shift), big.NewInt(n)
				if got, want := jacobi(limbsOf(x), limbsOf(y)), big.Jacobi(x, y); got != want {
					t.Fatalf("(%d/%d) = %d, want %d", x, y, got, want)
				}
			}
		}
	}
}
