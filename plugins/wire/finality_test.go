package wire

import (
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/subjects/taler"
)

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// layout is a way in which payers and banks write a subject down.
type layout struct {
	name  string
	write func(string) string
}

var layouts = []layout{
	{"whole", func(s string) string { return s }},
	{"groups of 2", func(s string) string { return group(s, 2) }},
	{"groups of 3", func(s string) string { return group(s, 3) }},
	{"groups of 4", func(s string) string { return group(s, 4) }},
	{"groups of 5", func(s string) string { return group(s, 5) }},
	{"groups of 10", func(s string) string { return group(s, 10) }},
	{"prefix, key, check", func(s string) string { return s[:3] + " " + s[3:55] + " " + s[55:] }},
	{"lines of 35", func(s string) string { return s[:35] + "\n" + s[35:] }},
	{"lines of 35 in text", func(s string) string { return "TALER PAYMENT\n" + s[:35] + "\n" + s[35:] + "\nDANKE" }},
	{"groups of 4 in text", func(s string) string { return "RENT 2025 " + group(s, 4) + " EUR 12 thank you very much" }},
	{"groups of 5 in text", func(s string) string { return "EG CH 12345 " + group(s, 5) + " BERNE AB 12" }},
}

// damages calls f with every single substitution, swap of neighbours, omission
// and insertion of a text. stride thins the symbols that are put in.
func damages(text string, stride int, f func(string)) {
	for i := range len(text) {
		for j := i % stride; j < len(alphanumeric); j += stride {
			if alphanumeric[j] != text[i] {
				f(text[:i] + alphanumeric[j:j+1] + text[i+1:])
			}
			f(text[:i] + alphanumeric[j:j+1] + text[i:])
		}
		f(text[:i] + text[i+1:])
		if i > 0 && text[i] != text[i-1] {
			f(text[:i-1] + text[i:i+1] + text[i-1:i] + text[i+1:])
		}
	}
}

// A damaged subject of S8 must give nothing, or what it said before the damage
// (a look-alike, or a check that has lost a symbol), but no other key, in
// whatever layout, whether the damage came before the grouping or after it.
func TestS8_FailedCheckIsFinal(t *testing.T) {
	t.Parallel()
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			for _, key := range keyAll[:4] {
				want := mapKey(t, key)
				judge := func(text string) {
					for _, found := range ScanKeys(lines(text)...) {
						if found != want {
							t.Errorf("%q was read as kind %d, key %s", text, found.Kind, found.Key)
						}
					}
				}
				subject := string(CheckedKey(want.Key))
				damages(subject, 3, func(s string) { judge(l.write(s)) })
				damages(l.write(subject), 5, judge)
			}
		})
	}
}

// A wrong symbol in the key or the check gives nothing at all, not even the
// right key: the check failed.
func TestS8_SubstitutionsGiveNothing(t *testing.T) {
	t.Parallel()
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			subject := string(CheckedKey(mustKey(t, keyGLS)))
			for i := range len(subject) {
				for _, c := range []byte(alphanumeric) {
					if crockfordValues[c] == crockfordValues[subject[i]] {
						continue
					}
					text := l.write(subject[:i] + string(c) + subject[i+1:])
					if found := ScanKeys(lines(text)...); len(found) > 0 {
						t.Fatalf("%q was read as %v", text, found)
					}
					if found := ScanLegacy(Remittance{Unstructured: lines(text)}); len(found) > 0 {
						t.Fatalf("%q was read as legacy %v", text, found)
					}
				}
			}
		})
	}
}

// Joining lines must not hide that the check failed when they are separate.
func TestS8_FailedCheckAcrossLines(t *testing.T) {
	t.Parallel()
	subject := string(CheckedKey(mustKey(t, keyGLS)))
	broken := subject[:3] + " " + subject[3:55] + " " + subject[55:60] + "Z"
	if subject[60] == 'Z' {
		t.Fatal("choose another symbol")
	}
	if found := ScanKeys(broken, "XY thank you"); len(found) > 0 {
		t.Errorf("read as %v", found)
	}
}

