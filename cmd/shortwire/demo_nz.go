package main

import (
	"encoding/json"
	"strings"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

// transfer is one transfer as a bank job without camt files posts it.
type transfer struct {
	BankRef    string     `json:"bank_ref"`
	Amount     string     `json:"amount"`
	Debtor     string     `json:"debtor"`
	Remittance remittance `json:"remittance"`
}

type remittance struct {
	Unstructured []string `json:"unstructured,omitempty"`
	Particulars  string   `json:"particulars,omitempty"`
	Code         string   `json:"code,omitempty"`
	Reference    string   `json:"reference,omitempty"`
}

// line is the transfer as JSON.
func (t transfer) line() string {
	text, _ := json.Marshal(t) // strings: cannot fail
	return string(text)
}

const kiriPayto = "payto://x-nz-account/12-3140-0171323-50?receiver-name=Kiri%20Sample"

// playNewZealand maps before the money comes.
func playNewZealand(d *stage) {
	d.act("New Zealand: account nz, three fields of twelve characters")
	d.run("wallet", "keygen", "-o", d.file("nz-wallet.json"))
	args := []string{"wallet", "register", "--account", "nz", "--key", d.file("nz-wallet.json")}
	d.run(args...)
	registration := ask[client.Registration](d, args...)
	d.expect(len(registration.Subjects) == 1 && len(registration.Subjects[0].Reference) == 12, "there is a reference of twelve characters")
	d.say("Banks in New Zealand have three short fields. The reference fits one of them and is found in whichever it lands.")
	d.run("wallet", "map", "--account", "nz", "--key", d.file("nz-wallet.json"), "--new-reserve", "-o", d.file("nz-reserve.json"))
	d.say("This wallet maps before the money comes.")
	if d.err != nil {
		return
	}
	subject := registration.Subjects[0]
	d.write("nz.ndjson", nzTransfers(subject))
	out := d.run("bank", "ingest", "--account", "nz", "--token-file", d.file("bank.token"), d.file("nz.ndjson"))
	d.expectLine(out, "NZ-0001", "credited", "row 1")
	d.expectLine(out, "NZ-0002", "bounced", "malformed")
	d.say("The right reference is credited at once. With one wrong character the money goes back.")
	d.expectHistory("nz", d.key("nz-reserve.json"))
	d.run("exchange", "mappings", "--account", "nz", "--token-file", d.file("exchange.token"))
	d.say("The exchange can ask which mapping was used by which transfer.")
}

// nzTransfers are two payments in the other case and, as some banks deliver it,
// in another field; the second has one wrong character.
func nzTransfers(s client.Subject) string {
	token := strings.ToLower(s.Reference)
	right := remittance{Particulars: s.Particulars, Code: token}
	wrong := remittance{Particulars: s.Particulars, Reference: mistypeSymbol(s.Reference, 5)}
	return transfer{"NZ-0001", "NZD:30", kiriPayto, right}.line() + "\n" +
		transfer{"NZ-0002", "NZD:30", kiriPayto, wrong}.line() + "\n"
}

// mistypeSymbol replaces one symbol by another of Crockford's alphabet.
func mistypeSymbol(text string, at int) string {
	if at >= len(text) {
		return text
	}
	symbol := "7"
	if text[at] == '7' {
		symbol = "8"
	}
	return text[:at] + symbol + text[at+1:]
}
