package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/plugins/wire"
)

// readWhole skips over a text and returns the error and the fault.
func readWhole(text string) (err, fault error) {
	cur := &cursor{text: []byte(text)}
	if err = cur.skip(); err == nil {
		err = cur.end()
	}
	return err, cur.takeFault()
}

func TestCursorRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "{", "}", "[", "[1,", "[1,]", "[,1]", "[1 2]", `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{a:1}`, `{'a':1}`,
		"01", "-", "-a", "1.", ".5", "1e", "1e+", "+1", "0x1", "1_000", "NaN", "Infinity", "nul", "True", "tru",
		`"`, `"\`, `"\u12`, `"\u12G4"`, `"\x"`, `"a`, "{} {}", "[]]", "1 1", "// c\n1", "\ufeff{}",
		strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
		strings.Repeat(`{"a":`, maxDepth+1) + "1" + strings.Repeat("}", maxDepth+1),
	} {
		if err, _ := readWhole(text); !errors.Is(err, errJSON) {
			t.Errorf("%.40q: error %v", text, err)
		}
	}
}

func TestCursorFaults(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `[{"b":{"a":1,"a":1}}]`,
		"\"\x00\"", "\"\n\"", "\"\xff\"", "\"\\n\xc3\"", `"\ud800"`, `"\ud800\u0041"`, `"\udc00"`, "{\"\xff\":1}",
	} {
		if err, fault := readWhole(text); err != nil || !errors.Is(fault, errJSON) {
			t.Errorf("%q: error %v, fault %v", text, err, fault)
		}
	}
}

func TestCursorAccepts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"null", "true", " false ", "0", "-0", "10", "1.5", "1e9", "1E-9", "-0.0e+0", `""`, `"\u00e9\ud83d\ude00\n\/"`, "\"é😀\u2028\"",
		"[]", "[ ]", "{}", "{ }", `{"a":[{"A":1},[2,"3",null]],"":0}`, "\t\r\n[1,\n2]\n", "\"\x7f\"",
		strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth),
	} {
		if err, fault := readWhole(text); err != nil || fault != nil {
			t.Errorf("%.40q: error %v, fault %v", text, err, fault)
		}
	}
}

// An object with very many members costs linear time and still finds equal ones.
func TestCursorManyMembers(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	for i := range 100_000 {
		fmt.Fprintf(&text, `,"m%d":1`, i)
	}
	body := "{" + text.String()[1:]
	if err, fault := readWhole(body + "}"); err != nil || fault != nil {
		t.Errorf("error %v, fault %v", err, fault)
	}
	if err, fault := readWhole(body + `,"m99999":1}`); err != nil || fault == nil {
		t.Errorf("a member that appears twice: error %v, fault %v", err, fault)
	}
}

// Whatever Go writes, the cursor reads the same values from it.
func TestCursorReadsWhatGoWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOf(rapid.String())
		want := item{
			bankRef: rapid.String().Draw(t, "bank_ref"),
			amount:  rapid.String().Draw(t, "amount"),
			remittance: wire.Remittance{
				Unstructured: texts.Draw(t, "unstructured"),
				Reference:    rapid.String().Draw(t, "reference"),
			},
		}
		text, err := json.Marshal(map[string]any{
			"bank_ref": want.bankRef, "amount": want.amount, "unheard": rapid.Float64().Draw(t, "number"),
			"remittance": map[string]any{"unstructured": want.remittance.Unstructured, "reference": want.remittance.Reference},
		})
		if err != nil {
			t.Fatal(err)
		}
		cur := &cursor{text: text}
		var got item
		if err := got.read(cur); err != nil || cur.takeFault() != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if len(want.remittance.Unstructured) == 0 {
			want.remittance.Unstructured = nil
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(item{})); diff != "" {
			t.Fatalf("-want +got\n%s", diff)
		}
	})
}

// Names are compared exactly: BANK_REF is a member that nobody knows.
func TestCursorNamesAreCaseSensitive(t *testing.T) {
	t.Parallel()
	cur := &cursor{text: []byte(`{"BANK_REF":"x","Amount":"CHF:1"}`)}
	var got item
	if err := got.read(cur); err != nil || got.bankRef != "" || got.amount != "" {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestCursorNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"0": 0, "-7": -7, "9223372036854775807": 1<<63 - 1, "null": 42} {
		n := int64(42)
		cur := &cursor{text: []byte(text)}
		if err := cur.integer(&n); err != nil || cur.takeFault() != nil || n != want {
			t.Errorf("%s: %d, %v", text, n, err)
		}
	}
	for _, text := range []string{"1.0", "1e3", "9223372036854775808", `"1"`, "true", "[1]"} {
		n := int64(42)
		cur := &cursor{text: []byte(text)}
		if err := cur.integer(&n); err != nil || cur.takeFault() == nil || n != 42 {
			t.Errorf("%s: %d, %v; want a fault", text, n, err)
		}
	}
}

// The cursor and encoding/json agree on what JSON is, apart from the rules
// that the cursor adds.
func FuzzCursor(f *testing.F) {
	f.Add(registerBody())
	f.Add(mapBody())
	f.Add(`{"transfers":[{"bank_ref":"R\u00e9\ud83d\ude00","amount":"CHF:1","remittance":{"structured":["RF18"],"code":null}},1.5e-3]}`)
	f.Add(`{"a":1,"a":2}`)
	f.Add("[\"\xff\",\"\n\"]")
	f.Fuzz(func(t *testing.T, text string) {
		err, fault := readWhole(text)
		valid := json.Valid([]byte(text))
		if err == nil && fault == nil && !valid {
			t.Fatalf("accepted what is not JSON: %q", text)
		}
		if valid && err != nil && strings.Count(text, "[")+strings.Count(text, "{") <= maxDepth {
			t.Fatalf("refused JSON: %q: %v", text, err)
		}
		if !valid || err != nil || fault != nil {
			return
		}
		cur := &cursor{text: []byte(text)}
		var got, want string
		if cur.next() == '"' {
			if cur.str(&got) != nil || json.Unmarshal([]byte(text), &want) != nil || got != want || !utf8.ValidString(got) {
				t.Fatalf("%q reads as %q, want %q", text, got, want)
			}
		}
	})
}

// The bodies of every endpoint survive any input, and what is read of them
// passes on no text that the store would refuse.
func FuzzBodies(f *testing.F) {
	f.Add([]byte(registerBody()))
	f.Add([]byte(mapBody()))
	f.Add([]byte(`{"transfers":[{"bank_ref":"R","amount":"CHF:1","debtor":"payto://iban/CH9300762011623852957?receiver-name=A","value_date":"2026-11-20"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, member := range []func(*cursor, string) error{
			(&registrationRequest{}).member, (&mappingRequest{}).member, (&confirmation{}).member,
		} {
			cur := &cursor{text: text}
			_ = cur.object(func(name []byte) error { return member(cur, string(name)) })
		}
		cur := &cursor{text: text}
		var it item
		if it.read(cur) != nil || cur.takeFault() != nil {
			return
		}
		transfer, err := it.transfer()
		if err != nil {
			return
		}
		for _, stored := range append(transfer.Remittance.Unstructured, transfer.BankRef, transfer.Remittance.Code) {
			if !utf8.ValidString(stored) || strings.ContainsRune(stored, 0) {
				t.Fatalf("%q would be refused by the store", stored)
			}
		}
	})
}

