package chqrr_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/plugins/chqrr"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
	"github.com/shortwire/shortwire/subjects/taler"
)

const (
	plainIBAN = "payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange"
	qrIBAN    = "CH4431999123000889012"
)

func settings(t testing.TB, payto, currency string, parameters map[string]string) wire.Settings {
	t.Helper()
	account, err := taler.ParsePayto(payto)
	if err != nil {
		t.Fatal(err)
	}
	return wire.Settings{Account: "ch", Payto: account, Currency: currency, Parameters: parameters}
}

func method(t testing.TB, prefix string) wire.Method {
	t.Helper()
	m, err := chqrr.Factory().New(settings(t, plainIBAN, "CHF", map[string]string{"qr_iban": qrIBAN, "prefix": prefix}))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "12345678901"} {
		t.Run("prefix "+prefix, func(t *testing.T) {
			t.Parallel()
			wiretest.Run(t, method(t, prefix))
		})
	}
}

// The vectors were computed with python-stdnum (mod_97_10, ch.esr, iso11649).
func TestVectors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prefix string
		index  uint64
		qrr    string
		rf     string
	}{
		"zero":          {"", 0, "000000000000000000000000984", "RF7400000000000000000098"},
		"short prefix":  {"21", 314159265358979323, "210000314159265358979323915", "RF1631415926535897932391"},
		"longest":       {"12345678901", 9_999_999_999_999, "123456789019999999999999811", "RF78999999999999981"},
		"usual, seldom": {"210000", 42, "210000000000000000000042468", "RF1600000000000000004246"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := method(t, c.prefix)
			reference, err := m.Encode(wire.Slot{Index: c.index})
			if err != nil || string(reference) != c.qrr {
				t.Fatalf("Encode = %s, %v, want %s", reference, err, c.qrr)
			}
			subjects := m.(wire.Presenter).Present(reference, wire.Instruction{})
			want := []wire.Subject{
				{Type: "CH_QR_BILL", CreditAccount: "payto://iban/" + qrIBAN + "?receiver-name=Example%20Exchange", QRReference: c.qrr},
				{Type: "RF", CreditAccount: plainIBAN, Reference: c.rf},
			}
			if diff := cmp.Diff(want, subjects); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]uint64{
		"":            1e18,
		"210000":      1e18,
		"2100001":     1e17,
		"12345678901": 1e13,
	} {
		if got := method(t, prefix).Spec().Size; got != want {
			t.Errorf("prefix %q: size %d, want %d", prefix, got, want)
		}
	}
}

