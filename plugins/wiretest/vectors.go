package wiretest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

var update = flag.Bool("update", false, "write the computed references and subjects into the vector files")

// VectorFile is a file of worked examples of one method with one account. Other
// implementations may test themselves with it: everything they need is in it.
type VectorFile struct {
	Note    string `json:"note"`
	Method  string `json:"method"`
	Account struct {
		Payto      string            `json:"payto"`
		Currency   string            `json:"currency"`
		Parameters map[string]string `json:"parameters,omitempty"`
	} `json:"account"`
	Size    uint64   `json:"size"`
	Vectors []Vector `json:"vectors"`
	Read    []Read   `json:"read"`
	Refused []Read   `json:"refused"`
}

// Vector is a slot and what it becomes.
type Vector struct {
	Slot      uint64          `json:"slot"`
	Reference string          `json:"reference"`
	Subjects  []VectorSubject `json:"subjects"`
}

// VectorSubject is a wire.Subject without what every subject of a file shares.
type VectorSubject struct {
	Type          string `json:"type"`
	CreditAccount string `json:"credit_account"`
	Subject       string `json:"subject,omitempty"`
	URI           string `json:"uri,omitempty"`
	QRReference   string `json:"qr_reference_number,omitempty"`
	Particulars   string `json:"particulars,omitempty"`
	Code          string `json:"code,omitempty"`
	Reference     string `json:"reference,omitempty"`
	Scheme        string `json:"scheme,omitempty"`
}

// Read is a remittance and the reference in it; none for what is refused.
type Read struct {
	Why          string   `json:"why"`
	Structured   []string `json:"structured,omitempty"`
	Unstructured []string `json:"unstructured,omitempty"`
	Particulars  string   `json:"particulars,omitempty"`
	Code         string   `json:"code,omitempty"`
	Field        string   `json:"reference_field,omitempty"`
	EndToEndID   string   `json:"end_to_end_id,omitempty"`
	Reference    string   `json:"reference,omitempty"`
}

// Open reads a vector file and makes its method.
func Open(t testing.TB, factory wire.Factory, path string) (*VectorFile, wire.Method) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := new(VectorFile)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(f); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	payto, err := taler.ParsePayto(f.Account.Payto)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	m, err := factory.New(wire.Settings{Account: "a", Payto: payto, Currency: f.Account.Currency, Parameters: f.Account.Parameters})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f, m
}

// Vectors checks that a method agrees with its vector file. With -update it
// writes what the method computes into the file; what is to be read and refused
// is written by hand.
func Vectors(t *testing.T, factory wire.Factory, path string) {
	t.Helper()
	f, m := Open(t, factory, path)
	if *update {
		f.fill(t, m)
		f.write(t, path)
	}
	if f.Method != factory.Name || f.Size != m.Spec().Size || len(f.Vectors) == 0 || len(f.Refused) == 0 {
		t.Errorf("%s: method %s, size %d, %d vectors, %d refused; the method is %s, size %d",
			path, f.Method, f.Size, len(f.Vectors), len(f.Refused), factory.Name, m.Spec().Size)
	}
	for _, v := range f.Vectors {
		if diff := cmp.Diff(v, computed(t, m, v.Slot)); diff != "" {
			t.Errorf("%s: slot %d: %s", path, v.Slot, diff)
		}
	}
	for _, r := range append(f.Read, f.Refused...) {
		var want []wire.Candidate
		if r.Reference != "" {
			want = []wire.Candidate{{Kind: wire.KindReference, Reference: wire.Reference(r.Reference)}}
		}
		if diff := cmp.Diff(want, m.Scan(r.remittance())); diff != "" {
			t.Errorf("%s: %s: %s", path, r.Why, diff)
		}
	}
}

func computed(t *testing.T, m wire.Method, slot uint64) Vector {
	t.Helper()
	reference, err := m.Encode(wire.Slot{Index: slot})
	if err != nil {
		t.Fatalf("Encode(%d): %v", slot, err)
	}
	v := Vector{Slot: slot, Reference: string(reference)}
	for _, s := range (&suite{method: m}).subjects(t, reference) {
		v.Subjects = append(v.Subjects, VectorSubject{
			Type: s.Type, CreditAccount: s.CreditAccount, Subject: s.Subject, URI: s.URI, QRReference: s.QRReference,
			Particulars: s.Particulars, Code: s.Code, Reference: s.Reference, Scheme: s.Scheme,
		})
	}
	return v
}

func (f *VectorFile) fill(t *testing.T, m wire.Method) {
	t.Helper()
	f.Size = m.Spec().Size
	slots := []uint64{0, 1, f.Size / 2, f.Size - 1}
	if len(f.Vectors) > 0 {
		slots = nil
		for _, v := range f.Vectors {
			slots = append(slots, v.Slot)
		}
	}
	f.Vectors = nil
	for _, slot := range slots {
		f.Vectors = append(f.Vectors, computed(t, m, slot))
	}
}

func (f *VectorFile) write(t *testing.T, path string) {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(f); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

func (r Read) remittance() wire.Remittance {
	return wire.Remittance{
		Structured: r.Structured, Unstructured: r.Unstructured,
		Particulars: r.Particulars, Code: r.Code, Reference: r.Field, EndToEndID: r.EndToEndID,
	}
}
