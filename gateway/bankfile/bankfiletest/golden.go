// Package bankfiletest holds what the tests of bank files have in common: golden
// files, what every entry becomes among them, and the promises of package bankfile
// as checks.
package bankfiletest

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/gateway/bankfile"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Reader reads one file, as the packages' Read functions do.
type Reader func(file []byte, emit func(*bankfile.Entry) error) (bankfile.Counts, error)

// item is an entry as the golden files show it.
type item struct {
	Line         int      `json:"line"`
	Kind         string   `json:"kind"`
	Reason       string   `json:"reason,omitempty"`
	BankRef      string   `json:"bank_ref,omitempty"`
	Amount       string   `json:"amount,omitempty"`
	Debtor       string   `json:"debtor,omitempty"`
	ValueDate    string   `json:"value_date,omitempty"`
	Structured   []string `json:"structured,omitempty"`
	Unstructured []string `json:"unstructured,omitempty"`
	Particulars  string   `json:"particulars,omitempty"`
	Code         string   `json:"code,omitempty"`
	Reference    string   `json:"reference,omitempty"`
	EndToEndID   string   `json:"end_to_end_id,omitempty"`
}

func itemOf(e *bankfile.Entry) item {
	i := item{
		Line: e.Line, Kind: string(e.Kind), Reason: string(e.Reason), BankRef: e.BankRef,
		Structured: e.Remittance.Structured, Unstructured: e.Remittance.Unstructured,
		Particulars: e.Remittance.Particulars, Code: e.Remittance.Code, Reference: e.Remittance.Reference,
		EndToEndID: e.Remittance.EndToEndID,
	}
	if e.Amount.Currency != "" {
		i.Amount = e.Amount.String()
	}
	if e.Debtor != nil {
		i.Debtor = e.Debtor.String()
	}
	if !e.ValueDate.IsZero() {
		i.ValueDate = e.ValueDate.Format(time.DateOnly)
	}
	return i
}

// Meaning shows what every entry of a file becomes, and compares it with the
// golden file beside it.
func Meaning(t *testing.T, path string, read Reader) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var items []item
	info, err := read(file, func(e *bankfile.Entry) error {
		Check(t, e)
		items = append(items, itemOf(e))
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if info.Emitted() != len(items) {
		t.Errorf("%s: %+v for %d entries", path, info, len(items))
	}
	text := new(bytes.Buffer)
	enc := json.NewEncoder(text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(items); err != nil {
		t.Fatal(err)
	}
	Golden(t, strings.TrimSuffix(path, filepath.Ext(path))+".json", text.Bytes())
}

// Golden compares got with a file, or writes the file with -update.
func Golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); if the change is meant, run the test with -update\n%s", path, diff)
	}
}

// Check checks what the desk relies on.
func Check(t testing.TB, e *bankfile.Entry) {
	t.Helper()
	if (e.Kind == bankfile.Credit) != (e.Reason == "") || e.Line == 0 {
		t.Errorf("entry %+v", e)
	}
	if e.Kind == bankfile.Ignored {
		return
	}
	if e.BankRef == "" || len(e.BankRef) > bankfile.MaxRef || e.ValueDate.IsZero() {
		t.Errorf("nothing tells which payment it is: %+v", e)
	}
	if _, err := e.Amount.MarshalText(); err != nil || e.Amount.IsZero() {
		t.Errorf("amount %+v: %v", e.Amount, err)
	}
}

// Refused tells an error with a reason of package bankfile.
func Refused(err error) bool {
	for _, sentinel := range bankfile.Errors {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}

// Fuzz holds a reader to its promises, whatever the file.
func Fuzz(t *testing.T, file []byte, read Reader) {
	t.Helper()
	fuzz(t, file, read, true)
}

// FuzzStatement is Fuzz for forms whose files may hold a statement twice, as its
// own replay.
func FuzzStatement(t *testing.T, file []byte, read Reader) {
	t.Helper()
	fuzz(t, file, read, false)
}

func fuzz(t *testing.T, file []byte, read Reader, once bool) {
	t.Helper()
	refs, entries := map[string]bool{}, 0
	info, err := read(file, func(e *bankfile.Entry) error {
		Check(t, e)
		entries++
		if once && e.Kind != bankfile.Ignored && refs[e.BankRef] {
			t.Errorf("two payments are %s", e.BankRef)
		}
		refs[e.BankRef] = true
		return nil
	})
	switch {
	case err != nil && !Refused(err):
		t.Errorf("an error without a reason: %v", err)
	case info.Emitted() != entries:
		t.Errorf("%+v for %d entries", info, entries)
	}
}

// Refusal is a file that must be refused.
type Refusal struct {
	Name, File string
	Want       error
	Text       string // which the sentence must hold
}

// Refuse checks that nothing is emitted before Validate has refused, and that
// the sentence names the place and no content: "secret" must not be in it.
func Refuse(t *testing.T, cases []Refusal, read Reader) {
	t.Helper()
	for _, c := range cases {
		_, err := read([]byte(c.File), func(*bankfile.Entry) error { return nil })
		if !errors.Is(err, c.Want) {
			t.Errorf("%s: got %v, want %v", c.Name, err, c.Want)
			continue
		}
		if !strings.HasPrefix(err.Error(), "line ") || !strings.Contains(err.Error(), c.Text) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the sentence: %v", c.Name, err)
		}
	}
}
