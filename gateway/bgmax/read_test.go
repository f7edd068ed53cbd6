package bgmax_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/gateway/bankfile/bankfiletest"
	"github.com/shortwire/shortwire/gateway/bgmax"
)

var own = bgmax.Options{Bankgiro: "5050-1055"}

func read(file []byte, emit func(*bankfile.Entry) error) (bankfile.Counts, error) {
	return bgmax.Read(bytes.NewReader(file), own, emit)
}

func testFiles(tb testing.TB) []string {
	tb.Helper()
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) == 0 {
		tb.Fatalf("no testdata: %v", err)
	}
	return names
}

// TestMeaning shows for every file of testdata what each payment becomes.
func TestMeaning(t *testing.T) {
	t.Parallel()
	for _, name := range testFiles(t) {
		bankfiletest.Meaning(t, name, read)
	}
}

const (
	start   = "01BGMAX               0120261122173035010331P\n"
	opening = "050050501055          SEK\n"
	payment = "200003783511secret                   00000000000001005021490630174260\n"
	closing = "1500000000000000000058410000010098232202611220007000000000000001005" + "0SEK00000001\n"
	ending  = "7000000001000000000000000000000001\n"
)

func swap(old, with string) string {
	return strings.Replace(start+opening+payment+closing+ending, old, with, 1)
}

