package main

import (
	"strings"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

const hansPayto = "payto://iban/DE75512108001245126199?receiver-name=Hans%20Muster"

// playPlainKey needs no registration in the database: the key is the subject.
func playPlainKey(d *stage) {
	d.act("Anywhere else: account x, the key itself is the subject")
	d.run("wallet", "keygen", "-o", d.file("x-wallet.json"))
	args := []string{"wallet", "register", "--account", "x", "--key", d.file("x-wallet.json")}
	d.run(args...)
	registration := ask[client.Registration](d, args...)
	d.expect(len(registration.Subjects) > 0 && strings.HasPrefix(registration.Subjects[0].Subject, "MAP"), "the subject begins with MAP")
	d.say("Where a bank takes long texts, the wallet's key is the message, with six check symbols. Nothing is stored.")
	d.run("wallet", "map", "--account", "x", "--key", d.file("x-wallet.json"), "--new-reserve", "-o", d.file("x-reserve.json"))
	d.run("wallet", "keygen", "-o", d.file("x-old.json"))
	d.say("A mapping as before; and a second key, for a wallet of the old kind that knows nothing of mappings.")
	if d.err != nil {
		return
	}
	d.write("x.json", xTransfers(registration.Subjects[0].Subject, d.key("x-old.json")))
	out := d.run("bank", "ingest", "--account", "x", "--token-file", d.file("bank.token"), d.file("x.json"))
	d.expectLine(out, "X-0001", "credited", "row 1")
	d.expectLine(out, "X-0002", "bounced", "malformed")
	d.expectLine(out, "X-0003", "credited", "row 2")
	d.say("The subject is credited; with one wrong symbol it bounces; a bare reserve key, as old wallets send it, still works.")
	d.expectHistory("x", d.key("x-reserve.json"), d.key("x-old.json"))
	d.run("exchange", "history", "--account", "x", "--token-file", d.file("exchange.token"), "--limit", "10", "--offset", "0")
	d.say("Both credits in the order in which they were made; an exchange that asks for what came after its last row misses none.")
}

// xTransfers are a right payment, one with a wrong symbol, and one of an old
// wallet.
func xTransfers(subject, oldKey string) string {
	var lines []string
	for _, t := range []transfer{
		{"X-0001", "EUR:10.50", hansPayto, remittance{Unstructured: []string{subject}}},
		{"X-0002", "EUR:10.50", hansPayto, remittance{Unstructured: []string{mistypeSymbol(subject, 30)}}},
		{"X-0003", "EUR:7", hansPayto, remittance{Unstructured: []string{oldKey}}},
	} {
		lines = append(lines, "  "+t.line())
	}
	return "{\"transfers\": [\n" + strings.Join(lines, ",\n") + "\n]}\n"
}
