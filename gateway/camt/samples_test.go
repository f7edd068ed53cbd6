package camt_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/gateway/bankfile/bankfiletest"
	"github.com/shortwire/shortwire/gateway/camt"
)

// samplesDir holds public bank statement samples, which are not part of this
// repository (docs/samples.md tells where they come from). SHORTWIRE_SAMPLES
// names another place.
const samplesDir = "../../../shared/samples"

// TestSamples reads what banks really send: every sample either becomes
// entries, or is refused with a sentence, as the golden file says.
func TestSamples(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SHORTWIRE_SAMPLES")
	if dir == "" {
		dir = samplesDir
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no bank samples in %s: set SHORTWIRE_SAMPLES to their folder to run this test", dir)
	}
	var text bytes.Buffer
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".xml" {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return describe(&text, name, path)
	})
	if err != nil {
		t.Fatal(err)
	}
	bankfiletest.Golden(t, "testdata/samples.golden", text.Bytes())
}

// describe writes what a sample becomes. It leaves out names, accounts and
// texts: those are the samples' own.
func describe(w *bytes.Buffer, name, path string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s\n", filepath.ToSlash(name))
	strict := meaning(file, camt.Options{})
	listed := meaning(file, camt.Options{Credits: camt.Kinds()})
	quirky := meaning(file, camt.Options{Credits: camt.Kinds(), Quirks: camt.Quirks()})
	fmt.Fprint(w, strict)
	if listed != strict {
		fmt.Fprintf(w, "  when its kind is listed in credit_messages\n%s", listed)
	}
	if quirky != listed {
		fmt.Fprintf(w, "  and with all quirks\n%s", quirky)
	}
	return nil
}

func meaning(file []byte, o camt.Options) string {
	w := new(strings.Builder)
	got, err := readWith(file, o)
	if err != nil {
		return fmt.Sprintf("  refused: %v\n", err)
	}
	fmt.Fprintf(w, "  %s: %d entries: %d credits, %d exceptions, %d ignored\n",
		got.Message, got.Entries, got.Credits, got.Exceptions, got.Ignored)
	for _, i := range got.Items {
		fmt.Fprintf(w, "  %s: %s\n", i.Position, strings.Join(i.words(), " "))
	}
	return w.String()
}

func (i item) words() []string {
	words := []string{i.Kind}
	for _, w := range []string{i.Reason, i.Amount, i.BankRef} {
		if w != "" {
			words = append(words, w)
		}
	}
	if i.Debtor == "" {
		words = append(words, "no-debtor-account")
	}
	for _, ref := range i.Structured {
		words = append(words, fmt.Sprintf("ref=%q", ref))
	}
	if n := len(i.Unstructured); n > 0 {
		words = append(words, fmt.Sprintf("lines=%d", n))
	}
	return words
}
