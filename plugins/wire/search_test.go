package wire

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

var tokens = Token{Letter: 'T', Slot: 9, Check: 2}

func candidates(references ...Reference) (found []Candidate) {
	for _, r := range references {
		found = append(found, Candidate{Kind: KindReference, Reference: r})
	}
	return found
}

// T3, and what banks do to the fields of a payment.
func TestT3_Search(t *testing.T) {
	t.Parallel()
	const a, b = "TAER000001X5", "T000000000PY"
	for name, c := range map[string]struct {
		r    Remittance
		want []Candidate
	}{
		"structured hides the rest": {Remittance{Structured: []string{"x"}, Reference: a, Unstructured: []string{a}, EndToEndID: a}, nil},
		"structured, two entries":   {Remittance{Structured: []string{"x", a}}, candidates(a)},
		"fields swapped":            {Remittance{Particulars: a, Reference: "TALER"}, candidates(a)},
		"in two fields":             {Remittance{Code: a, Reference: a}, candidates(a)},
		"two in two fields":         {Remittance{Particulars: "pay " + a, Code: b}, candidates(a, b)},
		"broken over two fields":    {Remittance{Particulars: "TALER TAER00", Code: "0001X5"}, candidates(a)},
		"merged":                    {Remittance{Unstructured: []string{"J SMITH TALER 12 " + a}}, candidates(a)},
		"field and text":            {Remittance{Reference: a, Unstructured: []string{b}}, candidates(a, b)},
		"re-cased":                  {Remittance{Reference: "Taer000001x5"}, candidates(a)},
		"truncated":                 {Remittance{Reference: a[:11]}, nil},
		"truncated, rest elsewhere": {Remittance{Reference: a[:11], Unstructured: []string{a[:11]}}, nil},
		"end-to-end id":             {Remittance{Unstructured: []string{"gift"}, EndToEndID: a}, candidates(a)},
		"end-to-end id and text":    {Remittance{Unstructured: []string{b}, EndToEndID: a}, candidates(b)},
		"nothing":                   {Remittance{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, c.r.SearchText(tokens.Find)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Digits that belong to an IBAN, printed in groups or not, are no number.
func TestText_Numbers(t *testing.T) {
	t.Parallel()
	all := func(window []byte) (Reference, bool) { return Reference(window), true }
	for text, want := range map[string][]Candidate{
		"123456789012":                             candidates("123456789012"),
		"Ref. 1234 5678 9012, thanks":              candidates("123456789012"),
		"+++123/4567/89012+++":                     candidates("123456789012"),
		"X123456789012":                            nil,
		"1234567890123":                            nil,
		"DE75 5121 0800 1245 1261 99":              nil,
		"DE75512108001245126199":                   nil,
		"de75 5121 0800 1245 1261 99 please":       nil,
		"DE75 5121 0800 1245 1261 98":              candidates("512108001245", "080012451261"),
		"DE75 5121 0800 1245 1261 99 123456789012": candidates("123456789012"),
		"123456789012 DE75 5121 0800 1245 1261 99": candidates("123456789012"),
	} {
		if diff := cmp.Diff(want, ReadText(text).Numbers(12, all)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestToken_OutsideTheSpace(t *testing.T) {
	t.Parallel()
	if reference, err := tokens.Encode(tokens.Size()); err != ErrSlotRange || reference != "" {
		t.Errorf("Encode = %s, %v", reference, err)
	}
}
