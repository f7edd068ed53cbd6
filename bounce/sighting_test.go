package bounce

import (
	"testing"
	"time"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

var (
	nineteenth = time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC)
	payer      = must(taler.ParsePayto("payto://iban/CH9300762011623852957?receiver-name=Beat%20Beispiel"))
)

// told is a sighting with everything in it, changed by change.
func told(change func(*Transfer, *Sighting, *[]wire.Candidate)) *marks {
	t := Transfer{
		BankRef: "A1", Debtor: &debtor, ValueDate: nineteenth.AddDate(0, 0, 1),
		Remittance: wire.Remittance{Structured: []string{"000000173634008748184022385"}, EndToEndID: "E2E"},
	}
	s := Sighting{Booked: nineteenth}
	candidates := []wire.Candidate{{Kind: wire.KindReference, Reference: "000000173634008748184022385"}}
	if change != nil {
		change(&t, &s, &candidates)
	}
	return marksOf(&t, &s, candidates)
}

// One row per reason for which two sightings of the same amount are one payment,
// or two, or nobody can say.
func TestT1_LikenessOfSightings(t *testing.T) {
	t.Parallel()
	type change = func(*Transfer, *Sighting, *[]wire.Candidate)
	ref := func(ref string, more change) change {
		return func(t *Transfer, s *Sighting, c *[]wire.Candidate) {
			t.BankRef = ref
			if more != nil {
				more(t, s, c)
			}
		}
	}
	noSubject := func(t *Transfer, _ *Sighting, c *[]wire.Candidate) {
		t.Remittance.Structured, *c = nil, nil
	}
	words := func(words ...string) change {
		return func(t *Transfer, _ *Sighting, c *[]wire.Candidate) {
			t.Remittance.Structured, t.Remittance.Unstructured, *c = nil, words, nil
		}
	}
	bare := func(t *Transfer, s *Sighting, c *[]wire.Candidate) {
		noSubject(t, s, c)
		t.Debtor, t.Remittance.EndToEndID = nil, ""
	}
	otherSubject := func(t *Transfer, _ *Sighting, c *[]wire.Candidate) {
		t.Remittance.Structured = []string{"210000000003139471430009017"}
		*c = []wire.Candidate{{Kind: wire.KindReference, Reference: "210000000003139471430009017"}}
	}
	tests := []struct {
		name string
		a, b change
		want likeness
	}{
		{"all the same but the reference", nil, ref("B2", nil), same},
		{"the same reference, and one tells less", nil, bare, same},
		{"a common UETR", func(_ *Transfer, s *Sighting, _ *[]wire.Candidate) { s.IDs = []string{"U"} },
			ref("B2", func(t *Transfer, s *Sighting, c *[]wire.Candidate) { bare(t, s, c); s.IDs = []string{"U"} }), same},
		{"the reference of one is another id of the other", nil, ref("B2", func(_ *Transfer, s *Sighting, _ *[]wire.Candidate) { s.IDs = []string{"A1"} }), same},
		{"a common UETR of two subjects: a batch", func(_ *Transfer, s *Sighting, _ *[]wire.Candidate) { s.IDs = []string{"U"} },
			ref("B2", func(t *Transfer, s *Sighting, c *[]wire.Candidate) { otherSubject(t, s, c); s.IDs = []string{"U"} }), doubtful},
		{"another subject", nil, ref("B2", otherSubject), different},
		{"another payer", nil, ref("B2", func(t *Transfer, _ *Sighting, _ *[]wire.Candidate) { t.Debtor = &payer }), different},
		{"another end-to-end id", nil, ref("B2", func(t *Transfer, _ *Sighting, _ *[]wire.Candidate) { t.Remittance.EndToEndID = "OTHER" }), different},
		{"the payer's name is spelt differently", nil, ref("B2", func(t *Transfer, _ *Sighting, _ *[]wire.Candidate) {
			p := must(taler.ParsePayto("payto://iban/CH5109000000250092291?receiver-name=MARIA"))
			t.Debtor = &p
		}), same},
		{"no payer", nil, ref("B2", func(t *Transfer, _ *Sighting, _ *[]wire.Candidate) { t.Debtor = nil }), doubtful},
		{"no end-to-end id", nil, ref("B2", func(t *Transfer, _ *Sighting, _ *[]wire.Candidate) { t.Remittance.EndToEndID = "" }), doubtful},
		{"no text", nil, ref("B2", noSubject), doubtful},
		{"the subject stands in free text", nil, ref("B2", func(t *Transfer, _ *Sighting, _ *[]wire.Candidate) {
			t.Remittance.Structured, t.Remittance.Unstructured = nil, []string{"QRR 00 00001 73634", "00874 81840 22385"}
		}), same},
		{"text without subject, broken and filled differently", words("For the cat, and", "the dog"), ref("B2", words("FOR THE CAT AND THE DOG ")), same},
		{"text without subject, another one", words("for the cat"), ref("B2", words("for the dog")), doubtful},
		{"text that names nothing beside one that does", nil, ref("B2", words("for the cat")), doubtful},
		{"nothing but the payer", noSubject, ref("B2", noSubject), same},
		{"nothing but amount and date", bare, ref("B2", bare), doubtful},
		{"the bank corrected the value date", nil, ref("B2", func(t *Transfer, _ *Sighting, _ *[]wire.Candidate) { t.ValueDate = nineteenth.AddDate(0, 0, 7) }), same},
		{"booked on the next day", nil, ref("B2", func(_ *Transfer, s *Sighting, _ *[]wire.Candidate) { s.Booked = nineteenth.AddDate(0, 0, 1) }), doubtful},
		{"booked a week later", nil, ref("B2", func(_ *Transfer, s *Sighting, _ *[]wire.Candidate) { s.Booked = nineteenth.AddDate(0, 0, 7) }), different},
		{"booked a week later under the same reference", nil, func(_ *Transfer, s *Sighting, _ *[]wire.Candidate) { s.Booked = nineteenth.AddDate(0, 0, 7) }, doubtful},
		{"no booking date, the same value date", nil, ref("B2", func(_ *Transfer, s *Sighting, _ *[]wire.Candidate) { s.Booked = time.Time{} }), same},
		{"no booking date, a near value date", nil, ref("B2", func(t *Transfer, s *Sighting, _ *[]wire.Candidate) {
			s.Booked, t.ValueDate = time.Time{}, nineteenth.AddDate(0, 0, 3)
		}), doubtful},
		{"no date", nil, ref("B2", func(t *Transfer, s *Sighting, _ *[]wire.Candidate) { s.Booked, t.ValueDate = time.Time{}, time.Time{} }), doubtful},
	}
	for _, tt := range tests {
		a, b := told(tt.a), told(tt.b)
		if got, back := a.compare([]*marks{b}), b.compare([]*marks{a}); got != tt.want || back != tt.want {
			t.Errorf("%s: %d and, the other way round, %d; want %d", tt.name, got, back, tt.want)
		}
	}
}

