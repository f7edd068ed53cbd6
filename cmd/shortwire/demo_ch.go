package main

import (
	_ "embed"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

// playSwitzerland is the whole story on a Swiss account: register, pay, hold,
// map, credit, bounce, replay, pay back.
func playSwitzerland(d *stage) {
	d.act("Switzerland: account ch, QR references")
	reference := chRegister(d)
	chHold(d, reference)
	chCredit(d)
	chBounce(d, reference)
	chReplay(d)
	chPayBack(d)
}

func chRegister(d *stage) (reference string) {
	d.run("wallet", "keygen", "-o", d.file("ch-wallet.json"))
	d.say("A wallet has a key. The gateway only ever sees its public half.")
	out := d.run("pow", "bench", "--account", "ch", "--time", "500ms")
	d.expectLine(out, "Price", "evaluations")
	d.say("Subjects are scarce, so that each one costs a proof of work: the wallet must try that many Argon2id hashes.\n" +
		"The price rises by itself when somebody grabs for too many.")
	args := []string{"wallet", "register", "--account", "ch", "--key", d.file("ch-wallet.json"), "--amount", "CHF:50"}
	d.run(args...)
	d.expectFile("ch-wallet.json.ch.proof", "the wallet has worked for its subject")
	registration := ask[client.Registration](d, args...)
	d.expect(len(registration.Subjects) == 2, "there are two ways to pay")
	if d.err == nil {
		reference = registration.Subjects[0].QRReferenceNumber
	}
	d.expect(len(reference) == 27, "the first one is a QR reference of 27 digits")
	code := d.run("wallet", "show", "--account", "ch", "--key", d.file("ch-wallet.json"), "--amount", "CHF:50")
	d.expect(strings.Contains(code, "▄▄▄▄▄"), "there is a code to scan")
	d.say("The wallet shows this to its owner, who scans it with the app of any Swiss bank; the second form is for payers abroad.\n" +
		"Check digits in every reference catch typing errors, and asking again gives the same reference, for nothing.")
	return reference
}

func chHold(d *stage, reference string) {
	d.write("ch-1.xml", camtFile("DEMO-1", credit{Ref: "CH-0001", Amount: "50.00", Payer: "Ada Muster", IBAN: adaIBAN, QRR: reference}))
	out := d.run("bank", "ingest", "--account", "ch", "--token-file", d.file("bank.token"), d.file("ch-1.xml"))
	d.expectLine(out, "CH-0001", "held until")
	d.say("The bank's file (camt.054) says that 50 francs arrived with this reference. The gateway knows whose they are,\n" +
		"but not yet what for, so it holds them.")
	out = d.run("wallet", "status", "--account", "ch", "--key", d.file("ch-wallet.json"))
	d.expectLine(out, "Mapping", "none")
	d.expectLine(out, "Held", "1 transfer")
	d.say("The wallet sees the money waiting.")
}

func chCredit(d *stage) {
	out := d.run("wallet", "map", "--account", "ch", "--key", d.file("ch-wallet.json"), "--new-reserve", "-o", d.file("ch-reserve.json"))
	d.expectLine(out, "Credited", "1 transfer")
	d.say("The wallet signs: the next transfer is for this fresh reserve key. The waiting one is credited at once.")
	d.run("exchange", "history", "--account", "ch", "--token-file", d.file("exchange.token"))
	d.expectHistory("ch", d.key("ch-reserve.json"))
	d.say("The exchange reads the credit: amount, payer, and the reserve key that only this wallet owns.")
}

func chBounce(d *stage, reference string) {
	d.write("ch-2.xml", camtFile("DEMO-2",
		credit{Ref: "CH-0002", Amount: "20.00", Payer: "Beat Beispiel", IBAN: beatIBAN, Text: "thank you for the fish"},
		credit{Ref: "CH-0003", Amount: "50.00", Payer: "Ada Muster", IBAN: adaIBAN, QRR: mistype(reference, 20)}))
	out := d.run("bank", "ingest", "--account", "ch", "--token-file", d.file("bank.token"), d.file("ch-2.xml"))
	d.expectLine(out, "CH-0002", "bounced", "malformed")
	d.expectLine(out, "CH-0003", "bounced", "malformed")
	d.say("A stray payment without a reference, and one with a mistyped digit: both go back. Nobody else is credited by mistake.")
}

func chReplay(d *stage) {
	out := d.run("bank", "ingest", "--account", "ch", "--token-file", d.file("bank.token"), d.file("ch-1.xml"))
	d.expectLine(out, "CH-0001", "credited", "known already")
	d.expectLine(out, "credited 0", "replayed 1")
	d.expectHistory("ch", d.key("ch-reserve.json"))
	d.say("The bank delivers its first file again, as banks do. Nothing is credited twice.")
}

func chPayBack(d *stage) {
	out := d.run("bank", "outgoing", "--account", "ch", "--token-file", d.file("bank.token"))
	ids := paymentIDs(out)
	d.expect(len(ids) == 2 && strings.Contains(out, adaIBAN) && strings.Contains(out, beatIBAN), "both payers are paid back")
	d.say("The bank job fetches what must be paid: both bounces, each to the account that it came from.")
	again := d.run("bank", "outgoing", "--account", "ch", "--token-file", d.file("bank.token"))
	d.expectLine(again, "Nothing to pay")
	d.say("A second job gets nothing: the payments are leased to the first, so that none is paid twice.")
	for _, id := range ids {
		out = d.run("bank", "confirm", id, "success", "--account", "ch", "--token-file", d.file("bank.token"))
		d.expectLine(out, "payment "+id, "success")
	}
	d.say("The bank has paid. That is the end of these two.")
}

// expectHistory expects exactly these reserve keys in the history, oldest first.
func (d *stage) expectHistory(account string, keys ...string) {
	history := ask[client.History](d, "exchange", "history", "--account", account, "--token-file", d.file("exchange.token"), "--limit", "100")
	var credited []string
	for i := range history.IncomingTransactions {
		t := &history.IncomingTransactions[i]
		d.expect(t.RowID == int64(i+1), "row %d of the history follows the one before", t.RowID)
		credited = append(credited, creditTarget(t))
	}
	d.expect(strings.Join(credited, " ") == strings.Join(keys, " "), "the history of %s credits %v, not %v", account, keys, credited)
}

// paymentIDs reads the numbers from what bank outgoing prints.
func paymentIDs(out string) (ids []string) {
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) > 1 && fields[0] == "payment" {
			if _, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
				ids = append(ids, fields[1])
			}
		}
	}
	return ids
}

// mistype changes one digit.
func mistype(digits string, at int) string {
	if at >= len(digits) {
		return digits
	}
	return digits[:at] + string('0'+(digits[at]-'0'+1)%10) + digits[at+1:]
}

// The payers of the demo. Both IBANs are examples from public documentation.
const (
	adaIBAN  = "CH5800791123000889012"
	beatIBAN = "CH9300762011623852957"
)

// credit is one entry of a bank file.
type credit struct {
	Ref, Amount, Payer, IBAN string
	QRR                      string // structured reference, else
	Text                     string // free text
}

//go:embed demo_camt.xml
var camtText string

var camtTemplate = template.Must(template.New("camt").Parse(camtText))

// camtFile writes a camt.054.001.08 (Swiss Payment Standards) for the account ch.
func camtFile(id string, credits ...credit) string {
	var b strings.Builder
	_ = camtTemplate.Execute(&b, map[string]any{ // a Builder takes everything
		"ID": id, "Day": time.Now().UTC().Format(time.DateOnly), "Credits": credits,
	})
	return b.String()
}
