package taler

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// fields are the answers of a Payto, to be compared at once.
type fields struct {
	Canonical, Kind, IBAN, Account, BIC, ReceiverName string
	Full                                              bool
}

func fieldsOf(p Payto) fields {
	return fields{p.Canonical(), p.Kind(), p.IBAN(), p.Account(), p.BIC(), p.ReceiverName(), p.IsFull()}
}

// paytoTests are accepted URIs; the fuzz target starts from them too.
var paytoTests = []struct {
	uri  string
	want fields
}{
	{"payto://iban/CH9300762011623852957", fields{
		Canonical: "payto://iban/CH9300762011623852957", Kind: "iban",
		IBAN: "CH9300762011623852957", Account: "CH9300762011623852957",
	}},
	{"payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange", fields{
		Canonical: "payto://iban/CH5204835012345671000", Kind: "iban",
		IBAN: "CH5204835012345671000", Account: "CH5204835012345671000",
		ReceiverName: "Example Exchange", Full: true,
	}},
	{"payto://iban/SANDBOXX/FR7630006000011234567890189?receiver-name=J+M%C3%BCller", fields{
		Canonical: "payto://iban/FR7630006000011234567890189", Kind: "iban",
		IBAN: "FR7630006000011234567890189", Account: "FR7630006000011234567890189",
		BIC: "SANDBOXX", ReceiverName: "J M\u00fcller", Full: true,
	}},
	{"payto://iban/poficHbeXXX/ch44-3199%209123%200008%208901%202", fields{
		Canonical: "payto://iban/CH4431999123000889012", Kind: "iban",
		IBAN: "CH4431999123000889012", Account: "CH4431999123000889012", BIC: "POFICHBEXXX",
	}},
	{"payto://iban/BIC123/CH9300762011623852957?amount=CHF:1&message=hello&receiver-name=", fields{
		Canonical: "payto://iban/CH9300762011623852957", Kind: "iban",
		IBAN: "CH9300762011623852957", Account: "CH9300762011623852957",
	}},
	{"PAYTO://IBAN/CH9300762011623852957?", fields{
		Canonical: "payto://iban/CH9300762011623852957", Kind: "iban",
		IBAN: "CH9300762011623852957", Account: "CH9300762011623852957",
	}},
	{"payto://x-taler-bank/bank.demo.taler.net/Exchange-1?receiver-name=The%2BExchange", fields{
		Canonical: "payto://x-taler-bank/bank.demo.taler.net/Exchange-1", Kind: "x-taler-bank",
		Account: "Exchange-1", ReceiverName: "The+Exchange", Full: true,
	}},
	{"payto://x-taler-bank/LocalHost:08080/alice", fields{
		Canonical: "payto://x-taler-bank/localhost:8080/alice", Kind: "x-taler-bank", Account: "alice",
	}},
	{"payto://x-nz-account/01-0902-0068389-00?receiver-name=Kiri", fields{
		Canonical: "payto://x-nz-account/01-0902-0068389-00", Kind: "x-nz-account",
		Account: "01-0902-0068389-00", ReceiverName: "Kiri", Full: true,
	}},
	{"payto://x-au-account/062000/12345678?receiver-name=Alice", fields{
		Canonical: "payto://x-au-account/062-000/12345678", Kind: "x-au-account",
		Account: "062-000/12345678", ReceiverName: "Alice", Full: true,
	}},
	{"payto://x-biller/BankGiro/5050-1055", fields{
		Canonical: "payto://x-biller/bankgiro/50501055", Kind: "x-biller", Account: "50501055",
	}},
	{"payto://x-nz-account/08-6523-1954512-001", fields{
		Canonical: "payto://x-nz-account/08-6523-1954512-01", Kind: "x-nz-account", Account: "08-6523-1954512-01",
	}},
	{"payto://bitcoin/BC1QTFWQWAJ6TSRHDTVUYHFLR6NKLM8LDQXPRFY6FA", fields{
		Canonical: "payto://bitcoin/bc1qtfwqwaj6tsrhdtvuyhflr6nklm8ldqxprfy6fa", Kind: "bitcoin",
		Account: "bc1qtfwqwaj6tsrhdtvuyhflr6nklm8ldqxprfy6fa",
	}},
	{"payto://bitcoin/1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", fields{
		Canonical: "payto://bitcoin/1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", Kind: "bitcoin",
		Account: "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
	}},
}

