package nzcsv_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/gateway/bankfile/bankfiletest"
	"github.com/shortwire/shortwire/gateway/nzcsv"
	"github.com/shortwire/shortwire/subjects/taler"
)

// dialects by the beginning of the names of the test files.
var dialects = map[string]nzcsv.Dialect{"anz": nzcsv.ANZ, "asb": nzcsv.ASB, "bnz": nzcsv.BNZ, "kiwibank": nzcsv.Kiwibank}

// reader reads for the account of the test files.
func reader(d nzcsv.Dialect) bankfiletest.Reader {
	return func(file []byte, emit func(*bankfile.Entry) error) (bankfile.Counts, error) {
		return nzcsv.Read(bytes.NewReader(file), options(d), emit)
	}
}

func options(d nzcsv.Dialect) nzcsv.Options {
	account, err := taler.NewNZPayto("12-3456-1602757-59", "Example Exchange")
	if err != nil {
		panic(err)
	}
	return nzcsv.Options{Dialect: d, Account: account}
}

func testFiles(tb testing.TB) map[string]nzcsv.Dialect {
	tb.Helper()
	names, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(names) == 0 {
		tb.Fatalf("no testdata: %v", err)
	}
	files := map[string]nzcsv.Dialect{}
	for _, name := range names {
		bank, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(name), ".csv"), "_")
		files[name] = dialects[bank]
	}
	return files
}

// TestMeaning shows for every file of testdata what each row becomes.
func TestMeaning(t *testing.T) {
	t.Parallel()
	for name, dialect := range testFiles(t) {
		bankfiletest.Meaning(t, name, reader(dialect))
	}
}

const (
	anzHead = "Type,Details,Particulars,Code,Reference,Amount,Date,ForeignCurrencyAmount,ConversionCharge\n"
	anzRow  = "Direct Credit,secret,secret,,secret,50.00,22/11/2026,,\n"
	asbHead = "Created date / time : 23 November 2026 / 09:15:02\nBank 12; Branch 3456; Account 1602757-59 (secret)\nFrom date 20261120\n" +
		"Date,Unique Id,Tran Type,Cheque Number,Payee,Memo,Amount\n\n"
	kiwiHead = "Account number,Date,Memo/Description,Source Code (payment type),TP ref,TP part,TP code,OP ref,OP part,OP code,OP name,OP Bank Account Number,Amount (credit),Amount (debit),Amount,Balance\n"
	kiwiRow  = "12-3456-1602757-59,20-11-2026,secret,DC,secret,,,,,,,,50.00,,50.00,\n"
)

