package mt940_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/gateway/bankfile/bankfiletest"
	"github.com/shortwire/shortwire/gateway/mt940"
)

var own = mt940.Options{IBANs: []string{"DE89370400440532013000"}}

func with(o mt940.Options) bankfiletest.Reader {
	return func(file []byte, emit func(*bankfile.Entry) error) (bankfile.Counts, error) {
		return mt940.Read(bytes.NewReader(file), o, emit)
	}
}

func byPosition() mt940.Options {
	o := own
	o.Reference = mt940.ByPosition
	return o
}

// TestMeaning shows for every file of testdata what each entry becomes.
func TestMeaning(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.sta")
	if err != nil || len(names) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, name := range names {
		read := with(own)
		if filepath.Base(name) == "position.sta" {
			read = with(byPosition())
		}
		bankfiletest.Meaning(t, name, read)
	}
}

const (
	head   = ":20:X\n:25:DE89370400440532013000\n:28C:1/1\n:60F:C261121EUR100,00\n"
	credit = ":61:2611221122C5,00NTRFsecret//B1\n:86:secret\n"
	tail   = ":62F:C261122EUR105,00\n-\n"
)

func swap(old, with string) string { return strings.Replace(head+credit+tail, old, with, 1) }

var refusals = []bankfiletest.Refusal{
	{Name: "empty", File: "", Want: bankfile.ErrTruncated, Text: "no statement"},
	{Name: "blank", File: "\n\n-\n", Want: bankfile.ErrTruncated, Text: "no statement"},
	{Name: "something else", File: "Date,secret\n", Want: bankfile.ErrForm, Text: "line 1"},
	{Name: "UTF-16", File: "\xff\xfe:\x00", Want: bankfile.ErrEncoding, Text: "UTF-16"},
	{Name: "Latin 1", File: swap(":86:secret", ":86:M\xfcller"), Want: bankfile.ErrEncoding, Text: "bank_charset"},
	{Name: "NUL", File: swap(":86:secret", ":86:M\x00"), Want: bankfile.ErrEncoding, Text: "line 6"},
	{Name: "MT942", File: strings.Replace(swap(":60F:C261121EUR100,00\n", ":34F:EUR0,\n"), tail, "-\n", 1), Want: bankfile.ErrForm, Text: "MT942"},
	{Name: "no start", File: swap(":20:X\n", ""), Want: bankfile.ErrForm, Text: ":20:"},
	{Name: "cut before the closing balance", File: head + credit, Want: bankfile.ErrTruncated, Text: ":62F:"},
	{Name: "ends before the closing balance", File: head + credit + "-\n", Want: bankfile.ErrTruncated, Text: ":62F:"},
	{Name: "next one begins", File: head + credit + head + credit + tail, Want: bankfile.ErrTruncated, Text: "line 7"},
	{Name: "cut in the closing balance", File: swap("EUR105,00\n-\n", "EUR10"), Want: bankfile.ErrStructure, Text: ":62F:"},
	{Name: "closing balance without its last digits", File: swap("EUR105,00\n-\n", "EUR10,"), Want: bankfile.ErrBalance, Text: "1 entries"},
	{Name: "does not add up", File: swap("C5,00", "C6,00"), Want: bankfile.ErrBalance, Text: ":62F:"},
	{Name: "debit taken for a credit", File: swap("C5,00", "D5,00"), Want: bankfile.ErrBalance, Text: ""},
	{Name: "an entry is missing", File: swap(credit, ""), Want: bankfile.ErrBalance, Text: "0 entries"},
	{Name: "two currencies", File: swap(":62F:C261122EUR", ":62F:C261122USD"), Want: bankfile.ErrStructure, Text: "currency"},
	{Name: "currency of an entry", File: swap("C5,00", "CD5,00"), Want: bankfile.ErrStructure, Text: "currency"},
	{Name: "two opening balances", File: swap(credit, ":60F:C261121EUR0,\n"+credit), Want: bankfile.ErrStructure, Text: "twice"},
	{Name: "closing without opening", File: ":20:X\n:25:DE89370400440532013000\n" + tail, Want: bankfile.ErrStructure, Text: ":60F:"},
	{Name: "entry behind the end", File: head + credit + strings.TrimSuffix(tail, "-\n") + credit, Want: bankfile.ErrStructure, Text: "behind"},
	{Name: "no account", File: swap(":25:DE89370400440532013000\n", ""), Want: bankfile.ErrAccount, Text: ":25:"},
	{Name: "two accounts", File: swap(":28C:", ":25:DE02120300000000202051\n:28C:"), Want: bankfile.ErrStructure, Text: "twice"},
	{Name: "account that cannot be compared", File: swap("DE89370400440532013000", "0532013000"), Want: bankfile.ErrAccount, Text: "mt940_account"},
	{Name: "account with wrong check digits", File: swap("DE89", "DE88"), Want: bankfile.ErrAccount, Text: ""},
	{Name: "statement number", File: swap(":28C:1/1", ":28C:secret"), Want: bankfile.ErrStructure, Text: ":28C:"},
	{Name: "value date", File: swap("2611221122C", "2613221122C"), Want: bankfile.ErrDate, Text: "line 5"},
	{Name: "balance date", File: swap("C261121", "C261131"), Want: bankfile.ErrDate, Text: "line 4"},
	{Name: "decimal point", File: swap("C5,00", "C5.00"), Want: bankfile.ErrStructure, Text: ":61:"},
	{Name: "no mark", File: swap("C5,00", "5,00"), Want: bankfile.ErrStructure, Text: ":61:"},
	{Name: "expected credit", File: swap("C5,00", "EC5,00"), Want: bankfile.ErrStructure, Text: ":61:"},
	{Name: "long amount", File: swap("C5,00", "C1234567890123,00"), Want: bankfile.ErrStructure, Text: ""},
	{Name: "no type", File: swap("NTRFsecret//B1", ""), Want: bankfile.ErrStructure, Text: ""},
	{Name: "no reference", File: swap("//B1", ""), Want: bankfile.ErrReference, Text: "mt940_reference"},
	{Name: "empty reference", File: swap("//B1", "//"), Want: bankfile.ErrReference, Text: "line 5"},
	{Name: "NONREF", File: swap("//B1", "//NONREF"), Want: bankfile.ErrReference, Text: ""},
	{Name: "long reference", File: swap("//B1", "//"+strings.Repeat("B", 101)), Want: bankfile.ErrReference, Text: ""},
	{Name: "two details", File: swap(":86:secret", ":86:secret\n:86:secret"), Want: bankfile.ErrStructure, Text: "twice"},
	{Name: "endless details", File: swap(":86:secret", ":86:"+strings.Repeat("secret\n", 2000)), Want: bankfile.ErrTooLarge, Text: "10,000"},
	{Name: "endless line", File: head + strings.Repeat("x", 1<<20), Want: bankfile.ErrTooLarge, Text: "64 kB"},
	{Name: "text between statements", File: head + credit + tail + "secret words\n", Want: bankfile.ErrForm, Text: "line 9"},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	bankfiletest.Refuse(t, refusals, with(own))
	bankfiletest.Refuse(t, []bankfiletest.Refusal{
		{Name: "number of zeros", File: swap(":28C:1/1", ":28C:00000/001"), Want: bankfile.ErrReference, Text: ":28C:"},
		{Name: "no number", File: swap(":28C:1/1\n", ""), Want: bankfile.ErrReference, Text: ":28C:"},
	}, with(byPosition()))
	bankfiletest.Refuse(t, []bankfiletest.Refusal{
		{Name: "no IBAN of ours", File: head + credit + tail, Want: bankfile.ErrAccount, Text: "mt940_account"},
	}, with(mt940.Options{}))
}

