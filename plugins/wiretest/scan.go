package wiretest

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/plugins/wire"
)

// typed is every character that a typing error can put into a subject.
const typed = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// testPlaces checks that Scan finds exactly the subject wherever a bank may put
// what a payer was shown.
func (s *suite) testPlaces(t *testing.T) {
	for _, x := range s.samples(t, 200) {
		for _, subject := range s.subjects(t, x.reference) {
			text := textOf(subject)
			for _, p := range everyPlace(subject.Type) {
				if diff := cmp.Diff([]wire.Candidate{x.want}, s.method.Scan(p.write(text))); diff != "" {
					t.Errorf("%s, %s, %q: %s", subject.Type, p.name, text, diff)
				}
			}
		}
	}
}

// testTwoSubjects checks that both subjects of a text are found, whatever its
// first line ends with (T2). Joined with the next, the line hides the second one.
func (s *suite) testTwoSubjects(t *testing.T) {
	all := s.samples(t, 100)
	for i, x := range all[1:] {
		first, want := s.subjects(t, all[i].reference), []wire.Candidate{all[i].want, x.want}
		for j, subject := range s.subjects(t, x.reference) {
			for _, end := range []string{" and", " 7", "/", ""} {
				r := unstructured("pay "+textOf(first[j])+end, textOf(subject))
				if diff := cmp.Diff(want, s.method.Scan(r)); diff != "" {
					t.Errorf("%s, %q: %s", subject.Type, r.Unstructured, diff)
				}
			}
		}
	}
}

func (s *suite) testLookAlikes(t *testing.T) {
	for _, x := range s.samples(t, 200) {
		for _, subject := range s.subjects(t, x.reference) {
			text := textOf(subject)
			for i := range len(text) {
				for _, c := range s.lookAlikes[text[i]] {
					s.mustFind(t, x, placesOf(subject.Type)[0].write(text[:i]+string(c)+text[i+1:]))
				}
			}
		}
	}
}

func (s *suite) mustFind(t *testing.T, x sample, r wire.Remittance) {
	t.Helper()
	if diff := cmp.Diff([]wire.Candidate{x.want}, s.method.Scan(r)); diff != "" {
		t.Errorf("%+v: %s", r, diff)
	}
}

// errorRate counts wrong texts and those that were read as another subject.
type errorRate struct{ tried, misread int }

func (e *errorRate) check(t *testing.T, allowed float64) {
	t.Helper()
	rate := float64(e.misread) / float64(max(1, e.tried))
	t.Logf("%d of %d wrong texts were read as another subject (%.2g)", e.misread, e.tried, rate)
	if e.tried == 0 || rate > allowed {
		t.Errorf("rate %.2g of %d, allowed is %.2g", rate, e.tried, allowed)
	}
}

// judge scans a wrong text in every place. Finding the original is no error: a
// look-alike was typed.
func (s *suite) judge(e *errorRate, x sample, subject wire.Subject, wrong string) {
	for _, p := range placesOf(subject.Type) {
		e.tried++
		for _, c := range s.method.Scan(p.write(wrong)) {
			if c != x.want {
				e.misread++
				break
			}
		}
	}
}

func (s *suite) testSubstitutions(t *testing.T) {
	var e errorRate
	for _, x := range s.samples(t, 6) {
		for _, subject := range s.subjects(t, x.reference) {
			text := textOf(subject)
			for i := range len(text) {
				for _, c := range []byte(typed) {
					if c != text[i] {
						s.judge(&e, x, subject, text[:i]+string(c)+text[i+1:])
					}
				}
			}
		}
	}
	e.check(t, s.typoRate)
}

func (s *suite) testSwaps(t *testing.T) {
	var e errorRate
	for _, x := range s.samples(t, 60) {
		for _, subject := range s.subjects(t, x.reference) {
			text := textOf(subject)
			for i := 1; i < len(text); i++ {
				if text[i] != text[i-1] {
					s.judge(&e, x, subject, text[:i-1]+text[i:i+1]+text[i-1:i]+text[i+1:])
				}
			}
		}
	}
	e.check(t, s.typoRate)
}

// words are frequent in the texts of transfers, and begin with every letter that
// begins a subject.
var words = strings.Fields(`Rechnung Miete Zahlung vom fuer und TALER Taler Transfer thanks the to rent of invoice No Nr
	payment Re RF Ref reference Kunde Konto MAP KYC Mai May Map Danke merci loyer facture Oktober 2025 2026 000000 0000 00
	210000 12 31 1 7 CHF EUR 100 50 Tom Tina Smith Mueller Meier T TX Txn Total Tax Auckland Bern CH93 0076 2011 6238 5295`)

// testRandomTexts checks that subjects are hardly ever found where none is.
func (s *suite) testRandomTexts(t *testing.T) {
	const texts = 100_000
	random, found := rand.New(rand.NewPCG(3, 4)), 0
	for i := range texts {
		text := RandomText(random, i)
		r := wire.Remittance{Unstructured: []string{text}}
		switch i % 16 {
		case 1:
			r = wire.Remittance{Structured: []string{text[:min(len(text), 27)]}}
		case 2:
			r = wire.Remittance{Particulars: text[:12], Code: text[12:24], Reference: text[24:36]}
		}
		if len(s.method.Scan(r)) > 0 {
			found++
		}
	}
	rate := float64(found) / texts
	t.Logf("%d of %d random texts hold a subject (%.2g)", found, texts, rate)
	if rate > s.falseRate {
		t.Errorf("rate %.2g, stated is %.2g", rate, s.falseRate)
	}
}

// RandomText returns 140 characters of one of four sorts.
func RandomText(random *rand.Rand, sort int) string {
	alphabet := []string{typed, "0123456789", wire.Crockford}
	var b strings.Builder
	for b.Len() < 140 {
		if sort%4 == 3 {
			b.WriteString(words[random.IntN(len(words))])
		} else {
			for range 1 + random.IntN(12) {
				symbols := alphabet[sort%4]
				b.WriteByte(symbols[random.IntN(len(symbols))])
			}
		}
		b.WriteByte(' ')
	}
	return b.String()[:140]
}
