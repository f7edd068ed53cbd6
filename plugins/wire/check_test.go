package wire

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The vectors of the specification of this code over Crockford's alphabet.
func TestReedSolomonVectors(t *testing.T) {
	t.Parallel()
	for data, check := range map[string]string{
		"0123456789|1": "R",
		"0123456789|2": "HJ",
		"TAER000001|2": "X5",
		"012345678|3":  "MDC",
	} {
		symbols, k, _ := strings.Cut(data, "|")
		values, _ := CrockfordValues(nil, []byte(symbols))
		got := string(CrockfordText(nil, ReedSolomon(values, int(k[0]-'0'))...))
		if got != check {
			t.Errorf("ReedSolomon(%s, %s) = %s, want %s", symbols, k, got, check)
		}
	}
}

// Worked examples of the guidelines, of published bank samples, and the
// checksums of the example bodies beside them.
func TestMod10Recursive(t *testing.T) {
	t.Parallel()
	for _, valid := range []string{
		"210000000003139471430009017", "000008207791225857421286694", "539115429773825311971477453",
		"662437765447746478179744715", "100041698214115449371805278",
		"000000000000000000000000011", "123456789012345678901234567", "999999999999999999999999992", "314159265358979323846264331",
	} {
		if got := Mod10Recursive(valid[:26]); got != valid[26] {
			t.Errorf("Mod10Recursive(%s) = %c, want %c", valid[:26], got, valid[26])
		}
	}
	if Mod10Recursive("00000000000000000000000000") != '0' || Mod10Recursive("") != '0' {
		t.Error("zeros")
	}
}

func TestISO11649(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"RF18539007547034": true, "RF341234561": true, "RF332348236": true, "RF97123456": true, "RF741": true,
		"RF7400000000000000000001": true, "RF18000000000539007547034": true,
		"RF720191230100405JSH0438": false, // the guidelines' own example 4, whose check digits should be 24
		"RF240191230100405JSH0438": true,
		"RF19539007547034":         false, "rf18539007547034": false, "RF18 539007547034": false, "RF18": false, "": false,
		"RF1800000000000539007547034": false, // 27 characters
		"XF18539007547034":            false, "RF18539007547034\xff": false,
	} {
		if got := ISO11649(text); got != want {
			t.Errorf("ISO11649(%q) = %t", text, got)
		}
	}
}

// Mod97 refuses the other digits with the same remainder.
func TestMod97(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{"": "98", "0": "98", "96": "04", "794": "44", "123456": "76"} {
		remainder := 0
		for _, c := range number + want {
			remainder = (remainder*10 + int(c-'0')) % 97
		}
		if got := Mod97(number); got != want || remainder != 1 {
			t.Errorf("Mod97(%s) = %s, want %s, remainder %d", number, got, want, remainder)
		}
	}
}

func TestMod97_NeverAmbiguous(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[0-9]{1,40}`).Draw(t, "digits")
		if check := Mod97(digits); check < "02" || check > "98" {
			t.Errorf("Mod97(%s) = %s", digits, check)
		}
	})
}

// BIP 350 gives the constant and these strings of valid checksums. The
// human-readable part is expanded as BIP 173 says, and the values are those of
// its alphabet; the code itself knows neither.
func TestBCH_BIP350Vectors(t *testing.T) {
	t.Parallel()
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	for _, text := range []string{
		"a1lqfn3a",
		"an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
		"abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
		"11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
		"split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
		"?1v759aa",
	} {
		end := strings.LastIndexByte(text, '1')
		var values []byte
		for _, c := range []byte(text[:end]) {
			values = append(values, c>>5)
		}
		values = append(values, 0)
		for _, c := range []byte(text[:end]) {
			values = append(values, c&31)
		}
		for _, c := range []byte(text[end+1:]) {
			values = append(values, byte(strings.IndexByte(alphabet, c)))
		}
		check := BCHCheck(values[:len(values)-bchSymbols])
		if !BCHValid(values) || string(check[:]) != string(values[len(values)-bchSymbols:]) {
			t.Errorf("%s is refused", text)
		}
	}
}

// The subject of a published key, so that no change of the code goes unnoticed:
// payers keep what they were shown.
func TestCheckedKey_IsForEver(t *testing.T) {
	t.Parallel()
	const want = "MAP" + keyParsing + "NSAKGJ"
	if got := CheckedKey(mustKey(t, keyParsing)); got != want {
		t.Errorf("CheckedKey = %s, want %s", got, want)
	}
}

// Up to four wrong symbols are always revealed.
func TestS8_FourErrorsAreRevealed(t *testing.T) {
	t.Parallel()
	values, _ := CrockfordValues(nil, []byte(CheckedKey(mustKey(t, keyGLS)))[prefixSymbols:])
	rapid.Check(t, func(t *rapid.T) {
		wrong := append([]byte(nil), values...)
		for i := range rapid.IntRange(1, 4).Draw(t, "errors") {
			at := rapid.IntRange(0, len(wrong)-1).Draw(t, fmt.Sprint("place", i))
			wrong[at] = byte(rapid.IntRange(0, 31).Draw(t, fmt.Sprint("value", i)))
		}
		if BCHValid(wrong) != (string(wrong) == string(values)) {
			t.Errorf("%v is accepted", wrong)
		}
	})
}

func TestBCHAnywhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.ByteRange(0, 31)
		text := rapid.SliceOfN(value, 0, 90).Draw(t, "before")
		key := rapid.SliceOfN(value, keySymbols, keySymbols).Draw(t, "key")
		check := BCHCheck(key)
		text = append(append(append(text, key...), check[:]...), rapid.SliceOfN(value, 0, 90).Draw(t, "after")...)
		if !bchAnywhere(text) {
			t.Errorf("not found in %v", text)
		}
		naive := false
		text[len(text)/2] ^= rapid.ByteRange(0, 31).Draw(t, "damage")
		for i := 0; i+checkedKeyValues <= len(text); i++ {
			naive = naive || BCHValid(text[i:i+checkedKeyValues])
		}
		if bchAnywhere(text) != naive {
			t.Errorf("found: %t in %v", !naive, text)
		}
	})
}

// Reed-Solomon with k check symbols reveals every k wrong symbols and the swap
// of any two.
func TestReedSolomonReveals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 3).Draw(t, "k")
		data := rapid.SliceOfN(rapid.ByteRange(0, 31), 2, 31-k).Draw(t, "data")
		word := append(append([]byte(nil), data...), ReedSolomon(data, k)...)
		wrong := append([]byte(nil), word...)
		if rapid.Bool().Draw(t, "swap") {
			i, j := rapid.IntRange(0, len(word)-1).Draw(t, "i"), rapid.IntRange(0, len(word)-1).Draw(t, "j")
			wrong[i], wrong[j] = wrong[j], wrong[i]
		} else {
			for i := range k {
				at := rapid.IntRange(0, len(word)-1).Draw(t, fmt.Sprint("place", i))
				wrong[at] = rapid.ByteRange(0, 31).Draw(t, fmt.Sprint("value", i))
			}
		}
		valid := string(ReedSolomon(wrong[:len(data)], k)) == string(wrong[len(data):])
		if valid != (string(wrong) == string(word)) {
			t.Errorf("%v passes for %v", wrong, word)
		}
	})
}