func TestS8_Refusals(t *testing.T) {
	t.Parallel()
	subject := string(CheckedKey(mustKey(t, keyGLS)))
	beginsMAP := findKey(t, "MAP")
	for name, c := range map[string]struct {
		text string
		want []Candidate
	}{
		"55 symbols and a word of six":       {"MAP" + keyGLS + " please", nil},
		"55 symbols and a word of five":      {"MAP" + keyGLS + " Danke", nil},
		"55 symbols and a word of four":      {"MAP" + keyGLS + " Test", []Candidate{mapKey(t, keyGLS)}},
		"55 symbols and a longer word":       {"MAP" + keyGLS + " Dankeschoen", []Candidate{mapKey(t, keyGLS)}},
		"damaged prefix, whole key":          {"NAP " + keyGLS + " " + subject[55:], nil},
		"damaged prefix, damaged check":      {"NAP " + keyGLS + " ZZZZZZ", nil},
		"no prefix":                          {keyGLS + subject[55:], nil},
		"no prefix, check apart":             {keyGLS + " " + subject[55:], nil},
		"bare key in the text of a subject":  {"MAP 12 " + keySplit, nil},
		"bare key beyond a word":             {"MAP OF THE CENTRE: " + keySplit, []Candidate{reserve(t, keySplit)}},
		"bare key that begins with MAP":      {"key " + beginsMAP + " ok", []Candidate{reserve(t, beginsMAP)}},
		"the same before nine more symbols":  {beginsMAP + " 123456789", nil},
		"the same in groups":                 {group(beginsMAP, 4), nil},
		"a second subject survives":          {subject[:60] + "* " + subject, []Candidate{mapKey(t, keyGLS)}},
		"KYC in the region of a failed one":  {"MAP KYC" + keyGLS + " ABC", nil},
		"the same before another line":       {"MAP KYC" + keyGLS + " ABC\nDEF", nil},
		"words in capitals":                  {"MIETE FUER DIE WOHNUNG IM ERSTEN STOCK OKTOBER NOVEMBER UND DEZEMBER ZWEITAUSEND", nil},
		"groups of a damaged KYC subject":    {group("KYC"+keyOther[:20]+"7"+keyOther[20:], 4), nil},
		"one group of a KYC subject damaged": {"KYCJ 7W398 " + group(keyOther[5:], 4), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ScanKeys(lines(c.text)...); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("ScanKeys(%q) = %v, want %v", c.text, got, c.want)
			}
		})
	}
}

// findKey returns the first valid key whose text begins so.
func findKey(t *testing.T, begin string) string {
	t.Helper()
	for i := range 1000 {
		text := begin + fmt.Sprintf("%04d", i) + strings.Repeat("X", keySymbols-len(begin)-5) + "0"
		if _, err := taler.ParseEddsaPublicKey(text); err == nil {
			return text
		}
	}
	t.Fatal("no such key")
	return ""
}

// A mistyped bare key, KYC key or unchecked MAP key in equal groups must not be
// read at another place: the groups say where it begins and ends. The same key
// with one symbol exchanged is out of reach of any check, for there is none.
func TestScanKeys_GroupsAreNotShifted(t *testing.T) {
	t.Parallel()
	for _, key := range keyAll[:3] {
		for _, prefix := range []string{"", "KYC", "MAP"} {
			for _, l := range layouts {
				if l.name == "prefix, key, check" {
					continue
				}
				judge := func(text string) {
					together := strings.NewReplacer(" ", "", "\n", "").Replace(text)
					if len(text) == len(l.write(prefix+key)) && strings.Contains(together, prefix) {
						return
					}
					for _, found := range ScanKeys(lines(text)...) {
						if found.Key != mustKey(t, key) {
							t.Errorf("%s, %q was read as %s", l.name, text, found.Key)
						}
					}
				}
				damages(prefix+key, 5, func(s string) { judge(l.write(s)) })
				damages(l.write(prefix+key), 5, judge)
			}
		}
	}
}

// Two errors are beyond the promise of the check, but a subject in equal groups
// still gives nothing when its prefix is damaged, its check has lost its end
// and a symbol of the key is wrong.
func TestS8_DamagedGroupsGiveNothing(t *testing.T) {
	t.Parallel()
	for _, key := range keyAll {
		subject := "NAP" + string(CheckedKey(mustKey(t, key)))[3:60]
		for _, size := range []int{1, 2, 3, 4, 5, 6, 8, 10} {
			for i := 3; i < len(subject); i++ {
				for _, c := range []byte(Crockford) {
					text := group(subject[:i]+string(c)+subject[i+1:], size)
					if found := ScanKeys(text); len(found) > 0 {
						t.Errorf("%q was read as %s", text, found[0].Key)
					}
				}
			}
		}
	}
}

// A KYC key in three pieces is read as that key or not at all, but never as the
// bare key that its prefix and all but three of its symbols may be.
func TestScanKeys_KYCIsNotPartOfAKey(t *testing.T) {
	t.Parallel()
	tried := 0
	for i := 0; tried < 20; i++ {
		key := keyFromNumber(i)
		text := kyc + key.String()
		if _, err := taler.ParseEddsaPublicKey(text[:keySymbols]); err != nil || strings.Trim(text[keySymbols-1:keySymbols], "0G") != "" {
			continue
		}
		tried++
		for at := 1; at < keySymbols; at++ {
			for _, found := range ScanKeys(text[:at] + " " + text[at:keySymbols] + " " + text[keySymbols:]) {
				if found.Key != key {
					t.Errorf("%s cut at %d was read as %s", text, at, found.Key)
				}
			}
		}
	}
}

// keyFromNumber returns some valid key.
func keyFromNumber(i int) taler.EddsaPublicKey {
	seed := fmt.Appendf(nil, "%032d", i)
	return taler.EddsaPublicKey(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
}
