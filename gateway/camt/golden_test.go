package camt_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/gateway/bankfile/bankfiletest"
	"github.com/shortwire/shortwire/gateway/camt"
)

// result is the whole meaning of a file, as the golden files show it.
type result struct {
	Message    string `json:"message"`
	MessageID  string `json:"message_id,omitempty"`
	Test       bool   `json:"test,omitempty"`
	Entries    int    `json:"entries"`
	Credits    int    `json:"credits"`
	Exceptions int    `json:"exceptions"`
	Ignored    int    `json:"ignored"`
	Items      []item `json:"items"`
}

type item struct {
	Position     string   `json:"position"`
	Kind         string   `json:"kind"`
	Reason       string   `json:"reason,omitempty"`
	Detail       string   `json:"detail,omitempty"`
	BankRef      string   `json:"bank_ref,omitempty"`
	Amount       string   `json:"amount,omitempty"`
	Debtor       string   `json:"debtor,omitempty"`
	ValueDate    string   `json:"value_date,omitempty"`
	Booked       string   `json:"booked,omitempty"`
	IDs          []string `json:"ids,omitempty"`
	Structured   []string `json:"structured,omitempty"`
	Unstructured []string `json:"unstructured,omitempty"`
	EndToEndID   string   `json:"end_to_end_id,omitempty"`
	CreditorIBAN string   `json:"creditor_iban,omitempty"`
}

func itemOf(e camt.Entry) item {
	i := item{
		Position:     e.Position.String(),
		Kind:         string(e.Kind),
		Reason:       string(e.Reason),
		Detail:       e.Detail,
		BankRef:      e.BankRef,
		Structured:   e.Remittance.Structured,
		Unstructured: e.Remittance.Unstructured,
		EndToEndID:   e.Remittance.EndToEndID,
		CreditorIBAN: e.CreditorIBAN,
		IDs:          e.IDs,
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
	if !e.Booked.IsZero() {
		i.Booked = e.Booked.Format(time.DateOnly)
	}
	return i
}

func read(file []byte) (result, error) { return readWith(file, camt.Options{}) }

func readWith(file []byte, o camt.Options) (result, error) {
	var items []item
	info, err := o.Read(bytes.NewReader(file), func(e camt.Entry) error {
		items = append(items, itemOf(e))
		return nil
	})
	return result{
		info.Message, info.MessageID, info.Test, info.Entries,
		info.Credits, info.Exceptions, info.Ignored, items,
	}, err
}

// optionsOf are the options with which a file of testdata is read: every kind of
// message, and all quirks where its name says so.
func optionsOf(file string) camt.Options {
	o := camt.Options{Credits: camt.Kinds()}
	if strings.Contains(filepath.Base(file), "quirks") {
		o.Quirks = camt.Quirks()
	}
	return o
}

func testFiles(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no testdata: %v", err)
	}
	return files
}

// TestMeaning shows for every file of testdata what each entry becomes.
func TestMeaning(t *testing.T) {
	t.Parallel()
	for _, file := range testFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			xml, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readWith(xml, optionsOf(file))
			if err != nil {
				t.Fatal(err)
			}
			text := new(bytes.Buffer)
			enc := json.NewEncoder(text)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(got); err != nil {
				t.Fatal(err)
			}
			bankfiletest.Golden(t, strings.TrimSuffix(file, ".xml")+".json", text.Bytes())
		})
	}
}