func TestParsePayto(t *testing.T) {
	t.Parallel()
	for _, tt := range paytoTests {
		p, err := ParsePayto(tt.uri)
		if err != nil {
			t.Errorf("%s: %v", tt.uri, err)
			continue
		}
		if p.String() != tt.uri {
			t.Errorf("%s prints as %s", tt.uri, p)
		}
		if got := fieldsOf(p); got != tt.want {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.uri, got, tt.want)
		}
	}
}

func TestParsePaytoRefusals(t *testing.T) {
	t.Parallel()
	const iban = "payto://iban/CH9300762011623852957"
	tests := []struct{ name, uri string }{
		{"empty", ""},
		{"scheme only", "payto://"},
		{"no double slash", "payto:iban/CH9300762011623852957"},
		{"other scheme", "http://iban/CH9300762011623852957"},
		{"leading blank", " " + iban},
		{"unknown kind", "payto://ach/122000661/1234"},
		{"kind only", "payto://iban"},
		{"no IBAN", "payto://iban/"},
		{"wrong check digits", "payto://iban/CH9300762011623852958"},
		{"IBAN too short", "payto://iban/CH93"},
		{"three segments", "payto://iban/A/B/CH9300762011623852957"},
		{"trailing slash", iban + "/"},
		{"encoded slash", "payto://iban/SANDBOXX%2FCH9300762011623852957"},
		{"raw blank", "payto://iban/CH93 0076 2011 6238 5295 7"},
		{"raw blank in the query", iban + "?receiver-name=A B"},
		{"raw umlaut", iban + "?receiver-name=M\u00fcller"},
		{"newline", iban + "?receiver-name=A\nB"},
		{"zero byte", iban + "\x00"},
		{"delete", iban + "?receiver-name=\x7f"},
		{"encoded newline", iban + "?receiver-name=A%0AB"},
		{"encoded newline in another option", iban + "?message=A%0AB"},
		{"encoded control character of ISO 8859", iban + "?receiver-name=A%C2%85B"},
		{"encoded bytes that are not UTF-8", iban + "?receiver-name=%FF"},
		{"broken encoding in the query", iban + "?receiver-name=%4"},
		{"broken encoding in the path", "payto://iban/%zzCH9300762011623852957"},
		{"two names", iban + "?receiver-name=A&receiver-name=B"},
		{"two names, one spelled in percents", iban + "?receiver-name=A&receiver%2Dname=B"},
		{"fragment", iban + "#x"},
		{"too long", iban + "?receiver-name=" + strings.Repeat("a", maxPayto)},
		{"bank without account", "payto://x-taler-bank/bank.example"},
		{"bank with empty account", "payto://x-taler-bank/bank.example/"},
		{"bank with path", "payto://x-taler-bank/bank.example/x/alice"},
		{"bank account with a blank", "payto://x-taler-bank/bank.example/al%20ice"},
		{"bank without host", "payto://x-taler-bank//alice"},
		{"bank with port only", "payto://x-taler-bank/:80/alice"},
		{"bank with empty port", "payto://x-taler-bank/bank.example:/alice"},
		{"bank with port 0", "payto://x-taler-bank/bank.example:0/alice"},
		{"bank with port 65536", "payto://x-taler-bank/bank.example:65536/alice"},
		{"bank with user", "payto://x-taler-bank/me@bank.example/alice"},
		{"bank with empty label", "payto://x-taler-bank/bank..example/alice"},
		{"bank with a label in hyphens", "payto://x-taler-bank/-bank.example/alice"},
		{"NZ account without hyphens", "payto://x-nz-account/010902006838900"},
		{"AU account without BSB", "payto://x-au-account/12345678"},
		{"AU, BSB of five digits", "payto://x-au-account/06200/12345678"},
		{"AU account of ten digits", "payto://x-au-account/062-000/1234567890"},
		{"AU account with letters", "payto://x-au-account/062-000/1234567A"},
		{"biller without scheme", "payto://x-biller/12345"},
		{"biller scheme with digits", "payto://x-biller/bpay2/12345"},
		{"biller number too long", "payto://x-biller/bpay/12345678901"},
		{"NZ branch of three digits", "payto://x-nz-account/01-902-0068389-00"},
		{"NZ suffix of one digit", "payto://x-nz-account/01-0902-0068389-0"},
		{"NZ suffix of four digits", "payto://x-nz-account/01-0902-0068389-0000"},
		{"NZ letter", "payto://x-nz-account/01-0902-O068389-00"},
		{"NZ wrong check", "payto://x-nz-account/01-0902-0068398-00"},
		{"NZ with two segments", "payto://x-nz-account/x/01-0902-0068389-00"},
		{"bitcoin without address", "payto://bitcoin/"},
		{"bitcoin with a short address", "payto://bitcoin/1BvBMSEYstWetqTFn"},
		{"bitcoin with two segments", "payto://bitcoin/1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2/x"},
		{"bitcoin with a hyphen", "payto://bitcoin/1BvBMSEYstWetqTFn-Au4m4GFg7xJaNVN2"},
	}
	for _, tt := range tests {
		p, err := ParsePayto(tt.uri)
		if !errors.Is(err, ErrPayto) || !p.IsZero() {
			t.Errorf("%s: %+v, %v", tt.name, fieldsOf(p), err)
			continue
		}
		if strings.Contains(err.Error(), "CH93") || strings.Contains(err.Error(), "0068389") {
			t.Errorf("%s: the error repeats the account: %v", tt.name, err)
		}
	}
}