var refusals = []bankfiletest.Refusal{
	{Name: "empty", File: "", Want: bankfile.ErrTruncated, Text: "70"},
	{Name: "something else", File: "Date,secret\n", Want: bankfile.ErrForm, Text: "01BGMAX"},
	{Name: "another file of Bankgirot", File: swap("01BGMAX", "01AUTOG"), Want: bankfile.ErrForm, Text: "line 1"},
	{Name: "version", File: swap("     01202", "     02202"), Want: bankfile.ErrForm, Text: "version"},
	{Name: "no start", File: swap(start, ""), Want: bankfile.ErrForm, Text: "line 1"},
	{Name: "no end", File: swap(ending, ""), Want: bankfile.ErrTruncated, Text: "70"},
	{Name: "end cut", File: swap("0000000001\n", ""), Want: bankfile.ErrStructure, Text: "end record"},
	{Name: "more behind the end", File: swap(ending, ending+payment), Want: bankfile.ErrStructure, Text: "behind"},
	{Name: "payment missing", File: swap(payment, ""), Want: bankfile.ErrBalance, Text: "line 3"},
	{Name: "payment twice", File: swap(payment, payment+payment), Want: bankfile.ErrBalance, Text: "line 5"},
	{Name: "amount changed", File: swap("010050", "010051"), Want: bankfile.ErrBalance, Text: ""},
	{Name: "deduction taken for a payment", File: swap("200003783511", "210003783511"), Want: bankfile.ErrBalance, Text: ""},
	{Name: "deposit missing", File: start + ending, Want: bankfile.ErrBalance, Text: "end record"},
	{Name: "extra record missing", File: swap("70000000010000000000000000", "70000000010000000000000001"), Want: bankfile.ErrBalance, Text: ""},
	{Name: "no closing record", File: swap(closing, ""), Want: bankfile.ErrTruncated, Text: "15"},
	{Name: "deposit in a deposit", File: swap(closing, opening+closing), Want: bankfile.ErrTruncated, Text: "15"},
	{Name: "payment outside", File: swap(opening, ""), Want: bankfile.ErrStructure, Text: "outside"},
	{Name: "closing outside", File: swap(opening+payment, ""), Want: bankfile.ErrStructure, Text: "outside"},
	{Name: "message before the payment", File: swap(payment, "25secret\n"+payment), Want: bankfile.ErrStructure, Text: "behind no payment"},
	{Name: "unknown record", File: swap(payment, "99secret\n"+payment), Want: bankfile.ErrStructure, Text: "line 3"},
	{Name: "empty line inside", File: swap(payment, "\n"+payment), Want: bankfile.ErrStructure, Text: "line 3"},
	{Name: "long record", File: swap(payment, strings.TrimSuffix(payment, "\n")+strings.Repeat(" ", 20)+"\n"), Want: bankfile.ErrStructure, Text: "80"},
	{Name: "no bankgiro", File: swap("050050501055", "050000000000"), Want: bankfile.ErrAccount, Text: "line 2"},
	{Name: "no currency", File: swap("SEK\n", "\n"), Want: bankfile.ErrStructure, Text: "currency"},
	{Name: "two currencies", File: swap("SEK0", "EUR0"), Want: bankfile.ErrStructure, Text: "currency"},
	{Name: "day", File: swap("20261122000", "20261322000"), Want: bankfile.ErrDate, Text: "line 4"},
	{Name: "amount", File: swap("000000000000010050", "           -100,50"), Want: bankfile.ErrAmount, Text: "38 to 55"},
	{Name: "amount with a sign", File: swap("000000000000010050", "+00000000000010050"), Want: bankfile.ErrAmount, Text: ""},
	{Name: "largest amount", File: swap("000000000000010050", "999999999999999999"), Want: bankfile.ErrAmount, Text: "larger"},
	{Name: "no serial number", File: swap("490630174260", ""), Want: bankfile.ErrReference, Text: "58 to 69"},
	{Name: "short serial number", File: swap("490630174260", "49063017426"), Want: bankfile.ErrReference, Text: ""},
	{Name: "control character", File: swap("secret", "s\x01"), Want: bankfile.ErrEncoding, Text: "8859-1"},
	{Name: "endless messages", File: swap(payment, payment+strings.Repeat("25"+strings.Repeat("secret", 8)+"\n", 300)), Want: bankfile.ErrTooLarge, Text: "10,000"},
	{Name: "endless line", File: start + strings.Repeat("x", 1<<20), Want: bankfile.ErrTooLarge, Text: "64 kB"},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	bankfiletest.Refuse(t, refusals, func(file []byte, _ func(*bankfile.Entry) error) (bankfile.Counts, error) {
		return read(file, func(*bankfile.Entry) error {
			t.Errorf("something is emitted of a file that is refused:\n%.300s", file)
			return nil
		})
	})
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"as it is":          swap("", ""),
		"no deposits":       start + "7000000000000000000000000000000000",
		"CR LF":             strings.ReplaceAll(swap("", ""), "\n", "\r\n"),
		"empty lines after": swap(ending, ending+"\n\n"),
		"full records":      swap(payment, strings.TrimSuffix(payment, "\n")+strings.Repeat(" ", 80-len(payment)+1)+"\n"),
	} {
		if _, err := read([]byte(file), func(*bankfile.Entry) error { return nil }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEveryCut shows that no beginning of a file passes for the whole.
func TestEveryCut(t *testing.T) {
	t.Parallel()
	for _, name := range testFiles(t) {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		end := bytes.LastIndex(file, []byte("\n70")) + len("\n70") + 31
		for i := range end {
			if _, err := read(file[:i], func(*bankfile.Entry) error { return nil }); !bankfiletest.Refused(err) {
				t.Fatalf("%s: cut after %d bytes: %v", name, i, err)
			}
		}
	}
}

// brokenSeeker cannot be read again.
type brokenSeeker struct{ io.Reader }

var errBroken = errors.New("broken")

func (brokenSeeker) Seek(int64, int) (int64, error) { return 0, errBroken }

func TestErrorsOfOthers(t *testing.T) {
	t.Parallel()
	_, err := bgmax.Read(brokenSeeker{strings.NewReader(swap("", ""))}, own, nil)
	if !errors.Is(err, errBroken) || bankfiletest.Refused(err) {
		t.Errorf("got %v", err)
	}
	if _, err := read([]byte(swap("", "")), func(*bankfile.Entry) error { return errBroken }); err != errBroken {
		t.Errorf("got %v", err)
	}
}

func FuzzBgMax(f *testing.F) {
	for _, name := range testFiles(f) {
		file, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	for _, c := range refusals {
		if len(c.File) < 64<<10 {
			f.Add([]byte(c.File))
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) { bankfiletest.FuzzStatement(t, file, read) })
}
