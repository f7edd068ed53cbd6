package taler

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestBase32Vectors(t *testing.T) {
	t.Parallel()
	counting := make([]byte, 32)
	for i := range counting {
		counting[i] = byte(i)
	}
	tests := []struct {
		data []byte
		want string
	}{
		{nil, ""},
		{[]byte{0xff}, "ZW"},
		{make([]byte, 32), strings.Repeat("0", 52)},
		{counting, "000G40R40M30E209185GR38E1W8124GK2GAHC5RR34D1P70X3RFG"},
		{bytes.Repeat([]byte{0xff}, 64), strings.Repeat("Z", 102) + "R"},
	}
	for _, tt := range tests {
		if got := EncodeBase32(tt.data); got != tt.want {
			t.Errorf("%x encodes to %s, want %s", tt.data, got, tt.want)
		}
		got, err := DecodeBase32(tt.want, len(tt.data))
		if err != nil || !bytes.Equal(got, tt.data) {
			t.Errorf("%s decodes to %x, %v", tt.want, got, err)
		}
	}
}

// TestBase32LookAlikes holds the readings of GNUnet: O is 0, I and L are 1, U
// is V, in both cases.
func TestBase32LookAlikes(t *testing.T) {
	t.Parallel()
	want, err := DecodeBase32("01ABCDEFGHJKMNPQRSTVWXYZ0011111V", 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"OIABCDEFGHJKMNPQRSTUWXYZOoIiLl1U",
		"oiabcdefghjkmnpqrstuwxyzoOiIlL1u",
		"0labcdefghjkmnpqrstvwxyz0011111v",
	} {
		got, err := DecodeBase32(s, 20)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s decodes to %x, %v, want %x", s, got, err, want)
		}
	}
}

// TestBase32SurplusBits holds that the last symbol of a 52-symbol key has 16
// spellings: its four lowest bits are beyond the 32 bytes.
func TestBase32SurplusBits(t *testing.T) {
	t.Parallel()
	key := publishedKeys[0] // ends in 0
	want, err := DecodeBase32(key, 32)
	if err != nil {
		t.Fatal(err)
	}
	same := ""
	for _, last := range base32Alphabet {
		got, err := DecodeBase32(key[:51]+string(last), 32)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(got, want) {
			same += string(last)
		}
	}
	if same != "0123456789ABCDEF" {
		t.Errorf("spellings of the last symbol: %s", same)
	}
}

func TestDecodeBase32Refusals(t *testing.T) {
	t.Parallel()
	key := publishedKeys[0]
	tests := []struct {
		name, text string
		n          int
	}{
		{"too short", key[1:], 32},
		{"too long", key + "0", 32},
		{"empty", "", 32},
		{"negative size", "", -1},
		{"size whose bits overflow", "00", 1 << 62},
		{"largest size", key, int(^uint(0) >> 1)},
		{"one symbol is no byte", "0", 0},
		{"hyphen in a whole group", key[:9] + "-" + key[10:], 32},
		{"blank in the last group", key[:51] + " ", 32},
		{"byte beyond ASCII", key[:20] + "\xc3" + key[21:], 32},
		{"zero byte", key[:20] + "\x00" + key[21:], 32},
	}
	for _, tt := range tests {
		if got, err := DecodeBase32(tt.text, tt.n); !errors.Is(err, ErrBase32) || got != nil {
			t.Errorf("%s: %x, %v", tt.name, got, err)
		}
	}
}

// TestBase32SymbolTable checks every byte value against a reading of the rules
// that does not use the table.
func TestBase32SymbolTable(t *testing.T) {
	t.Parallel()
	lookAlikes := strings.NewReplacer("O", "0", "I", "1", "L", "1", "U", "V")
	for b := range 256 {
		want := -1
		if b < 0x80 {
			want = strings.Index(base32Alphabet, lookAlikes.Replace(strings.ToUpper(string(rune(b)))))
		}
		got, err := DecodeBase32(string([]byte{'0', '0', '0', '0', '0', '0', '0', byte(b)}), 5)
		if (err == nil) != (want >= 0) || err == nil && int(got[4]) != want {
			t.Errorf("byte %#x: %v, %v, want %d", b, got, err, want)
		}
	}
}

func TestBase32RoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "data")
		text := EncodeBase32(data)
		got, err := DecodeBase32(text, len(data))
		if err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%x -> %s -> %x, %v", data, text, got, err)
		}
		got, err = DecodeBase32(strings.ToLower(text), len(data))
		if err != nil || !bytes.Equal(got, data) {
			t.Fatalf("lower case of %s -> %x, %v", text, got, err)
		}
	})
}

func FuzzBase32(f *testing.F) {
	for _, key := range publishedKeys {
		f.Add(key, 32)
	}
	f.Add("", 0)
	f.Add("ZW", 1)
	f.Add("00", 1<<62)
	f.Fuzz(func(t *testing.T, s string, n int) {
		data, err := DecodeBase32(s, n)
		if err != nil {
			return
		}
		canonical := EncodeBase32(data)
		if len(data) != n || len(canonical) != len(s) {
			t.Fatalf("%q gives %d bytes, %q", s, len(data), canonical)
		}
		again, err := DecodeBase32(canonical, n)
		if err != nil || !bytes.Equal(again, data) {
			t.Fatalf("%q -> %x -> %q -> %x, %v", s, data, canonical, again, err)
		}
	})
}

func BenchmarkEncodeBase32(b *testing.B) {
	data := make([]byte, 32)
	b.ReportAllocs()
	for b.Loop() {
		EncodeBase32(data)
	}
}

func BenchmarkDecodeBase32(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeBase32(publishedKeys[0], 32); err != nil {
			b.Fatal(err)
		}
	}
}