func TestPaytoLengthLimit(t *testing.T) {
	t.Parallel()
	const head = "payto://iban/CH9300762011623852957?message="
	longest := head + strings.Repeat("a", maxPayto-len(head))
	if _, err := ParsePayto(longest); err != nil {
		t.Errorf("%d bytes: %v", len(longest), err)
	}
	if _, err := ParsePayto(longest + "a"); !errors.Is(err, ErrPayto) {
		t.Errorf("%d bytes: %v", len(longest)+1, err)
	}
}

func TestPaytoZero(t *testing.T) {
	t.Parallel()
	var p Payto
	if got := fieldsOf(p); got != (fields{}) || !p.IsZero() || p.String() != "" {
		t.Errorf("the zero Payto has %+v", got)
	}
	if got := p.WithMessage("x", nil); got != "" {
		t.Errorf("the zero Payto with a message: %s", got)
	}
	if text, err := p.MarshalText(); !errors.Is(err, ErrPayto) {
		t.Errorf("the zero Payto marshals to %s, %v", text, err)
	}
}

func TestPaytoJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range paytoTests {
		in, err := ParsePayto(tt.uri)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(map[string]Payto{"account": in})
		if err != nil {
			t.Fatal(err)
		}
		var out map[string]Payto
		if err := json.Unmarshal(text, &out); err != nil || out["account"] != in {
			t.Errorf("%s comes back as %s, %v", text, out["account"], err)
		}
	}
}

func TestNewIBANPayto(t *testing.T) {
	t.Parallel()
	tests := []struct{ iban, name, want string }{
		{"ch93 0076 2011 6238 5295 7", "", "payto://iban/CH9300762011623852957"},
		{"CH9300762011623852957", "Example Exchange", "payto://iban/CH9300762011623852957?receiver-name=Example%20Exchange"},
		{"CH9300762011623852957", " M\u00fcller\t& S\u00f6hne\n+ Co ", "payto://iban/CH9300762011623852957?receiver-name=M%C3%BCller%20%26%20S%C3%B6hne%20%2B%20Co"},
		{"CH9300762011623852957", "bad \xff bytes", "payto://iban/CH9300762011623852957?receiver-name=bad%20bytes"},
	}
	for _, tt := range tests {
		p, err := NewIBANPayto(tt.iban, tt.name)
		if err != nil || p.String() != tt.want {
			t.Errorf("%q, %q: %s, %v, want %s", tt.iban, tt.name, p, err, tt.want)
		}
	}
	for _, iban := range []string{"", "CH93", "CH9300762011623852958", "SANDBOXX/CH9300762011623852957", "CH9300762011623852957?x"} {
		if p, err := NewIBANPayto(iban, "A"); !errors.Is(err, ErrPayto) || !p.IsZero() {
			t.Errorf("%q: %s, %v", iban, p, err)
		}
	}
}