// Which transfer a sighting is of, when several are like it.
func TestT1_RecognisedAmongMany(t *testing.T) {
	t.Parallel()
	ref := func(ref string) *marks {
		return told(func(t *Transfer, _ *Sighting, _ *[]wire.Candidate) { t.BankRef = ref })
	}
	poor := told(func(t *Transfer, _ *Sighting, _ *[]wire.Candidate) { t.BankRef, t.Debtor = "P", nil })
	other := told(func(t *Transfer, _ *Sighting, _ *[]wire.Candidate) { t.BankRef, t.Debtor = "O", &payer })
	row := func(id int64, source string, m ...*marks) *known {
		return &known{storedTransfer{id: id}, source == "camt.053", m}
	}
	old := told(func(t *Transfer, s *Sighting, _ *[]wire.Candidate) {
		t.BankRef, s.Booked = "OLD", nineteenth.AddDate(0, 0, -memory)
	})
	tests := []struct {
		name  string
		marks *marks
		among []*known
		want  int64 // 0: none
		like  likeness
	}{
		{"nothing is known", ref("S"), nil, 0, different},
		{"the first of two equal ones", ref("S"), []*known{row(1, "camt.054", ref("A")), row(2, "camt.054", ref("B"))}, 1, same},
		{"the second, when the first was told here", ref("S"), []*known{row(1, "camt.053", ref("A")), row(2, "camt.054", ref("B"))}, 2, same},
		{"a further one, when both were told here", ref("S"), []*known{row(1, "camt.053", ref("A")), row(2, "camt.053", ref("B"))}, 0, different},
		{"the same rather than a doubtful one", ref("S"), []*known{row(1, "camt.054", poor), row(2, "camt.054", ref("B"))}, 2, same},
		{"a doubtful one rather than none", ref("S"), []*known{row(1, "camt.054", other), row(2, "camt.054", poor)}, 2, doubtful},
		{"another payer's", ref("S"), []*known{row(1, "camt.054", other)}, 0, different},
		{"one message told less than another", ref("S"), []*known{row(1, "camt.054", poor, ref("A"))}, 1, same},
		{"one message told of another payer", ref("S"), []*known{row(1, "camt.054", poor, other)}, 0, different},
		{"longer ago than is remembered", old, nil, 0, doubtful},
		{"longer ago, and known all the same", old, []*known{row(1, "camt.054", old)}, 1, same},
	}
	for _, tt := range tests {
		got, like := recognise(tt.marks, tt.among, nineteenth.AddDate(0, 0, 2))
		if like != tt.like || (got == nil) != (tt.want == 0) || got != nil && got.id != tt.want {
			t.Errorf("%s: %+v, %d", tt.name, got, like)
		}
	}
}
