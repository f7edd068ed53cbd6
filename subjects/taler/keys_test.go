package taler

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// publishedKeys stand in the test data of other Taler programs. All of them are
// points of the curve, spelled canonically.
var publishedKeys = []string{
	"4MZT6RS3RVB3B0E2RDMYW0YRA3Y0VPHYV0CYDE6XBB0YMPFXCEG0",
	"NDDCAM9XN4HJZFTBD8V6FNE2FJE8GY734PJ5AGQMY06C8D4HB3Z0",
	"00Q979QSMJ29S7BJT3DDAVC5A0DR5Z05B7N0QT1RCBQ8FXJPZ6RG",
	"G1XTY6HGWGMVRM7E6XQ4JHJK561ETFDFTJZ7JVGV543XZCB27YBG",
	"FJDQ7W6G7NWX4H9M1MKA12090FRC9K7DA6N0FANDZZFXTR6QHX5G",
	"TEGY6D9MH9PGWVWPGS0Z0095Z854XEGFY7JJ202YD0ESP8P0ZA60",
	"KYCVEEXTBXBEMCS5R64C24GFNQVWBN5R2F9QSQ7PN8QXAP1NG4NG",
	"JW398X85FWPKKMS0EYB6TQ1799RMY5DDXTZFPW4YC3WJ2DWSJT70",
}

func TestParseEddsaPublicKeyPublished(t *testing.T) {
	t.Parallel()
	for _, s := range publishedKeys {
		key, err := ParseEddsaPublicKey(s)
		if err != nil || !key.Valid() {
			t.Errorf("%s: %v, valid %v", s, err, key.Valid())
		}
		if key.String() != s {
			t.Errorf("%s prints as %s", s, key)
		}
	}
}

// littleEndian32 returns n as 32 bytes, lowest first, as RFC 8032 encodes
// coordinates.
func littleEndian32(n *big.Int) (key EddsaPublicKey) {
	n.FillBytes(key[:])
	for i := range 16 {
		key[i], key[31-i] = key[31-i], key[i]
	}
	return key
}

func TestValid(t *testing.T) {
	t.Parallel()
	plus := func(n int64) *big.Int { return new(big.Int).Add(prime, big.NewInt(n)) }
	signed := func(k EddsaPublicKey) EddsaPublicKey { k[31] |= 0x80; return k }
	tests := []struct {
		name string
		key  EddsaPublicKey
		want bool
	}{
		{"y = 0, a point of order 4, is nobody's", littleEndian32(big.NewInt(0)), false},
		{"y = 0, other sign", signed(littleEndian32(big.NewInt(0))), false},
		{"y = 1, the neutral point, is nobody's", littleEndian32(big.NewInt(1)), false},
		{"y = 1 with a sign although x = 0", signed(littleEndian32(big.NewInt(1))), false},
		{"y = -1, of order 2, is nobody's", littleEndian32(plus(-1)), false},
		{"y = -1 with a sign although x = 0", signed(littleEndian32(plus(-1))), false},
		{"y = 2 is on no point", littleEndian32(big.NewInt(2)), false},
		{"y = p is not canonical", littleEndian32(plus(0)), false},
		{"y = p + 1 is not canonical", littleEndian32(plus(1)), false},
		{"y = 2^255 - 1 is not canonical", littleEndian32(plus(18)), false},
	}
	for _, tt := range tests {
		if got := tt.key.Valid(); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// TestValidAgainstSquareRoot compares the Jacobi symbol with the square root
// that math/big finds, or does not find, for x^2 = u/v.
func TestValidAgainstSquareRoot(t *testing.T) {
	t.Parallel()
	seen := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		bytes := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "bytes")
		bytes[0] &= 0x3f // y below 2^254, hence below p
		y := new(big.Int).SetBytes(bytes)
		square := new(big.Int).Mul(y, y)
		u := new(big.Int).Sub(square, one)
		v := new(big.Int).Mul(square, curveD)
		v.ModInverse(v.Add(v, one), prime)
		x2 := u.Mul(u, v)
		onCurve := new(big.Int).ModSqrt(x2.Mod(x2, prime), prime) != nil
		if got := littleEndian32(y).Valid(); got != onCurve {
			t.Fatalf("Valid %v, square root exists %v", got, onCurve)
		}
		seen[onCurve]++
	})
	if seen[true] == 0 || seen[false] == 0 {
		t.Errorf("the random keys were all of one kind: %v", seen)
	}
}

// TestTypingErrorsOftenGiveKeys holds what the documentation of Valid says: a
// key without a check does not notice typing errors.
func TestTypingErrorsOftenGiveKeys(t *testing.T) {
	t.Parallel()
	key := []byte(publishedKeys[0])
	accepted, tried := 0, 0
	for i := range len(key) - 1 { // surplus bits make the last symbol special
		for _, symbol := range []byte(base32Alphabet) {
			if symbol == key[i] {
				continue
			}
			typed := append([]byte(nil), key...)
			typed[i] = symbol
			tried++
			if _, err := ParseEddsaPublicKey(string(typed)); err == nil {
				accepted++
			}
		}
	}
	if tried != 51*31 || accepted < tried*45/100 || accepted > tried*55/100 {
		t.Errorf("%d of %d typing errors give another key, want about half", accepted, tried)
	}
}