func TestNewIBANPaytoKeepsAnyName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(strings.Fields(rapid.StringN(0, 100, 500).Draw(t, "name")), " ")
		if !isPlainText(name) {
			t.Skip("control characters are replaced")
		}
		p, err := NewIBANPayto("CH9300762011623852957", name)
		if err != nil || p.ReceiverName() != name || p.IsFull() != (name != "") {
			t.Fatalf("%q becomes %q, %v", name, p.ReceiverName(), err)
		}
	})
}

func TestWithMessage(t *testing.T) {
	t.Parallel()
	amount := Amount{"CHF", 10, 50000000}
	tests := []struct {
		uri, subject string
		amount       *Amount
		want         string
	}{
		{
			"payto://iban/POFICHBEXXX/CH5204835012345671000?receiver-name=Example%20Exchange&message=old&amount=CHF:1", "RF18 5390 0754 7034", &amount,
			"payto://iban/POFICHBEXXX/CH5204835012345671000?receiver-name=Example%20Exchange&amount=CHF:10.5&message=RF18%205390%200754%207034",
		},
		{
			"payto://x-taler-bank/bank.example:80/exchange", "a&b=c+d?e#f/%", nil,
			"payto://x-taler-bank/bank.example:80/exchange?message=a%26b%3Dc%2Bd%3Fe%23f%2F%25",
		},
	}
	for _, tt := range tests {
		p, err := ParsePayto(tt.uri)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.WithMessage(tt.subject, tt.amount); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.uri, got, tt.want)
		}
	}
}

// TestWithMessageIsReadable reads the payer's URI with the standard library.
func TestWithMessageIsReadable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringN(0, 50, 200).Draw(t, "name")
		subject := rapid.StringN(0, 50, 200).Draw(t, "subject")
		amount := amounts("NZD").Draw(t, "amount")
		p, err := NewIBANPayto("CH5204835012345671000", name)
		if err != nil {
			t.Fatal(err)
		}
		uri, err := url.Parse(p.WithMessage(subject, &amount))
		if err != nil {
			t.Fatal(err)
		}
		query, err := url.ParseQuery(uri.RawQuery)
		if err != nil || query.Get("message") != subject || query.Get("amount") != amount.String() ||
			query.Get("receiver-name") != p.ReceiverName() {
			t.Fatalf("%s: %v, %v", uri, query, err)
		}
	})
}

func FuzzPayto(f *testing.F) {
	for _, tt := range paytoTests {
		f.Add(tt.uri)
	}
	f.Add("payto://iban/CH9300762011623852957?receiver-name=%C3%28")
	f.Add("payto://x-nz-account/31-2820-0560839-110")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePayto(s)
		if err != nil {
			if !errors.Is(err, ErrPayto) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		again, err := ParsePayto(p.String())
		if err != nil || again != p || p.String() != s {
			t.Fatalf("%q -> %+v, %v", s, again, err)
		}
		canonical, err := ParsePayto(p.Canonical())
		if err != nil || canonical.Canonical() != p.Canonical() || canonical.String() != p.Canonical() ||
			canonical.Account() != p.Account() || canonical.Kind() != p.Kind() || canonical.IsFull() {
			t.Fatalf("%q has the canonical form %q, which has %q, %v", s, p.Canonical(), canonical.Canonical(), err)
		}
		payer := p.WithMessage("x y", nil)
		if len(payer) > maxPayto {
			return
		}
		back, err := ParsePayto(payer)
		if err != nil || back.Canonical() != p.Canonical() || back.ReceiverName() != p.ReceiverName() || back.BIC() != p.BIC() {
			t.Fatalf("%q for a payer is %q: %v", s, payer, err)
		}
	})
}