// benchmarkBody is a batch as bank jobs post them.
func benchmarkBody(n int) []byte {
	one := `{"bank_ref":"20261122-0000-4711-AB","amount":"CHF:125.50","debtor":"payto://iban/CH9300762011623852957?receiver-name=Ada%20Lovelace",` +
		`"value_date":"2026-11-20","remittance":{"structured":["100041698214115449371805278"],"unstructured":["Zahlung an Beispiel","Vielen Dank"],"end_to_end_id":"NOTPROVIDED"}}`
	return []byte(`{"transfers":[` + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + `]}`)
}

// The aim is less than 4 us per item, both readings together.
func BenchmarkReadBatch(b *testing.B) {
	body := benchmarkBody(1000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		n, found := 0, false
		count := func(cur *cursor) error { n++; return cur.skip() }
		read := func(cur *cursor) error {
			var it item
			if err := it.read(cur); err != nil {
				return err
			}
			_, err := it.transfer()
			return err
		}
		if err := errors.Join(eachTransfer(body, &found, count), eachTransfer(body, &found, read)); err != nil || n != 1000 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/item")
}

func BenchmarkReadBatchWithEncodingJSON(b *testing.B) {
	body := benchmarkBody(1000)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		var batch struct {
			Transfers []struct {
				BankRef    string `json:"bank_ref"`
				Amount     string `json:"amount"`
				Debtor     string `json:"debtor"`
				ValueDate  string `json:"value_date"`
				Remittance struct {
					Structured   []string `json:"structured"`
					Unstructured []string `json:"unstructured"`
					EndToEndID   string   `json:"end_to_end_id"`
				} `json:"remittance"`
			} `json:"transfers"`
		}
		if err := json.Unmarshal(body, &batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/item")
}
