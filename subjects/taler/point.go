package taler

import (
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"math/bits"
	"slices"
)

// The constants of edwards25519, RFC 8032 section 5.1: the field prime
// p = 2^255 - 19 and the curve constant d = -121665/121666 mod p.
var (
	one    = big.NewInt(1)
	prime  = new(big.Int).Sub(new(big.Int).Lsh(one, 255), big.NewInt(19))
	curveD = makeCurveD()
)

func makeCurveD() *big.Int {
	d := new(big.Int).ModInverse(big.NewInt(121666), prime)
	d.Mul(d, big.NewInt(-121665))
	return d.Mod(d, prime)
}

// Valid tells whether the bytes are the canonical encoding of a point of the
// curve, by the decoding rules of RFC 8032 section 5.1.3:
//
//  1. The lowest 255 bits, little-endian, are y, the top bit is the sign of x;
//     y >= p is no canonical encoding.
//  2. The curve equation -x^2 + y^2 = 1 + d x^2 y^2 gives x^2 = u/v with
//     u = y^2 - 1 and v = d y^2 + 1. A point exists when u/v has a square
//     root. v is never zero, since -1 is a square modulo p and d is not; so
//     u/v = uv / v^2 is a square exactly when uv is, which the Jacobi symbol
//     tells without computing the root.
//  3. If x = 0 (u = 0) the sign bit must be 0.
//
// It is a weak protection against typing errors, every second of which gives
// another point. The eight points of small order are refused: nobody owns such
// a key, since anybody can make signatures that fit it.
func (k EddsaPublicKey) Valid() bool {
	if k.smallOrder() {
		return false
	}
	negative := k[31]&0x80 != 0
	k[31] &^= 0x80
	for i := range len(k) / 2 { // big.Int reads big-endian
		k[i], k[31-i] = k[31-i], k[i]
	}
	y := new(big.Int).SetBytes(k[:])
	if y.Cmp(prime) >= 0 {
		return false
	}
	square := y.Mul(y, y)
	square.Mod(square, prime)
	v := new(big.Int).Mul(square, curveD)
	v.Add(v, one)
	u := square.Sub(square, one)
	if u.Sign() == 0 {
		return !negative
	}
	v.Mul(v, u)
	return jacobi(limbsOf(v.Mod(v, prime)), limbsOf(prime)) == 1
}

// smallOrderY are the y coordinates of the points whose order divides 8, in the
// byte order of keys: 0 (order 4), 1 (the neutral element), p-1 (order 2), and
// the two of order 8. The points differ otherwise only in the sign of x.
var smallOrderY = []EddsaPublicKey{
	{},
	{0: 1},
	pointY("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
	pointY("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
	pointY("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
}

func pointY(s string) (k EddsaPublicKey) {
	if n, err := hex.Decode(k[:], []byte(s)); err != nil || n != len(k) {
		panic("taler: bad constant " + s)
	}
	return k
}

func (k EddsaPublicKey) smallOrder() bool {
	k[31] &^= 0x80 // the sign of x
	return slices.Contains(smallOrderY, k)
}

// limbs is a number below 2^256, lowest limb first.
type limbs [4]uint64

func limbsOf(n *big.Int) limbs {
	var b [32]byte
	n.FillBytes(b[:])
	return limbs{
		binary.BigEndian.Uint64(b[24:]), binary.BigEndian.Uint64(b[16:]),
		binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint64(b[:]),
	}
}

// jacobi returns the Jacobi symbol (a/n) of an odd n > 0: for a prime n, 1 when
// a is a non-zero square modulo n, -1 when it is no square, 0 when n divides a.
// It is the binary form of the algorithm, because big.Jacobi divides and
// allocates at every one of some 75 steps, and every key of every incoming
// text passes here.
func jacobi(a, n limbs) int {
	symbol := 1
	for a != (limbs{}) {
		// (2/n) is -1 exactly for n = 3 or 5 modulo 8.
		if twos := a.dropTwos(); twos%2 == 1 && (n[0]%8 == 3 || n[0]%8 == 5) {
			symbol = -symbol
		}
		difference, negative := a.minus(n)
		if negative {
			// Quadratic reciprocity: swapping two odd numbers changes the
			// sign exactly when both are 3 modulo 4.
			if a[0]%4 == 3 && n[0]%4 == 3 {
				symbol = -symbol
			}
			difference, _ = n.minus(a)
			n = a
		}
		a = difference
	}
	if n != (limbs{1}) {
		return 0 // a common divisor
	}
	return symbol
}

// dropTwos divides the number, which is not zero, by two until it is odd, and
// returns how often.
func (a *limbs) dropTwos() int {
	twos := 0
	for a[0]%2 == 0 {
		k := min(bits.TrailingZeros64(a[0]), 63)
		for i := range 3 {
			a[i] = a[i]>>k | a[i+1]<<(64-k)
		}
		a[3] >>= k
		twos += k
	}
	return twos
}

// minus returns a - b modulo 2^256, and whether a is smaller than b.
func (a limbs) minus(b limbs) (difference limbs, negative bool) {
	var borrow uint64
	for i := range a {
		difference[i], borrow = bits.Sub64(a[i], b[i], borrow)
	}
	return difference, borrow != 0
}
