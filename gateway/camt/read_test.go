package camt_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/gateway/camt"
)

// TestT1_RepeatedFileGivesTheSameEntries: a file that is posted again must be
// recognised as a replay, also when it arrives in other pieces.
func TestT1_RepeatedFileGivesTheSameEntries(t *testing.T) {
	t.Parallel()
	for _, name := range testFiles(t) {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, err := readWith(file, optionsOf(name))
		if err != nil {
			t.Fatal(err)
		}
		again, err := readWith(file, optionsOf(name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestT1_NoTwoPaymentsOfAnEntryShareAReference: whatever references a bank
// gives the transactions of one entry, each transaction keeps one of its own.
func TestT1_NoTwoPaymentsOfAnEntryShareAReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		refs := rapid.SliceOfN(rapid.SampledFrom([]string{"", "NOTPROVIDED", "E1", "A", "B"}), 1, 6).Draw(t, "refs")
		uetrs := rapid.SliceOfN(rapid.SampledFrom([]string{"", "A", "U"}), len(refs), len(refs)).Draw(t, "uetrs")
		var txs strings.Builder
		for i := range refs {
			fmt.Fprintf(&txs, `<TxDtls><Refs><AcctSvcrRef>%s</AcctSvcrRef><UETR>%s</UETR></Refs><Amt Ccy="CHF">1</Amt></TxDtls>`, refs[i], uetrs[i])
		}
		got, err := read([]byte(swap(details, "<NtryDtls>"+txs.String()+"</NtryDtls>")))
		if err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]bool)
		for _, item := range got.Items {
			if item.BankRef == "" || seen[item.BankRef] {
				t.Fatalf("reference %q is missing or shared: %v", item.BankRef, got.Items)
			}
			seen[item.BankRef] = true
		}
		if len(got.Items) != len(refs) {
			t.Fatalf("%d transactions gave %d entries", len(refs), len(got.Items))
		}
	})
}

// TestLongNameIsCut: a name beyond Max140Text does not cost the payer the way
// back for the money.
func TestLongNameIsCut(t *testing.T) {
	t.Parallel()
	parties := `<RltdPties><Dbtr><Nm>` + strings.Repeat("ü", 3000) + `</Nm></Dbtr>` +
		`<DbtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></DbtrAcct></RltdPties>`
	_, err := camt.Read(strings.NewReader(swap("</Refs>", "</Refs>"+parties)), func(e camt.Entry) error {
		if e.Debtor == nil || utf8.RuneCountInString(e.Debtor.ReceiverName()) != 140 {
			t.Errorf("got %v", e.Debtor)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// generated is a message of n transactions, in entries of size transactions,
// that is never in memory as a whole.
type generated struct {
	n, size int
	next    int
	buf     bytes.Buffer
}

func (g *generated) Read(p []byte) (int, error) {
	if g.buf.Len() == 0 {
		if g.next > g.n {
			return 0, io.EOF
		}
		g.write()
		g.next++
	}
	return g.buf.Read(p)
}

func (g *generated) write() {
	switch {
	case g.next == 0:
		g.buf.WriteString(head + account)
	case g.next%g.size == 1 || g.size == 1:
		g.buf.WriteString("<Ntry>" + fields + "<NtryDtls>")
	}
	if g.next > 0 {
		fmt.Fprintf(&g.buf, `
		<TxDtls>
			<Refs><AcctSvcrRef>2611%012d</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
			<Amt Ccy="CHF">10.50</Amt><CdtDbtInd>CRDT</CdtDbtInd>
			<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>AUTT</SubFmlyCd></Fmly></Domn></BkTxCd>
			<RltdPties>
				<Dbtr><Pty><Nm>Payer %d</Nm><PstlAdr><StrtNm>Street</StrtNm><TwnNm>Town</TwnNm></PstlAdr></Pty></Dbtr>
				<DbtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></DbtrAcct>
				<CdtrAcct><Id><IBAN>CH4431999123000889012</IBAN></Id></CdtrAcct>
			</RltdPties>
			<RmtInf><Strd><CdtrRefInf><Ref>210000000003139471430009017</Ref></CdtrRefInf><AddtlRmtInf>?REJECT?0</AddtlRmtInf></Strd></RmtInf>
		</TxDtls>`, g.next, g.next)
		if g.next%g.size == 0 || g.next == g.n {
			g.buf.WriteString("</NtryDtls></Ntry>")
		}
	}
	if g.next == g.n {
		g.buf.WriteString(tail)
	}
}

// TestMemory reads one entry of 10^5 transactions, and many entries of one: what
// stays of a transaction is the digest of its reference, until its entry ends. It
// is the one test that does not run in parallel, since it measures the heap.
func TestMemory(t *testing.T) {
	const limit = 4 << 20 // bytes; the larger file has about 90 MB
	for _, c := range []struct{ n, size int }{{many, many}, {many / 5, 1}} {
		before := heap()
		count := 0
		info, err := camt.Read(&generated{n: c.n, size: c.size}, func(camt.Entry) error {
			if count++; count%(c.n/4) == 0 {
				if grown := int64(heap()) - int64(before); grown > limit {
					t.Errorf("%+v: the heap grew by %d bytes after %d transactions", c, grown, count)
				}
			}
			return nil
		})
		if err != nil || info.Credits != c.n || count != c.n || info.Entries != c.n/c.size {
			t.Fatalf("%+v: %+v, %v", c, info, err)
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	if _, err := camt.Validate(&generated{n: b.N, size: 100}); err != nil {
		b.Fatal(err)
	}
}

// FuzzCamt feeds files in the image of real ones, and the broken ones.
func FuzzCamt(f *testing.F) {
	for _, name := range testFiles(f) {
		file, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	for _, c := range refusals {
		f.Add([]byte(c.file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var entries, credits int
		everything := camt.Options{Credits: camt.Kinds(), Quirks: camt.Quirks()}
		info, err := everything.Read(bytes.NewReader(file), func(e camt.Entry) error {
			entries++
			if e.Kind == bankfile.Credit {
				credits++
			}
			checkEntry(t, e)
			return nil
		})
		switch {
		case err != nil && !isRefusal(err):
			t.Errorf("an error without a reason: %v", err)
		case info.Credits != credits || info.Emitted() != entries:
			t.Errorf("%+v does not count %d credits of %d", info, credits, entries)
		case err == nil && entries < info.Entries:
			t.Errorf("%d entries gave %d", info.Entries, entries)
		}
	})
}

// checkEntry checks what package bounce relies on.
func checkEntry(t *testing.T, e camt.Entry) {
	t.Helper()
	if len(e.BankRef) > 200 || !utf8.ValidString(e.BankRef) {
		t.Errorf("bank reference %q", e.BankRef)
	}
	if (e.Kind == bankfile.Credit) != (e.Reason == "") {
		t.Errorf("%s with reason %q", e.Kind, e.Reason)
	}
	if e.Kind == bankfile.Ignored {
		return
	}
	if e.BankRef == "" || e.Entry == 0 || e.Line == 0 {
		t.Errorf("nothing tells which payment it is: %+v", e)
	}
	if _, err := e.Amount.MarshalText(); err != nil || len(e.Amount.Currency) != 3 {
		t.Errorf("amount %+v: %v", e.Amount, err)
	}
	if e.Debtor != nil && e.Debtor.IBAN() == "" {
		t.Errorf("debtor %s", e.Debtor)
	}
}
