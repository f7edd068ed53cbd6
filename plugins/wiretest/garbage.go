package wiretest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/plugins/wire"
)

// testGarbage checks that arbitrary bytes in every field do no harm.
func (s *suite) testGarbage(t *testing.T) {
	field := rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "bytes"))
	})
	rapid.Check(t, func(t *rapid.T) {
		CheckScan(t, s.method, wire.Remittance{
			Structured:   rapid.SliceOfN(field, 0, 3).Draw(t, "structured"),
			Unstructured: rapid.SliceOfN(field, 0, 5).Draw(t, "unstructured"),
			Particulars:  field.Draw(t, "particulars"),
			Code:         field.Draw(t, "code"),
			Reference:    field.Draw(t, "reference"),
			EndToEndID:   field.Draw(t, "end to end id"),
		})
	})
}

// Reporter is what CheckScan needs of a test.
type Reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

// CheckScan checks what holds for every remittance: Scan gives the same answer
// twice, no candidate twice and not too many, and what it gives is canonical,
// that is, found again under its own name.
func CheckScan(t Reporter, m wire.Method, r wire.Remittance) {
	t.Helper()
	found := m.Scan(r)
	if diff := cmp.Diff(found, m.Scan(r)); diff != "" {
		t.Errorf("Scan(%+v) gives two answers: %s", r, diff)
	}
	if len(found) > wire.MaxCandidates {
		t.Errorf("Scan(%+v) gives %d candidates", r, len(found))
	}
	seen := map[wire.Candidate]bool{}
	for _, c := range found {
		if seen[c] {
			t.Errorf("Scan(%+v) gives %v twice", r, c)
		}
		seen[c] = true
		text := string(c.Reference)
		if carrier, ok := m.(wire.KeyCarrier); ok {
			text = string(carrier.EncodeKey(c.Key))
		}
		if again := m.Scan(wire.Remittance{Unstructured: []string{text}}); len(again) != 1 || again[0] != c {
			t.Errorf("Scan(%+v) gives %v, which is read as %v", r, c, again)
		}
	}
}

// Fuzz runs CheckScan on what the fuzzer makes of one text, put into every
// field, with the subjects of the method and seeds to start from.
func Fuzz(f *testing.F, m wire.Method, seeds ...string) {
	s := &suite{method: m}
	for _, x := range s.samples(f, 5) {
		for _, subject := range s.subjects(f, x.reference) {
			seeds = append(seeds, textOf(subject), "Zahlung "+groups(textOf(subject), 4)+" Danke")
		}
	}
	for _, seed := range seeds {
		f.Add(seed, "")
		f.Add(seed[:len(seed)/2], seed[len(seed)/2:])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		for _, r := range []wire.Remittance{
			{Structured: []string{first, second}},
			{Unstructured: []string{first, second}},
			{Particulars: first, Code: second, Reference: first + second},
		} {
			CheckScan(t, m, r)
		}
	})
}
