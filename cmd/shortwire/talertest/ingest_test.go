package talertest

import (
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/shortwire/shortwire/subjects/taler"
)

// notification is a camt.054 with one debit of the account.
const notification = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.04"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>%[1]s</MsgId><CreDtTm>2026-11-20T06:15:00</CreDtTm></GrpHdr>
<Ntfctn><Id>%[1]s</Id><Acct><Id><IBAN>%[2]s</IBAN></Id></Acct>
<Ntry><Amt Ccy="%[3]s">1.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-19</Dt></BookgDt><AcctSvcrRef>%[1]s</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><AcctSvcrRef>%[1]s</AcctSvcrRef><EndToEndId>%[4]s</EndToEndId></Refs><Amt Ccy="%[3]s">1.50</Amt><CdtDbtInd>DBIT</CdtDbtInd>
<RmtInf><Ustrd>%[5]s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`

// debit reports money that left the account, with the text that a credit has.
func (g *target) debit(t *testing.T, endToEndID string) reply {
	t.Helper()
	payto, err := taler.ParsePayto(g.creditAccount)
	if err != nil {
		t.Error(err)
	}
	file := fmt.Sprintf(notification, rand.Text(), payto.IBAN(), g.currency, endToEndID, newKey().pub)
	r := ask(t, "POST", g.bank+"incoming", "Bearer "+bankToken, file, "Content-Type", "application/xml")
	want(t, "a debit", r, 200)
	return r
}

// payments lists what the bank is to pay, without taking it, or takes it.
func (g *target) payments(t *testing.T, query string) []map[string]any {
	t.Helper()
	return ask(t, "GET", g.bank+"outgoing"+query, "Bearer "+bankToken, nil).list("payments")
}

// counts are how often money came in, went back and is in the history.
type counts struct{ incoming, bounced, talerable int }

func (g *target) counts(t *testing.T) (n counts) {
	t.Helper()
	n.incoming = len(ask(t, "GET", g.revenue+"history?limit=-1024", g.authorization, nil).list("incoming_transactions"))
	n.talerable = len(g.incoming(t))
	for _, payment := range g.payments(t, "?status=pending&limit=1024") {
		if payment["kind"] == "bounce" {
			n.bounced++
		}
	}
	return n
}

// ingest: what a bank reports is counted once, whatever it is, and what it has
// paid is found again by the id of the message that ordered it.
func ingest(t *testing.T) {
	g := open(t, "ingest")
	g.needsBank(t)
	g.counted(t)
	g.bouncedOnce(t)
	g.reconciled(t)
	g.booked(t)
}

// counted: a subject, the same again, and a malformed one.
func (g *target) counted(t *testing.T) {
	k := members{"unstructured": []string{newKey().pub.String()}}
	for i, step := range []struct {
		remittance members
		outcome    string
		want       counts
	}{
		{k, "credited", counts{1, 0, 1}},
		{k, "bounced", counts{2, 1, 1}},
		{members{"unstructured": []string{"no subject"}}, "bounced", counts{3, 2, 1}},
	} {
		if outcome := g.report(t, step.remittance); outcome != step.outcome {
			t.Errorf("step %d: %s, want %s", i, outcome, step.outcome)
		}
		if got := g.counts(t); got != step.want {
			t.Errorf("step %d: %+v, want %+v", i, got, step.want)
		}
	}
}

// bouncedOnce: a malformed credit that is told twice is one row, one bounce and
// one payment.
func (g *target) bouncedOnce(t *testing.T) {
	before, ref := g.counts(t), rand.Text()
	first := g.reportAs(t, ref, members{"unstructured": []string{"no subject"}})
	second := g.reportAs(t, ref, members{"unstructured": []string{"no subject"}})
	if first["outcome"] != "bounced" || first["replay"] != nil {
		t.Errorf("the first time: %v", first)
	}
	if second["outcome"] != "bounced" || second["replay"] != true {
		t.Errorf("the second time: %v", second)
	}
	if got, want := g.counts(t), (counts{before.incoming + 1, before.bounced + 1, before.talerable}); got != want {
		t.Errorf("told twice: %+v, want %+v", got, want)
	}
}

// paid returns the rows of the outgoing history.
func (g *target) paid(t *testing.T) []map[string]any {
	t.Helper()
	return ask(t, "GET", g.wireGateway+"history/outgoing?limit=1024", g.authorization, nil).list("outgoing_transactions")
}

// tell reports on every payment of a message, and returns how often which
// outcome came back.
func (g *target) tell(t *testing.T, message any) map[any]int {
	t.Helper()
	r := ask(t, "POST", g.bank+"outgoing", "Bearer "+bankToken, members{"message_id": message, "status": "success"})
	want(t, "telling about a message", r, 200)
	outcomes := map[any]int{}
	for _, result := range r.list("results") {
		outcomes[result["outcome"]]++
	}
	return outcomes
}

// reconciled: a message pays what it ordered, however often that is told.
func (g *target) reconciled(t *testing.T) {
	g.ordered(t)
	g.ordered(t)
	taken := g.payments(t, "?limit=1024")
	if len(taken) != 5 { // three bounces and two transfers
		t.Fatalf("%d payments are taken", len(taken))
	}
	for range 2 {
		if outcomes := g.tell(t, taken[0]["message_id"]); outcomes["confirmed"] != len(taken) || len(outcomes) != 1 {
			t.Errorf("outcomes %v", outcomes)
		}
		if rows := g.paid(t); len(rows) != 2 {
			t.Errorf("%d rows, want 2", len(rows))
		}
	}
	if outcomes := g.tell(t, "SW-NONE"); outcomes["unknown"] != 1 || len(outcomes) != 1 {
		t.Errorf("a message of nobody: %v", outcomes)
	}
}

// booked: a debit on a statement pays the transfer that bears its id, once.
func (g *target) booked(t *testing.T) {
	row := g.ordered(t)
	endToEndID, _ := g.payments(t, "?limit=1024")[0]["end_to_end_id"].(string)
	for range 2 {
		if results := g.debit(t, endToEndID).list("results"); len(results) != 1 || results[0]["outcome"] != "paid" || id(members{"row_id": results[0]["payment_id"]}) != row {
			t.Errorf("results %v, want a payment %d", results, row)
		}
	}
	g.debit(t, "NOTPROVIDED")
	if rows := g.paid(t); len(rows) != 3 {
		t.Errorf("%d rows, want 3", len(rows))
	}
}
