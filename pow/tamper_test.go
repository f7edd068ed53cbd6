package pow

import (
	"context"
	"errors"
	"testing"
)

// TestBoundFields: a proof is worth nothing once anything that it is bound to is
// another. Nothing of that is found out at the cost of an evaluation.
func TestBoundFields(t *testing.T) {
	t.Parallel()
	p := solved(t, testChallenge())
	for name, change := range map[string]func(*Challenge){
		"another key":         func(c *Challenge) { c.AuthorizationPub[31] ^= 1 },
		"another account":     func(c *Challenge) { c.Realm[0] ^= 0x80 },
		"the next day":        func(c *Challenge) { c.Epoch++ },
		"the day before":      func(c *Challenge) { c.Epoch-- },
		"another salt":        func(c *Challenge) { c.Salt[15] ^= 1 },
		"a lower claim":       func(c *Challenge) { c.Difficulty-- },
		"a much lower claim":  func(c *Challenge) { c.Difficulty = 1 },
		"a higher claim":      func(c *Challenge) { c.Difficulty++ },
		"more memory":         func(c *Challenge) { c.MemoryKiB++ },
		"as much memory used": func(c *Challenge) { c.MemoryKiB += 3 }, // Argon2id rounds down to 8
		"another pass":        func(c *Challenge) { c.Time++ },
	} {
		c := testChallenge()
		change(&c)
		if _, err := Check(c, p, testSealBits); !errors.Is(err, ErrTarget) && !errors.Is(err, ErrSeal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEveryBitOfTheChallenge: each bit of what is hashed into C makes another C.
func TestEveryBitOfTheChallenge(t *testing.T) {
	t.Parallel()
	seen := map[[32]byte]string{}
	add := func(name string, c Challenge) {
		digest := c.Digest()
		if other, twice := seen[digest]; twice {
			t.Errorf("%s and %s have the same digest", name, other)
		}
		seen[digest] = name
	}
	add("none", testChallenge())
	flip := func(name string, bits int, change func(c *Challenge, bit int)) {
		for bit := range bits {
			c := testChallenge()
			change(&c, bit)
			add(name, c)
		}
	}
	flip("memory", 32, func(c *Challenge, bit int) { c.MemoryKiB ^= 1 << bit })
	flip("time", 32, func(c *Challenge, bit int) { c.Time ^= 1 << bit })
	flip("sub-proofs", 8, func(c *Challenge, bit int) { c.SubProofs ^= 1 << bit })
	flip("realm", 256, func(c *Challenge, bit int) { c.Realm[bit/8] ^= 1 << (bit % 8) })
	flip("epoch", 32, func(c *Challenge, bit int) { c.Epoch ^= 1 << bit })
	flip("salt", 128, func(c *Challenge, bit int) { c.Salt[bit/8] ^= 1 << (bit % 8) })
	flip("key", 256, func(c *Challenge, bit int) { c.AuthorizationPub[bit/8] ^= 1 << (bit % 8) })
	flip("difficulty", 64, func(c *Challenge, bit int) { c.Difficulty ^= 1 << bit })
	if len(seen) != 1+32+32+8+256+32+128+256+64 {
		t.Errorf("%d digests", len(seen))
	}
}

// TestEveryBitOfTheProof: a proof with one bit flipped is refused, for what is
// wrong with it.
func TestEveryBitOfTheProof(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	p := solved(t, c)
	raw, err := encoding.DecodeString(p.String())
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(raw) * 8 {
		raw[bit/8] ^= 1 << (bit % 8)
		bad, err := ParseProof(encoding.EncodeToString(raw), c.SubProofs)
		raw[bit/8] ^= 1 << (bit % 8)
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(context.Background(), c, bad, testSealBits); !isOneOf(err, ErrOrder, ErrTarget, ErrSeal) {
			t.Errorf("bit %d: %v", bit, err)
		}
	}
}

func isOneOf(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// TestEveryByteOfTheText: no symbol of the text can be another.
func TestEveryByteOfTheText(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	text := []byte(solved(t, c).String())
	for i, was := range text {
		for _, symbol := range []byte{'A', 'B', '_', '=', '\n', '+', 0, 0xFF} {
			if symbol == was {
				continue
			}
			text[i] = symbol
			proof, err := ParseProof(string(text), c.SubProofs)
			if err == nil {
				err = Verify(context.Background(), c, proof, testSealBits)
			}
			if !isOneOf(err, ErrEncoding, ErrOrder, ErrTarget, ErrSeal) {
				t.Errorf("%q at %d: %v", symbol, i, err)
			}
			text[i] = was
		}
	}
}
