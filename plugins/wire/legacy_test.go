package wire

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestT4_ScanLegacy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		remittance Remittance
		want       []Candidate
	}{
		"reserve key":           {Remittance{Unstructured: []string{"Taler " + keySplit}}, []Candidate{reserve(t, keySplit)}},
		"KYC key":               {Remittance{Unstructured: []string{"KYC:" + keyKYC}}, []Candidate{kycKey(t, keyKYC)}},
		"two lines":             {Remittance{Unstructured: []string{keyLines[:35], keyLines[35:]}}, []Candidate{reserve(t, keyLines)}},
		"authorization key":     {Remittance{Unstructured: []string{"MAP" + keyGLS}}, nil},
		"authorization and KYC": {Remittance{Unstructured: []string{"MAP" + keyGLS, "KYC" + keyKYC}}, nil},
		"T3: structured":        {Remittance{Structured: []string{"RF18539007547034"}, Unstructured: []string{keySplit}}, nil},
		"T3: blank structured":  {Remittance{Structured: []string{" "}, Unstructured: []string{keySplit}}, []Candidate{reserve(t, keySplit)}},
		"fields swapped":        {Remittance{Reference: "KYC:" + keyKYC, Unstructured: []string{"gift"}}, []Candidate{kycKey(t, keyKYC)}},
		"broken over two":       {Remittance{Particulars: keyLines[:35], Code: keyLines[35:]}, []Candidate{reserve(t, keyLines)}},
		"field and text":        {Remittance{Reference: keyLines, Unstructured: []string{keySplit}}, []Candidate{reserve(t, keyLines), reserve(t, keySplit)}},
		"beside authorization":  {Remittance{Reference: keyLines, Unstructured: []string{"MAP" + keyGLS}}, nil},
		"groups beside a field": {Remittance{Reference: "2025", Unstructured: []string{group(keySplit, 4)}}, []Candidate{reserve(t, keySplit)}},
		"end-to-end id":         {Remittance{EndToEndID: keyLines}, nil},
		"nothing":               {Remittance{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, ScanLegacy(c.remittance)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Ordinary words in capitals must not be taken for keys: a stretch of 52 letters
// between the edges of words is a point of the curve once in 32 times.
func TestT4_WordsAreNoKeys(t *testing.T) {
	t.Parallel()
	words := strings.Fields(`MIETE OKTOBER RECHNUNG NR 2025 117 ZAHLUNG VOM 12 09 AN DIE VERWALTUNG BERN SEPTEMBER DANKE
		RENT FOR THE HOUSE IN MAY THANKS 4000 CHF EUR REFERENCE CUSTOMER ABC123 X7 GEBEN NEHMEN RESTBETRAG MARKE`)
	random, found := rand.New(rand.NewPCG(5, 6)), 0
	const texts = 100_000
	for range texts {
		var b strings.Builder
		for b.Len() < 140 {
			b.WriteString(words[random.IntN(len(words))] + " ")
		}
		found += len(ScanLegacy(Remittance{Unstructured: []string{b.String()}}))
	}
	if found > 0 {
		t.Errorf("%d keys in %d texts without any", found, texts)
	}
}

// T3: a text made to cost work gives nothing, and costs no more than a small
// multiple of prose. The factor here is generous, for busy machines; the
// benchmark shows less than three.
func TestT3_HostileTextIsBounded(t *testing.T) {
	// Not parallel: it measures.
	fastest := func(text string) time.Duration {
		split, best := lines(text), time.Hour
		for range 50 {
			start := time.Now()
			ScanKeys(split...)
			best = min(best, time.Since(start))
		}
		return best
	}
	honest := fastest(honestText(page))
	for name, text := range hostileTexts(page) {
		cost := fastest(text)
		t.Logf("%s: %.1f times the cost of honest text", name, float64(cost)/float64(honest))
		if cost > 8*honest {
			t.Errorf("%s: %v, honest text costs %v", name, cost, honest)
		}
	}
	for _, name := range []string{"many keys", "subjects", "prefixes", "zeros"} {
		if found := ScanKeys(hostileTexts(page)[name]); len(found) > 0 {
			t.Errorf("%s: found %v", name, found)
		}
	}
}

// T3: what bounds the work never touches what people and banks write.
func TestT3_HonestTextIsNeverTooMuch(t *testing.T) {
	t.Parallel()
	eight := ""
	for _, key := range keyAll {
		eight += " KYC " + group(strings.ToUpper(key), 4) + ", thank you;"
	}
	found := ScanKeys(eight)
	if len(found) != MaxCandidates {
		t.Errorf("%d of eight separate keys were found", len(found))
	}
	want := []Candidate{reserve(t, keyGLS)}
	for name, text := range map[string]string{
		"10 kB of prose":            honestText(page),
		"100 kB of prose":           honestText(10 * page),
		"10 kB in groups of four":   strings.Repeat("AB12 ", page/5) + " .... " + keyGLS,
		"10 kB in lines of 35":      lineUp(honestText(page)[:page/2-30]+"\n"+keyGLS, 35),
		"2,400 single symbols":      strings.Repeat("A ", 2400) + keyGLS,
		"one key 32 times":          strings.Repeat(keyGLS+" ", 32),
		"one key in halves, often":  strings.Repeat(keyGLS[:20]+" "+keyGLS[20:]+" noise ", 32),
		"many words of 26 letters":  strings.Repeat("ABCDEFGHJKMNPQRSTVWXYZ1234 ", 300) + ": " + keyGLS,
		"many numbers of 52 digits": strings.Repeat("1234567890123456789012345678901234567890123456789012 ", 100) + keyGLS,
	} {
		if diff := cmp.Diff(want, ScanKeys(lines(text)...)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if found := ScanKeys(strings.Repeat("A ", page/2) + keyGLS); len(found) > 0 {
		t.Errorf("5,000 single symbols: found %v", found)
	}
}

// lineUp breaks a text after every width characters.
func lineUp(text string, width int) string {
	var b strings.Builder
	for ; len(text) > width; text = text[width:] {
		b.WriteString(text[:width] + "\n")
	}
	return b.String() + text
}

func FuzzScanKeys(f *testing.F) {
	checked := string(CheckedKey(mustKey(f, keyGLS)))
	for _, text := range []string{
		"noise " + keyParsing + " noise", "does not contain any reserve", keyParsing[1:],
		"Taler KIC:NDDCAM9XN4HJZFTBD8V6FNE2FJE8G Y734PJ5AGQMY06C8D4HB3Z0", "KYC:" + keyKYC, keySplit,
		keyLines[:35] + "\n" + keyLines[35:], "Taler " + keyGLS + " Test.,-", "TestABC123", "",
		"Taler TEGY6d9mh9pgwvwpgs0z0095z854xegfy7j j202yd0esp8p0za60", keyBegins, "KYC " + keyOther,
		keyParsing + "%20" + keySplit, checked, group(checked, 4), strings.ToLower(checked), checked[:60],
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found := ScanKeys(lines(text)...)
		if diff := cmp.Diff(found, ScanKeys(lines(text)...)); diff != "" {
			t.Errorf("two answers: %s", diff)
		}
		if len(found) > MaxCandidates {
			t.Errorf("%d candidates", len(found))
		}
		for i, c := range found {
			if !c.Key.Valid() || c.Key.IsZero() || c.Kind < KindAuthorization || c.Kind > KindKYC {
				t.Errorf("%q gives %v", text, c)
			}
			for _, other := range found[:i] {
				if c == other {
					t.Errorf("%q gives %v twice", text, c)
				}
			}
		}
	})
}

func FuzzCompact(f *testing.F) {
	f.Add("21 00000 00003 13947 14300 09017")
	f.Add("２１%20\u00a0rf")
	f.Add("\xef\xbc")
	f.Fuzz(func(t *testing.T, text string) {
		compact, ok := Compact(text)
		if strings.Trim(compact, alphanumeric) != "" || !ok && compact != "" {
			t.Errorf("Compact(%q) = %q, %t", text, compact, ok)
		}
		if again, _ := Compact(compact); again != compact {
			t.Errorf("Compact(%q) = %q", compact, again)
		}
	})
}