// T3: a structured reference that is not ours hides the text; a blank does not.
func TestT3_StructuredFirst(t *testing.T) {
	t.Parallel()
	m := method(t, "")
	ours, _ := m.Encode(wire.Slot{Index: 7})
	rf := m.(wire.Presenter).Present(ours, wire.Instruction{})[1].Reference
	other, _ := method(t, "21").Encode(wire.Slot{Index: 7})
	found := []wire.Candidate{{Kind: wire.KindReference, Reference: ours}}
	for name, c := range map[string]struct {
		structured []string
		text       []string
		want       []wire.Candidate
	}{
		"foreign reference":          {[]string{"RF18539007547034"}, []string{string(ours)}, nil},
		"our digits, other prefix":   {[]string{string(other)}, []string{string(ours)}, nil},
		"garbage":                    {[]string{"NOTPROVIDED"}, []string{string(ours)}, nil},
		"only blanks":                {[]string{" ", "\t"}, []string{string(ours)}, found},
		"leading zeros lost":         {[]string{string(ours[6:])}, nil, found},
		"RF, leading zeros lost":     {[]string{"RF" + rf[2:4] + "7" + rf[len(rf)-2:]}, nil, found},
		"RF in lower case":           {[]string{"rf" + rf[2:]}, nil, found},
		"both forms":                 {[]string{rf, string(ours)}, nil, found},
		"zeros only":                 {[]string{"000000000000000000000000000"}, nil, nil},
		"zero":                       {[]string{"0"}, nil, nil},
		"zeros only in text":         {nil, []string{"000000000000000000000000000"}, nil},
		"leading zeros lost in text": {nil, []string{string(ours[6:])}, nil},
		"glued to a word":            {nil, []string{"QRR" + string(ours)}, nil},
		"part of a longer number":    {nil, []string{string(ours) + "0"}, nil},
		"guideline's invalid RF":     {[]string{"RF720191230100405JSH0438"}, nil, nil},
		"invalid public QRR":         {[]string{"000000000000000000000000016"}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := m.Scan(wire.Remittance{Structured: c.structured, Unstructured: c.text})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A bank job reports them where the bank has them.
func TestFieldsAreRead(t *testing.T) {
	t.Parallel()
	const ours = "000000173634008748184022385"
	want := []wire.Candidate{{Kind: wire.KindReference, Reference: ours}}
	for name, r := range map[string]wire.Remittance{
		"reference":       {Reference: ours},
		"RF, reference":   {Reference: "RF74 1736 3400 8748 1840 2238"},
		"particulars":     {Particulars: "Ref. " + ours, Unstructured: []string{"gift"}},
		"end-to-end id":   {Unstructured: []string{"gift"}, EndToEndID: ours},
		"text goes first": {Unstructured: []string{ours}, EndToEndID: "RF7400000000000000000098"},
	} {
		if diff := cmp.Diff(want, method(t, "").Scan(r)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTwoReferencesAreTwo(t *testing.T) {
	t.Parallel()
	m := method(t, "")
	a, _ := m.Encode(wire.Slot{Index: 1})
	b, _ := m.Encode(wire.Slot{Index: 2})
	if found := m.Scan(wire.Remittance{Unstructured: []string{string(a) + " " + string(b)}}); len(found) != 2 {
		t.Errorf("found %v", found)
	}
}

func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		payto, currency string
		parameters      map[string]string
	}{
		"no QR-IBAN":          {plainIBAN, "CHF", nil},
		"plain IBAN twice":    {plainIBAN, "CHF", map[string]string{"qr_iban": "CH5800791123000889012"}},
		"wrong check digits":  {plainIBAN, "CHF", map[string]string{"qr_iban": "CH4531999123000889012"}},
		"QR-IBAN twice":       {"payto://iban/" + qrIBAN + "?receiver-name=X", "CHF", map[string]string{"qr_iban": qrIBAN}},
		"foreign IBAN":        {"payto://iban/DE75512108001245126199?receiver-name=X", "EUR", map[string]string{"qr_iban": qrIBAN}},
		"no IBAN":             {"payto://x-taler-bank/bank.example/exchange?receiver-name=X", "CHF", map[string]string{"qr_iban": qrIBAN}},
		"no holder":           {"payto://iban/CH5204835012345671000", "CHF", map[string]string{"qr_iban": qrIBAN}},
		"currency":            {plainIBAN, "USD", map[string]string{"qr_iban": qrIBAN}},
		"prefix of letters":   {plainIBAN, "CHF", map[string]string{"qr_iban": qrIBAN, "prefix": "21000O"}},
		"prefix too long":     {plainIBAN, "CHF", map[string]string{"qr_iban": qrIBAN, "prefix": "123456789012"}},
		"unknown parameter":   {plainIBAN, "CHF", map[string]string{"qr_iban": qrIBAN, "qriban": qrIBAN}},
		"QR-IBAN of all nine": {plainIBAN, "CHF", map[string]string{"qr_iban": "CH9300762011623852957"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := chqrr.Factory().New(settings(t, c.payto, c.currency, c.parameters)); !errors.Is(err, wire.ErrSettings) {
				t.Errorf("error %v, want ErrSettings", err)
			}
		})
	}
}

func FuzzScan(f *testing.F) {
	wiretest.Fuzz(f, method(f, ""),
		"210000000003139471430009017", "000008207791225857421286694", "539115429773825311971477453",
		"662437765447746478179744715", "100041698214115449371805278", "RF18539007547034", "RF720191230100405JSH0438",
		"RF18000000000539007547034", "?REJECT?0", "SAMMELGUTSCHRIFT FÜR KONTO: CH7730000001250094239", "２１００００")
}

func BenchmarkEncode(b *testing.B) {
	m := method(b, "")
	for i := 0; b.Loop(); i++ {
		_, _ = m.Encode(wire.Slot{Index: uint64(i)})
	}
}

func BenchmarkScan(b *testing.B) {
	m := method(b, "")
	reference, _ := m.Encode(wire.Slot{Index: 7})
	wiretest.BenchmarkScan(b, m, string(reference), "0 ")
}
