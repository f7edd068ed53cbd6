package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/subjects/taler"
)

// The keys of public Taler test data.
const (
	keyParsing = "4MZT6RS3RVB3B0E2RDMYW0YRA3Y0VPHYV0CYDE6XBB0YMPFXCEG0"
	keyKYC     = "NDDCAM9XN4HJZFTBD8V6FNE2FJE8GY734PJ5AGQMY06C8D4HB3Z0"
	keySplit   = "00Q979QSMJ29S7BJT3DDAVC5A0DR5Z05B7N0QT1RCBQ8FXJPZ6RG"
	keyLines   = "G1XTY6HGWGMVRM7E6XQ4JHJK561ETFDFTJZ7JVGV543XZCB27YBG"
	keyGLS     = "FJDQ7W6G7NWX4H9M1MKA12090FRC9K7DA6N0FANDZZFXTR6QHX5G"
	keyMixed   = "TEGY6d9mh9pgwvwpgs0z0095z854xegfy7jj202yd0esp8p0za60"
	keyBegins  = "KYCVEEXTBXBEMCS5R64C24GFNQVWBN5R2F9QSQ7PN8QXAP1NG4NG" // with KYC
	keyOther   = "JW398X85FWPKKMS0EYB6TQ1799RMY5DDXTZFPW4YC3WJ2DWSJT70"
)

var keyAll = []string{keyParsing, keyKYC, keySplit, keyLines, keyGLS, keyMixed, keyBegins, keyOther}

func mustKey(t testing.TB, text string) taler.EddsaPublicKey {
	t.Helper()
	key, err := taler.ParseEddsaPublicKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// lines splits test texts at newlines: a line end of the bank.
func lines(text string) []string { return strings.Split(text, "\n") }

func reserve(t testing.TB, key string) Candidate {
	return Candidate{Kind: KindReserve, Key: mustKey(t, key)}
}

func kycKey(t testing.TB, key string) Candidate {
	return Candidate{Kind: KindKYC, Key: mustKey(t, key)}
}

func mapKey(t testing.TB, key string) Candidate {
	return Candidate{Kind: KindAuthorization, Key: mustKey(t, key)}
}

func TestScanKeys_PublicTexts(t *testing.T) {
	t.Parallel()
	checked := string(CheckedKey(mustKey(t, keyGLS)))
	for name, c := range map[string]struct {
		text string
		want []Candidate
	}{
		"1 noise around":            {"noise " + keyParsing + " noise", []Candidate{reserve(t, keyParsing)}},
		"1 noise right":             {keyParsing + " noise to the right", []Candidate{reserve(t, keyParsing)}},
		"1 noise left":              {"noise to the left " + keyParsing, []Candidate{reserve(t, keyParsing)}},
		"1 blanks":                  {"    " + keyParsing + "     ", []Candidate{reserve(t, keyParsing)}},
		"1 own line":                {"noise\n" + keyParsing + "\nnoise", []Candidate{reserve(t, keyParsing)}},
		"1 own line in one text":    {"noise\r" + keyParsing + "\rnoise", []Candidate{reserve(t, keyParsing)}},
		"2 none":                    {"does not contain any reserve", nil},
		"3 first symbol missing":    {keyParsing[1:], nil},
		"4 split KYC":               {"Taler KYC:NDDCAM9XN4HJZFTBD8V6FNE2FJE8G Y734PJ5AGQMY06C8D4HB3Z0", []Candidate{kycKey(t, keyKYC)}},
		"5 KYC with colon":          {"KYC:" + keyKYC, []Candidate{kycKey(t, keyKYC)}},
		"6 bare":                    {keySplit, []Candidate{reserve(t, keySplit)}},
		"7 lines of 35":             {keyLines[:35] + "\n" + keyLines[35:], []Candidate{reserve(t, keyLines)}},
		"8 last symbol missing":     {keyLines[:35] + "\n" + keyLines[35:51], nil},
		"9 punctuation":             {"Taler " + keyGLS + " Test.,-", []Candidate{reserve(t, keyGLS)}},
		"10 words":                  {"This should fail because dummy", nil},
		"10 short":                  {"TestABC123", nil},
		"10 empty":                  {"", nil},
		"11 mixed case, split":      {"Taler TEGY6d9mh9pgwvwpgs0z0095z854xegfy7j j202yd0esp8p0za60", []Candidate{reserve(t, keyMixed)}},
		"12 split":                  {"00Q979QSMJ29S7BJT3DDAVC5A0DR5Z05B7N 0QT1RCBQ8FXJPZ6RG", []Candidate{reserve(t, keySplit)}},
		"13 begins with KYC":        {keyBegins, []Candidate{reserve(t, keyBegins)}},
		"14 KYC and blank":          {"KYC " + keyOther, []Candidate{kycKey(t, keyOther)}},
		"16 two keys":               {keyParsing + " " + keySplit, []Candidate{reserve(t, keyParsing), reserve(t, keySplit)}},
		"17 capitals win":           {keyMixed + " " + keySplit, []Candidate{reserve(t, keySplit)}},
		"17 prefix wins":            {keySplit + " KYC " + keyOther, []Candidate{kycKey(t, keyOther)}},
		"17 capitals beat prefix":   {keySplit + " KYC " + strings.ToLower(keyOther), []Candidate{reserve(t, keySplit)}},
		"17 prefixed, ambiguous":    {"KYC " + keyKYC + " KYC " + keyOther, []Candidate{kycKey(t, keyKYC), kycKey(t, keyOther)}},
		"18 repeated":               {keyParsing + " " + strings.ToLower(keyParsing) + " 4mzt6RS3rvb3b0e2rdmyw0yra3y0vphyv0cyde6xbb0ympfxceg0", []Candidate{reserve(t, keyParsing)}},
		"18 repeated in mixed case": {strings.ToLower(keyParsing) + " 4mzt6RS3rvb3b0e2rdmyw0yra3y0vphyv0cyde6xbb0ympfxceg0", []Candidate{reserve(t, keyParsing)}},
		"look-alikes, unbroken":     {strings.NewReplacer("0", "O", "1", "l").Replace(keySplit), []Candidate{reserve(t, keySplit)}},
		"look-alikes in pieces":     {strings.ReplaceAll(keySplit, "0", "O")[:35] + " " + keySplit[35:], nil},
		"full-width":                {"ＫＹＣ " + keyOther, []Candidate{kycKey(t, keyOther)}},
		"surplus bits":              {keySplit[:51] + "H", nil},
		"zero key":                  {strings.Repeat("0", 52), nil},
		"glued to a word":           {"Taler" + keySplit, nil},
		"word ends a line":          {"Taler\n" + keySplit + "\nDanke", []Candidate{reserve(t, keySplit)}},
		"two, one behind a line":    {"pay " + keyParsing + " and\n" + keySplit, []Candidate{reserve(t, keyParsing), reserve(t, keySplit)}},
		"17 prefix behind a line":   {keySplit + " or\nKYC " + keyOther, []Candidate{kycKey(t, keyOther)}},
		"MAP, two lines":            {"MAP" + keyGLS + " 7\nMAP" + keyOther, []Candidate{mapKey(t, keyGLS), mapKey(t, keyOther)}},
		"MAP unchecked":             {"MAP" + keyGLS, []Candidate{mapKey(t, keyGLS)}},
		"MAP in pieces":             {"map: " + keyGLS[:35] + " " + keyGLS[35:], []Candidate{mapKey(t, keyGLS)}},
		"MAP checked":               {"Taler " + checked + " thank you", []Candidate{mapKey(t, keyGLS)}},
		"MAP checked, lower case":   {strings.ToLower(checked) + " KYC " + keyKYC, []Candidate{mapKey(t, keyGLS), kycKey(t, keyKYC)}},
		"MAP checked, lines of 35":  {checked[:35] + "\n" + checked[35:], []Candidate{mapKey(t, keyGLS)}},
		"MAP and bare elsewhere":    {checked + " and " + keySplit, []Candidate{mapKey(t, keyGLS)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, ScanKeys(lines(c.text)...)); diff != "" {
				t.Errorf("ScanKeys(%q): %s", c.text, diff)
			}
		})
	}
}