var refusals = map[nzcsv.Dialect][]bankfiletest.Refusal{
	nzcsv.ANZ: {
		{Name: "empty", File: "", Want: bankfile.ErrTruncated, Text: "header"},
		{Name: "no header", File: anzRow, Want: bankfile.ErrForm, Text: "ANZ"},
		{Name: "header of another bank", File: kiwiHead, Want: bankfile.ErrForm, Text: "ANZ"},
		{Name: "header cut", File: anzHead[:40], Want: bankfile.ErrForm, Text: "line 1"},
		{Name: "row cut", File: anzHead + anzRow + anzRow[:30], Want: bankfile.ErrTruncated, Text: "line 3"},
		{Name: "quote cut", File: anzHead + anzRow + `Direct Credit,"secret`, Want: bankfile.ErrStructure, Text: "line 3"},
		{Name: "one column more", File: anzHead + strings.Replace(anzRow, "\n", ",x\n", 1), Want: bankfile.ErrTruncated, Text: "9 columns"},
		{Name: "day and month exchanged", File: anzHead + strings.Replace(anzRow, "22/11/", "11/22/", 1), Want: bankfile.ErrDate, Text: "Date"},
		{Name: "ISO date", File: anzHead + strings.Replace(anzRow, "22/11/2026", "2026-11-22", 1), Want: bankfile.ErrDate, Text: "line 2"},
		{Name: "short date", File: anzHead + strings.Replace(anzRow, "22/11/2026", "2/11/2026", 1), Want: bankfile.ErrDate, Text: ""},
		{Name: "no amount", File: anzHead + strings.Replace(anzRow, "50.00", "", 1), Want: bankfile.ErrAmount, Text: "Amount"},
		{Name: "thousands", File: anzHead + strings.Replace(anzRow, "50.00", `"1,050.00"`, 1), Want: bankfile.ErrAmount, Text: ""},
		{Name: "three decimals", File: anzHead + strings.Replace(anzRow, "50.00", "50.001", 1), Want: bankfile.ErrAmount, Text: ""},
		{Name: "float", File: anzHead + strings.Replace(anzRow, "50.00", "5E1", 1), Want: bankfile.ErrAmount, Text: ""},
		{Name: "dollar sign", File: anzHead + strings.Replace(anzRow, "50.00", "$50.00", 1), Want: bankfile.ErrAmount, Text: ""},
		{Name: "not UTF-8", File: anzHead + strings.Replace(anzRow, "secret,,", "s\xe9,,", 1), Want: bankfile.ErrEncoding, Text: "Particulars"},
		{Name: "UTF-16", File: "\xff\xfeT\x00y\x00", Want: bankfile.ErrEncoding, Text: "UTF-16"},
		{Name: "NUL", File: anzHead + strings.Replace(anzRow, "secret,,", "s\x00,,", 1), Want: bankfile.ErrEncoding, Text: ""},
		{Name: "line break in a text", File: anzHead + strings.Replace(anzRow, "secret,,", "\"s\ns\",,", 1), Want: bankfile.ErrEncoding, Text: "line 2"},
		{Name: "endless header", File: strings.Repeat("x", 1<<20), Want: bankfile.ErrTooLarge, Text: "64 kB"},
		{Name: "endless text", File: anzHead + `D,"` + strings.Repeat("secret", 1<<20) + `"`, Want: bankfile.ErrTooLarge, Text: "line 2"},
	},
	nzcsv.ASB: {
		{Name: "no preamble", File: "Date,Unique Id,Tran Type,Cheque Number,Payee,Memo,Amount\n", Want: bankfile.ErrForm, Text: "creation"},
		{Name: "credit card", File: strings.Replace(asbHead, "Bank 12; Branch 3456; Account 1602757-59", "Card Number secret", 1), Want: bankfile.ErrAccount, Text: "line 2"},
		{Name: "wrong account", File: strings.Replace(asbHead, "1602757", "1602775", 1), Want: bankfile.ErrAccount, Text: "line 2"},
		{Name: "long preamble", File: strings.Replace(asbHead, "From date 20261120\n", strings.Repeat("x\n", 20), 1), Want: bankfile.ErrForm, Text: "ASB"},
		{Name: "only a preamble", File: asbHead[:strings.Index(asbHead, "Date,")], Want: bankfile.ErrTruncated, Text: "header"},
		{Name: "last amount cut", File: asbHead + `2026/11/20,2026112001,D/C,,"secret","secret",1300.0`, Want: bankfile.ErrAmount, Text: "line 6"},
		{Name: "last amount cut at the point", File: asbHead + `2026/11/20,2026112001,D/C,,"secret","secret",130`, Want: bankfile.ErrAmount, Text: "line 6"},
	},
	nzcsv.Kiwibank: {
		{Name: "credit contradicts", File: kiwiHead + strings.Replace(kiwiRow, ",50.00,,", ",60.00,,", 1), Want: bankfile.ErrStructure, Text: "contradict"},
		{Name: "debit of a credit", File: kiwiHead + strings.Replace(kiwiRow, ",50.00,,", ",,50.00,", 1), Want: bankfile.ErrStructure, Text: "contradict"},
		{Name: "sign contradicts", File: kiwiHead + strings.Replace(kiwiRow, ",50.00,\n", ",-50.00,\n", 1) + strings.Replace(kiwiRow, ",50.00,,50.00", ",50.00,,-50.00", 1), Want: bankfile.ErrStructure, Text: ""},
		{Name: "no account", File: kiwiHead + strings.Replace(kiwiRow, "12-3456-1602757-59", "", 1), Want: bankfile.ErrAccount, Text: "Account number"},
		{Name: "wrong account", File: kiwiHead + strings.Replace(kiwiRow, "1602757", "1602775", 1), Want: bankfile.ErrAccount, Text: "line 2"},
	},
	"": {{Name: "no dialect", File: anzHead, Want: bankfile.ErrForm, Text: ""}},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for dialect, cases := range refusals {
		bankfiletest.Refuse(t, cases, reader(dialect))
	}
}