// TestVerify uses RFC 8032 section 7.1, test 2.
func TestVerify(t *testing.T) {
	t.Parallel()
	var key EddsaPublicKey
	var sig EddsaSignature
	mustHex(t, key[:], "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
	mustHex(t, sig[:], "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"+
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
	if !key.Verify([]byte{0x72}, sig) {
		t.Error("the signature of RFC 8032 is refused")
	}
	if key.Verify([]byte{0x73}, sig) {
		t.Error("the signature passes for another message")
	}
	sig[0] ^= 1
	if key.Verify([]byte{0x72}, sig) {
		t.Error("a changed signature passes")
	}
	off := littleEndian32(big.NewInt(2))
	if off.Verify([]byte{0x72}, sig) {
		t.Error("a key off the curve verifies a signature")
	}
}

func mustHex(t *testing.T, dst []byte, s string) {
	t.Helper()
	if n, err := hex.Decode(dst, []byte(s)); err != nil || n != len(dst) {
		t.Fatalf("test data: %d bytes, %v", n, err)
	}
}

func TestGeneratedKeysAreValid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")
		private := ed25519.NewKeyFromSeed(seed)
		key := EddsaPublicKey(private.Public().(ed25519.PublicKey))
		parsed, err := ParseEddsaPublicKey(key.String())
		if err != nil || parsed != key {
			t.Fatalf("%s: %s, %v", key, parsed, err)
		}
		message := rapid.SliceOf(rapid.Byte()).Draw(t, "message")
		if !key.Verify(message, EddsaSignature(ed25519.Sign(private, message))) {
			t.Fatal("own signature refused")
		}
	})
}

func TestParseEddsaPublicKeyRefusals(t *testing.T) {
	t.Parallel()
	key := publishedKeys[0]
	tests := []struct {
		name, text string
		want       error
	}{
		{"empty", "", ErrBase32},
		{"51 symbols", key[1:], ErrBase32},
		{"53 symbols", key + "0", ErrBase32},
		{"prefix", "KYC" + key, ErrBase32},
		{"blank inside", key[:20] + " " + key[21:], ErrBase32},
		{"31 bytes", EncodeBase32(make([]byte, 31)), ErrBase32},
		{"off the curve", littleEndian32(big.NewInt(2)).String(), ErrKeyInvalid},
		{"not canonical", littleEndian32(prime).String(), ErrKeyInvalid},
	}
	for _, tt := range tests {
		got, err := ParseEddsaPublicKey(tt.text)
		if !errors.Is(err, tt.want) || !got.IsZero() {
			t.Errorf("%s: %s, %v, want %v", tt.name, got, err, tt.want)
		}
		var unmarshalled EddsaPublicKey
		if err := unmarshalled.UnmarshalText([]byte(tt.text)); !errors.Is(err, tt.want) {
			t.Errorf("%s: UnmarshalText gives %v", tt.name, err)
		}
	}
}

// TestIdentifiers sends one value of every other type through JSON and refuses
// lengths that are one byte off.
func TestIdentifiers(t *testing.T) {
	t.Parallel()
	type all struct {
		Sig   EddsaSignature
		Hash  HashCode
		Short ShortHashCode
		Wad   WadID
	}
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "data")
		in := all{EddsaSignature(data), HashCode(data), ShortHashCode(data[:32]), WadID(data[:wadIDSize])}
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var out all
		if err := json.Unmarshal(text, &out); err != nil || out != in {
			t.Fatalf("%s comes back as %+v, %v", text, out, err)
		}
	})
	parsers := map[string]struct {
		size  int
		parse func(string) (interface{ IsZero() bool }, error)
	}{
		"signature": {64, func(s string) (interface{ IsZero() bool }, error) { return ParseEddsaSignature(s) }},
		"hash":      {64, func(s string) (interface{ IsZero() bool }, error) { return ParseHashCode(s) }},
		"short":     {32, func(s string) (interface{ IsZero() bool }, error) { return ParseShortHashCode(s) }},
		"wad":       {wadIDSize, func(s string) (interface{ IsZero() bool }, error) { return ParseWadID(s) }},
	}
	for name, p := range parsers {
		for _, size := range []int{0, p.size - 1, p.size + 1} {
			data := make([]byte, size)
			for i := range data {
				data[i] = 0xff
			}
			if got, err := p.parse(EncodeBase32(data)); !errors.Is(err, ErrBase32) || !got.IsZero() {
				t.Errorf("%s of %d bytes: %v, %v", name, size, got, err)
			}
		}
		if _, err := p.parse("I love chocolate"); !errors.Is(err, ErrBase32) {
			t.Errorf("%s of chocolate: %v", name, err)
		}
	}
}

func BenchmarkValid(b *testing.B) {
	key, err := ParseEddsaPublicKey(publishedKeys[0])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		key.Valid()
	}
}

func BenchmarkParseEddsaPublicKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseEddsaPublicKey(publishedKeys[0]); err != nil {
			b.Fatal(err)
		}
	}
}
