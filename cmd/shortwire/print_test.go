package main

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/subjects/taler"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	tests := []struct{ got, want string }{
		{groupQRR("210000000003139471430009017"), "21 00000 00003 13947 14300 09017"},
		{groupQRR("123"), "123"},
		{groupsOf(4, "RF18539007547034"), "RF18 5390 0754 7034"},
		{groupsOf(4, "CH5204835012345671000"), "CH52 0483 5012 3456 7100 0"},
		{groupsOf(4, ""), ""},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func TestAccountText(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"payto://iban/CH5204835012345671000?receiver-name=A":              "CH52 0483 5012 3456 7100 0",
		"payto://x-nz-account/01-0902-0068389-00?receiver-name=A":         "01-0902-0068389-00",
		"payto://x-taler-bank/bank.example/alice?receiver-name=A":         "bank.example/alice",
		"payto://bitcoin/1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=BTC:1": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
	} {
		payto, err := taler.ParsePayto(uri)
		if err != nil {
			t.Fatal(err)
		}
		if got := accountText(payto); got != want {
			t.Errorf("%s: %q, want %q", uri, got, want)
		}
	}
}

// TestPrintWhereToPay shows each type of subject, one that this binary does not
// know included.
func TestPrintWhereToPay(t *testing.T) {
	t.Parallel()
	const account = "payto://x-nz-account/01-0902-0068389-00?receiver-name=Example%20Exchange"
	amount := taler.Amount{Currency: "NZD", Value: 3}
	registration := client.Registration{
		Recurrent:  true,
		Expiration: taler.Timestamp{Never: true},
		Subjects: []client.Subject{
			{Type: "NZ_SBI", CreditAccount: account, Particulars: "TALER", Reference: "T123", CreditAmount: &amount},
			{Type: "NATIONAL", CreditAccount: account, Reference: "1234", Scheme: "EE", CreditAmount: &amount},
			{Type: "NATIONAL", CreditAccount: account, Reference: "T1", Scheme: "br-pix", Subject: "000201", CreditAmount: &amount},
			{Type: "NEWS", CreditAccount: "payto://pigeon/post", Subject: "coo", CreditAmount: &amount},
		},
	}
	const want = `Pay to      01-0902-0068389-00
Name        Example Exchange
Particulars TALER
Code        (leave empty)
Reference   T123
or
Reference   1234 (EE)
or
Reference   T1 (br-pix)
Code        000201
or
Pay to      payto://pigeon/post
Message     coo
Amount      NZD:3
Until       for ever
`
	var out bytes.Buffer
	printWhereToPay(&out, &registration)
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestSniff(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"a.xml", "{", client.TypeXML},
		{"a.XML", "", client.TypeXML},
		{"a.json", "<", client.TypeJSON},
		{"a.ndjson", "", client.TypeNDJSON},
		{"a.jsonl", "", client.TypeNDJSON},
		{"-", "\ufeff<?xml version=\"1.0\"?>", client.TypeXML},
		{"-", "\n  <Document>", client.TypeXML},
		{"-", `{"transfers":[]}`, client.TypeJSON},
		{"a.txt", "{ \"transfers\"\n: [", client.TypeJSON},
		{"-", `{"bank_ref":"transfers"}`, client.TypeNDJSON},
		{"-", `{`, client.TypeNDJSON},
		{"-", "", ""},
		{"a.csv", "Date,Amount,Balance", ""},
		{"a.csv", "Date,Amount,Payee,Particulars", client.TypeCSV},
		{"a.csv", `"Account number","Date","Memo/Description"`, client.TypeCSV},
		{"-", "\ufeffType,Details,Particulars,Code", client.TypeCSV},
		{"a.txt", "Created date / time : 2 October 2026 / 18:55:26", client.TypeCSV},
		{"a.txt", "Date,Amount", ""},
		{"a.txt", "01BGMAX               0120261122173035010331P", client.TypeBgMax},
		{"a.STA", "", client.TypeMT940},
		{"-", "\r\n:20:STARTUMS\r\n", client.TypeMT940},
		{"-", "{1:F01COBADEFFXXXX0000000000}{2:I940COBADEFFXXXXN}{4:\r\n:20:X", client.TypeMT940},
	}
	for _, tt := range tests {
		got, err := sniff(tt.name, bufio.NewReader(strings.NewReader(tt.text)))
		if got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%s %q: %q, %v", tt.name, tt.text, got, err)
		}
	}
}

func TestResultLine(t *testing.T) {
	t.Parallel()
	until := taler.Timestamp{}
	if err := until.UnmarshalJSON([]byte(`{"t_s":1767225600}`)); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		result client.Result
		want   string
	}{
		{client.Result{BankRef: "A", Outcome: "credited", RowID: 3}, "A credited, row 3 of the history"},
		{client.Result{BankRef: "A", Outcome: "held", HoldUntil: &until}, "A held until 2026-01-01 00:00 UTC"},
		{client.Result{BankRef: "A", Outcome: "bounced", Reason: "unknown", Replay: true}, "A bounced: unknown (known already, nothing changed)"},
		{client.Result{BankRef: "A", Outcome: "error", Error: &client.Problem{Code: 26, Symbol: "S", Hint: "h", Detail: "d"}}, "A error: S (code 26): h; d"},
	}
	m := newSummary()
	for _, tt := range tests {
		got := strings.Join(strings.Fields(resultLine(&tt.result)), " ")
		if got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
		m.add(&bankFile{name: "f", entry: "e"}, &answered{transfers: []client.Result{tt.result}})
	}
	if got := m.String(); got != "credited 1, held 1, bounced 0, manual 0, replayed 1, ignored 0, failed 1\nfailed: f: e: A: S (code 26): h; d" || !m.failed() {
		t.Errorf("summary: %s", got)
	}
}

// A text to be typed comes with the payto URI that carries it, once.
func TestRegisteredTextHasALink(t *testing.T) {
	t.Parallel()
	const account = "payto://iban/DE89370400440532013000?receiver-name=Example%20Exchange"
	rf := client.Subject{Type: "RF", CreditAccount: account, Reference: "RF18539007547034"}
	var out strings.Builder
	printWhereToPay(&out, &client.Registration{Subjects: []client.Subject{rf}})
	if link := "Link        " + account + "&message=RF18539007547034\n"; !strings.Contains(out.String(), link) {
		t.Errorf("no %q in\n%s", link, out.String())
	}
	sent := client.Subject{Type: "URI", CreditAccount: account, URI: account + "&message=RF18539007547034"}
	out.Reset()
	printWhereToPay(&out, &client.Registration{Subjects: []client.Subject{rf, sent}})
	if n := strings.Count(out.String(), "Link "); n != 1 {
		t.Errorf("%d links in\n%s", n, out.String())
	}
}