// What is just within the limits.
func TestAccepted(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"no rows":           anzHead,
		"no line end":       strings.TrimSuffix(anzHead+anzRow, "\n"),
		"byte order mark":   "\ufeff" + anzHead + anzRow,
		"CR LF":             strings.ReplaceAll(anzHead+anzRow, "\n", "\r\n"),
		"empty lines":       anzHead + "\n\n" + anzRow + "\n",
		"everything quoted": `"` + strings.NewReplacer(",", `","`, "\n", "\"\n").Replace(anzHead) + anzRow,
		"letters":           anzHead + strings.Replace(anzRow, "secret,,", "Māori,,", 1),
		"long text":         anzHead + strings.Replace(anzRow, "secret,,", strings.Repeat("x", 50<<10)+",,", 1),
	} {
		if _, err := nzcsv.Validate(strings.NewReader(file), options(nzcsv.ANZ)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	o := options(nzcsv.ANZ)
	o.Charset = bankfile.Latin1
	_, err := nzcsv.Read(strings.NewReader(anzHead+strings.Replace(anzRow, "secret,,", "caf\xe9,,", 1)), o, func(e *bankfile.Entry) error {
		if e.Remittance.Particulars != "café" {
			t.Errorf("got %q", e.Remittance.Particulars)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestT1_RowsOfWholeDays: whatever is exported, a day again, a longer time, or
// a day that was not over, in whatever order: what had a reference keeps it, and
// no two rows share one.
func TestT1_RowsOfWholeDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("Direct Credit,%s,%s,,%s,%d.00,2%d/11/2026,,\n",
				rapid.SampledFrom([]string{"A", "B"}).Draw(t, "name"),
				rapid.SampledFrom([]string{"", "P", "P "}).Draw(t, "particulars"),
				rapid.SampledFrom([]string{"", "P", "R"}).Draw(t, "reference"),
				rapid.IntRange(1, 2).Draw(t, "amount"), rapid.IntRange(0, 2).Draw(t, "day"))
		}), 0, 12).Draw(t, "rows")
		early := rapid.IntRange(0, len(rows)).Draw(t, "early")
		first := refs(t, rows[:early])
		later := refs(t, rapid.Permutation(rows).Draw(t, "later"))
		if len(first) != early || len(later) != len(rows) {
			t.Fatalf("%d and %d references for %d and %d rows", len(first), len(later), early, len(rows))
		}
		for ref, content := range first {
			if later[ref] != content {
				t.Fatalf("%s was %s and is %s", ref, content, later[ref])
			}
		}
	})
}

// refs are the references with what is stored under them.
func refs(t *rapid.T, rows []string) map[string]string {
	found := map[string]string{}
	_, err := nzcsv.Read(strings.NewReader(anzHead+strings.Join(rows, "")), options(nzcsv.ANZ), func(e *bankfile.Entry) error {
		found[e.BankRef] = fmt.Sprint(e.Amount, e.Debtor, e.ValueDate, e.Remittance)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// What the bank fills in later does not change which payment it is.
func TestT1_LaterColumns(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/kiwibank.csv")
	if err != nil {
		t.Fatal(err)
	}
	of := func(file string) (found []string) {
		_, err := nzcsv.Read(strings.NewReader(file), options(nzcsv.Kiwibank), func(e *bankfile.Entry) error {
			found = append(found, e.BankRef)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	later := strings.NewReplacer(",150.00\n", ",\n", ",DC,", ",D,", "A J Example", "Mr Example").Replace(string(file))
	if a, b := of(string(file)), of(later); !slices.Equal(a, b) {
		t.Errorf("%v, then %v", a, b)
	}
}

func TestErrorsOfOthers(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	for _, sent := range []string{"", anzHead[:10], anzHead, anzHead + anzRow} {
		r := io.MultiReader(strings.NewReader(sent), iotest.ErrReader(broken))
		if _, err := nzcsv.Validate(r, options(nzcsv.ANZ)); !errors.Is(err, broken) || bankfiletest.Refused(err) {
			t.Errorf("after %d bytes: %v", len(sent), err)
		}
	}
	calls := 0
	_, err := nzcsv.Read(strings.NewReader(anzHead+anzRow+anzRow), options(nzcsv.ANZ), func(*bankfile.Entry) error {
		calls++
		return broken
	})
	if err != broken || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// rows generates a long file that is never in memory as a whole.
type rows struct {
	n, next int
	buf     bytes.Buffer
}

func (g *rows) Read(p []byte) (int, error) {
	if g.buf.Len() == 0 {
		if g.next > g.n {
			return 0, io.EOF
		}
		if g.next == 0 {
			g.buf.WriteString(anzHead)
		} else {
			fmt.Fprintf(&g.buf, "Direct Credit,Payer %d,TALER,%d,%s,12.50,22/11/2026,,\n", g.next, g.next, strings.Repeat("x", 200))
		}
		g.next++
	}
	return g.buf.Read(p)
}

// TestMemory measures what a digest per credit costs; it does not run in
// parallel, since it measures the heap.
func TestMemory(t *testing.T) {
	const n = 50_000
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, grown := heap(), int64(0)
	info, err := nzcsv.Read(&rows{n: n}, options(nzcsv.ANZ), func(e *bankfile.Entry) error {
		if e.Line == n {
			grown = heap() - before
		}
		return nil
	})
	if err != nil || info.Credits != n {
		t.Fatalf("%+v, %v", info, err)
	}
	if grown > 200*n {
		t.Errorf("the heap grew by %d bytes for %d rows", grown, n)
	}
}

func FuzzNZCSV(f *testing.F) {
	for name, dialect := range testFiles(f) {
		file, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(dialect), file)
	}
	for _, dialect := range slices.Sorted(maps.Keys(refusals)) {
		for _, c := range refusals[dialect] {
			if len(c.File) < 64<<10 {
				f.Add(string(dialect), []byte(c.File))
			}
		}
	}
	f.Fuzz(func(t *testing.T, dialect string, file []byte) {
		bankfiletest.Fuzz(t, file, reader(nzcsv.Dialect(dialect)))
	})
}
