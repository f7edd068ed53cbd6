package wire

// Crockford is the alphabet of subjects that may hold letters, in the order of
// its values 0 to 31. It leaves out I, L, O and U.
const Crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// noSymbol marks bytes that are no symbol of the alphabet.
const noSymbol = 0xFF

var crockfordValues = makeCrockfordValues()

// makeCrockfordValues reads any case and the look-alikes as Taler's base32
// does: O as 0, I and L as 1, U as V.
func makeCrockfordValues() (values [256]byte) {
	for i := range values {
		values[i] = noSymbol
	}
	set := func(c, value byte) { values[c], values[c|0x20] = value, value }
	for value := range len(Crockford) {
		set(Crockford[value], byte(value))
	}
	set('O', 0)
	set('I', 1)
	set('L', 1)
	set('U', 27)
	return values
}

// CrockfordValues appends the values of the symbols to dst. It is false when
// one is no ASCII letter or digit, which are all read.
func CrockfordValues(dst []byte, symbols []byte) ([]byte, bool) {
	for _, c := range symbols {
		value := crockfordValues[c]
		if value == noSymbol {
			return dst, false
		}
		dst = append(dst, value)
	}
	return dst, true
}

// CrockfordText appends the symbols of values, which must be below 32.
func CrockfordText(dst []byte, values ...byte) []byte {
	for _, value := range values {
		dst = append(dst, Crockford[value])
	}
	return dst
}

// reedSolomonField is GF(32) with the primitive polynomial x^5 + x^3 + 1 and
// alpha = x.
var reedSolomonField = makeField(0b101001)

// field holds the powers of alpha (twice, so that sums of two logarithms need
// no reduction) and the logarithms.
type field struct{ exp, log [64]byte }

func makeField(polynomial int) (f field) {
	for i, x := 0, 1; i < 62; i++ {
		f.exp[i] = byte(x)
		if i < 31 {
			f.log[x] = byte(i)
		}
		if x <<= 1; x >= 32 {
			x ^= polynomial
		}
	}
	return f
}

func (f *field) multiply(a, b byte) byte {
	if a == 0 || b == 0 {
		return 0
	}
	return f.exp[f.log[a]+f.log[b]]
}

// ReedSolomon returns k check values over GF(32) for values below 32: the
// remainder of the systematic code whose generator has the roots alpha^1 to
// alpha^k. Data and check together must not exceed 31 values.
//
// Up to k wrong values, and the swap of any two, are always revealed; k random
// ones pass with probability 2^-5k. The code could correct errors; here it never
// does, since a guess would send money to somebody.
func ReedSolomon(values []byte, k int) []byte {
	f := &reedSolomonField
	generator := rsGenerator(k)
	remainder := make([]byte, k) // highest power first
	for _, value := range values {
		factor := value ^ remainder[0]
		copy(remainder, remainder[1:])
		remainder[k-1] = 0
		for i := range remainder {
			remainder[i] ^= f.multiply(factor, generator[i])
		}
	}
	return remainder
}

// rsGenerator returns the product of (x - alpha^i) for i from 1 to k, highest
// power first, without the leading 1.
func rsGenerator(k int) []byte {
	f := &reedSolomonField
	generator := make([]byte, 0, k+1)
	generator = append(generator, 1)
	for i := 1; i <= k; i++ {
		root := f.exp[i]
		generator = append(generator, 0)
		for j := len(generator) - 1; j > 0; j-- {
			generator[j] ^= f.multiply(generator[j-1], root)
		}
	}
	return generator[1:]
}