// What is just within the limits, and the ways to name an account.
func TestAccepted(t *testing.T) {
	t.Parallel()
	named := mt940.Options{AccountText: "5432/EUR"}
	for name, c := range map[string]struct {
		options mt940.Options
		file    string
		credits int
	}{
		"as it is":              {own, head + credit + tail, 1},
		"no line end":           {own, strings.TrimSuffix(head+credit+tail, "\n-\n"), 1},
		"byte order mark":       {own, "\ufeff" + head + credit + tail, 1},
		"CR LF":                 {own, strings.ReplaceAll(head+credit+tail, "\n", "\r\n"), 1},
		"no entries":            {own, head + strings.Replace(tail, "105", "100", 1), 0},
		"two statements":        {own, head + credit + tail + "\n" + head + credit + tail, 2},
		"below zero":            {own, strings.NewReplacer("C261121EUR100", "D261121EUR100", "C261122EUR105", "D261122EUR95").Replace(head + credit + tail), 1},
		"no details":            {own, swap(":86:secret\n", ""), 1},
		"without day and page":  {own, strings.NewReplacer("2611221122C", "261122C", ":28C:1/1", ":28:1").Replace(head + credit + tail), 1},
		"BIC in front":          {own, swap("DE89370400440532013000", "COBADEFFXXX/DE89370400440532013000"), 1},
		"German":                {own, swap("DE89370400440532013000", "37040044/532013000"), 1},
		"German, other account": {own, swap("DE89370400440532013000", "37040044/532013001"), 0},
		"named":                 {named, swap("DE89370400440532013000", "5432/EUR"), 1},
		"not the named one":     {named, head + credit + tail, 0},
		"named or by its IBAN":  {mt940.Options{IBANs: own.IBANs, AccountText: "5432/EUR"}, head + credit + tail, 1},
		"thousandths":           {own, strings.NewReplacer("C5,00", "C5,001", "105,00", "105,001").Replace(head + credit + tail), 1},
	} {
		info, err := mt940.Read(strings.NewReader(c.file), c.options, func(*bankfile.Entry) error { return nil })
		if err != nil || info.Credits != c.credits {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
	}
	latin := own
	latin.Charset = bankfile.Latin1
	_, err := mt940.Read(strings.NewReader(swap(":86:secret", ":86:M\xfcller")), latin, func(e *bankfile.Entry) error {
		if e.Remittance.Unstructured[0] != "Müller" {
			t.Errorf("got %q", e.Remittance.Unstructured)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestEveryCut shows that no beginning of a statement passes for the whole.
func TestEveryCut(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/german.sta")
	if err != nil {
		t.Fatal(err)
	}
	end := bytes.Index(file, []byte("1093,20")) + len("1093,2")
	for i := range end {
		if _, err := with(own)(file[:i], func(*bankfile.Entry) error { return nil }); !bankfiletest.Refused(err) {
			t.Fatalf("cut after %d bytes: %v", i, err)
		}
	}
}

// TestT1_References: payments of one statement never share a reference, and the
// statement read again gives the same ones.
func TestT1_References(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		refs := rapid.SliceOfN(rapid.SampledFrom([]string{"A", "B", "C"}), 0, 8).Draw(t, "refs")
		text := head
		for _, ref := range refs {
			text += fmt.Sprintf(":61:2611221122C1,00NTRFNONREF//%s\n:86:text\n", ref)
		}
		text += fmt.Sprintf(":62F:C261122EUR%d,00\n", 100+len(refs))
		for _, o := range []mt940.Options{own, byPosition()} {
			var first, again []string
			keep := func(into *[]string) func(*bankfile.Entry) error {
				return func(e *bankfile.Entry) error { *into = append(*into, e.BankRef); return nil }
			}
			_, err := with(o)([]byte(text), keep(&first))
			_, err2 := with(o)([]byte(text+"-\n"), keep(&again))
			if err != nil || err2 != nil || fmt.Sprint(first) != fmt.Sprint(again) || len(first) != len(refs) {
				t.Fatalf("%v %v, %v %v", first, err, again, err2)
			}
			seen := map[string]bool{}
			for _, ref := range first {
				if seen[ref] {
					t.Fatalf("two payments are %s", ref)
				}
				seen[ref] = true
			}
		}
	})
}

func TestErrorsOfOthers(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	for _, sent := range []string{"", ":20:", head, head + credit + tail} {
		r := io.MultiReader(strings.NewReader(sent), iotest.ErrReader(broken))
		_, err := mt940.Read(r, own, func(*bankfile.Entry) error { return nil })
		if !errors.Is(err, broken) || bankfiletest.Refused(err) {
			t.Errorf("after %d bytes: %v", len(sent), err)
		}
	}
	if _, err := with(own)([]byte(head+credit+tail), func(*bankfile.Entry) error { return broken }); err != broken {
		t.Errorf("got %v", err)
	}
}

func FuzzMT940(f *testing.F) {
	names, err := filepath.Glob("testdata/*.sta")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(true, file)
		f.Add(false, file)
	}
	for _, c := range refusals {
		if len(c.File) < 64<<10 {
			f.Add(false, []byte(c.File))
		}
	}
	f.Fuzz(func(t *testing.T, position bool, file []byte) {
		o := own
		if position {
			o.Reference = mt940.ByPosition
		}
		bankfiletest.FuzzStatement(t, file, with(o))
	})
}