// Row 15 of the public test data: a key cut anywhere and joined by anything.
func TestScanKeys_CutAnywhere(t *testing.T) {
	t.Parallel()
	for _, key := range keyAll {
		want := []Candidate{reserve(t, key)}
		for _, separator := range []string{" ", "-", "+", "\n", "%20", " \n", "-+%20"} {
			for at := 1; at < len(key); at++ {
				text := key[:at] + separator + key[at:]
				if diff := cmp.Diff(want, ScanKeys(lines(text)...)); diff != "" {
					t.Errorf("%q: %s", text, diff)
				}
			}
		}
		for size := 1; size < len(key); size++ {
			text := group(key, size)
			if diff := cmp.Diff(want, ScanKeys(text)); diff != "" {
				t.Errorf("%q: %s", text, diff)
			}
			if diff := cmp.Diff([]Candidate{kycKey(t, key)}, ScanKeys("KYC "+text)); diff != "" {
				t.Errorf("KYC %q: %s", text, diff)
			}
			if diff := cmp.Diff([]Candidate{mapKey(t, key)}, ScanKeys(group("MAP"+key, size))); diff != "" {
				t.Errorf("MAP %q: %s", text, diff)
			}
		}
	}
}

// group writes a text in groups of a size, 0 meaning one.
func group(text string, size int) string {
	if size == 0 {
		return text
	}
	var groups []string
	for ; len(text) > size; text = text[size:] {
		groups = append(groups, text[:size])
	}
	return strings.Join(append(groups, text), " ")
}
