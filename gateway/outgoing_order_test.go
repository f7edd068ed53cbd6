package gateway

import (
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/gateway/pain"
	"github.com/shortwire/shortwire/subjects/taler"
)

// The form of an answer is chosen before anything is leased for it.
func TestFormsOfPayments(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	everything(rooms)
	h := open(t, Config{Now: func() time.Time { return clock }}, rooms)
	const order = "application/xml"
	for accept, want := range map[string]struct {
		status int
		kind   string
	}{
		"": {200, typeJSON}, "*/*": {200, typeJSON}, "application/*": {200, typeJSON}, "application/json": {200, typeJSON},
		"application/xml": {200, order}, "text/xml": {200, "text/xml"}, "Application/XML": {200, order},
		"application/xml, application/json;q=0.5": {200, order}, "application/xml;q=0.5, application/json": {200, typeJSON},
		"text/csv": {406, typeJSON}, "text/html, application/pdf": {406, typeJSON},
	} {
		rooms.asked = bounce.PaymentQuery{}
		got := h.ask("GET", "/accounts/ch/bank/outgoing", "", "Authorization", asBank, "Accept", accept)
		if got.status != want.status || got.header.Get("Content-Type") != want.kind {
			t.Errorf("Accept %q: %d %s", accept, got.status, got.header.Get("Content-Type"))
		}
		if leased := rooms.asked.Limit > 0; leased != (want.status == 200) {
			t.Errorf("Accept %q: asked the desk: %t", accept, leased)
		}
		if narrowed := rooms.asked.PaytoKind == taler.KindIBAN; narrowed != (want.kind != typeJSON) {
			t.Errorf("Accept %q: asked for %+v", accept, rooms.asked)
		}
	}
	for _, q := range []string{"?status=pending", "?status=sent"} {
		if got := h.ask("GET", "/accounts/ch/bank/outgoing"+q, "", "Authorization", asBank, "Accept", order); got.status != 406 {
			t.Errorf("a list of payments as an order: %d", got.status)
		}
	}
}

// The version of an order is that of the account's bank.
func TestVersionOfOrders(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	everything(rooms)
	for version, want := range map[pain.Version]string{"": "pain.001.001.09", pain.V09: "pain.001.001.09", pain.V03: "pain.001.001.03"} {
		h := open(t, Config{Banks: map[string]Bank{"ch": {PaymentOrder: version}, "nz": {PaymentOrder: "x"}}}, rooms)
		got := h.ask("GET", "/accounts/ch/bank/outgoing", "", "Authorization", asBank, "Accept", "application/xml")
		if got.status != 200 || !strings.Contains(got.body, want) {
			t.Errorf("%q: %d %.300s", version, got.status, got.body)
		}
	}
}

// Accounts outside of banks have no payment orders.
func TestNoOrderForOtherAccounts(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	everything(rooms)
	payto, err := taler.ParsePayto("payto://x-taler-bank/bank.example/exchange?receiver-name=X")
	if err != nil {
		t.Fatal(err)
	}
	rooms.accounts[0].Payto = payto
	h := open(t, Config{}, rooms)
	got := h.ask("GET", "/accounts/ch/bank/outgoing", "", "Authorization", asBank, "Accept", "application/xml")
	if got.status != 406 || !strings.Contains(got.body, "IBAN") || rooms.asked.Limit > 0 {
		t.Errorf("%d %s, asked %+v", got.status, got.body, rooms.asked)
	}
}

// What a bank rejects because it has it already is on its way, not lost.
func TestCodesOfReports(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{}, rooms)
	for code, want := range map[string]bounce.PaymentStatus{
		"ACSC": bounce.PaymentSuccess, "ACCC": bounce.PaymentSuccess, "ACCP": bounce.PaymentSent, "ACSP": bounce.PaymentSent, "ACTC": bounce.PaymentSent,
		"PDNG": bounce.PaymentSent, "RJCT": bounce.PaymentPermanent, "CANC": bounce.PaymentPermanent, "XXXX": "",
		"RJCT AC04": bounce.PaymentPermanent,
		"RJCT AM05": bounce.PaymentSent,
		"RJCT DU04": bounce.PaymentSent,
	} {
		rooms.words = nil
		status, reason, _ := strings.Cut(code, " ")
		body := strings.Replace(statusReport, "<TxSts>XXXX</TxSts>", "<TxSts>"+status+"</TxSts><StsRsnInf><Rsn><Cd>"+reason+"</Cd></Rsn></StsRsnInf>", 1)
		got := h.ask("POST", "/accounts/ch/bank/outgoing", body, "Authorization", asBank, "Content-Type", "text/xml")
		if got.status != 200 {
			t.Errorf("%s: %d %s", code, got.status, got.body)
			continue
		}
		said := bounce.PaymentStatus("")
		for _, w := range rooms.words {
			if w.EndToEndID == "E5" {
				said = w.Status
			}
		}
		if said != want {
			t.Errorf("%s means %q, want %q", code, said, want)
		}
	}
	for name, c := range map[string]struct{ body, kind, symbol string }{
		"no message_id":  {`{"status":"sent"}`, "application/json", "GENERIC_PARAMETER_MISSING"},
		"no status":      {`{"message_id":"SW1"}`, "application/json", "GENERIC_PARAMETER_MISSING"},
		"pending":        {`{"message_id":"SW1","status":"pending"}`, "application/json", "GENERIC_PARAMETER_MALFORMED"},
		"a camt.054":     {strings.Replace(statusReport, "pain.002.001.10", "camt.054.001.08", 1), "application/xml", "BANK_MESSAGE_INVALID"},
		"a pain.001":     {strings.Replace(statusReport, "pain.002.001.10", "pain.001.001.09", 1), "application/xml", "BANK_MESSAGE_INVALID"},
		"a broken file":  {statusReport[:500], "application/xml", "BANK_MESSAGE_INVALID"},
		"something else": {"status;sent", "text/csv", "UNSUPPORTED_MEDIA_TYPE"},
	} {
		got := h.ask("POST", "/accounts/ch/bank/outgoing", c.body, "Authorization", asBank, "Content-Type", c.kind)
		if got.status/100 != 4 || symbolOf(got) != c.symbol {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

// A statement is read for its debits; those of others are not spoken of.
func TestDebitsOfAStatement(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	rooms.told = []bounce.Told{{Word: 0, Payment: payment(7)}, {Word: 1, Err: bounce.ErrUnknownPayment}}
	h := open(t, Config{}, rooms)
	entry := `<Ntry><Amt Ccy="CHF">7</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><AcctSvcrRef>R</AcctSvcrRef>
		<NtryDtls><TxDtls><Refs><EndToEndId>E</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>`
	file := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.04"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><AddtlInf>SPS/2.0/PROD</AddtlInf></GrpHdr><Stmt>` +
		entry + entry + `</Stmt></BkToCstmrStmt></Document>`
	ask := func(path, body string) reply {
		return h.ask("POST", "/accounts/ch/bank"+path, body, "Authorization", asBank, "Content-Type", "application/xml")
	}
	got := ask("/outgoing", file)
	if got.status != 200 || strings.Count(got.body, `"outcome"`) != 1 || !strings.Contains(got.body, `"payment_id":7,"outcome":"confirmed"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if len(rooms.words) != 2 || rooms.words[0] != (bounce.Word{EndToEndID: "E", Status: bounce.PaymentSuccess, Detail: "booked as R"}) {
		t.Errorf("%+v", rooms.words)
	}
	rooms.words, rooms.told = nil, nil
	if got := ask("/outgoing", strings.Replace(file, "PROD", "TEST", 1)); got.status != 200 || len(rooms.words) > 0 {
		t.Errorf("a test file confirms payments: %d %+v", got.status, rooms.words)
	}
	if got := ask("/outgoing", file[:300]); got.status != 400 || symbolOf(got) != "BANK_MESSAGE_INVALID" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := ask("/incoming", file); got.status != 400 || !strings.Contains(got.body, "bank/outgoing") {
		t.Errorf("credits of a statement are read: %d %s", got.status, got.body)
	}
}

// The debits of a bank file confirm our payments; those of others, those of a
// test file and those without end-to-end id are ignored as before.
func TestDebitsOfABankFile(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	rooms.told = []bounce.Told{{Word: 0, Payment: payment(7)}, {Word: 1, Err: bounce.ErrUnknownPayment}, {Word: 2, Payment: payment(8), Err: bounce.ErrPaymentFinal}}
	h := open(t, Config{}, rooms)
	entry := func(ref, direction, endToEnd string) string {
		return `<Ntry><Amt Ccy="CHF">7</Amt><CdtDbtInd>` + direction + `</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>` + ref + `</AcctSvcrRef>
			<NtryDtls><TxDtls><Refs><EndToEndId>` + endToEnd + `</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>`
	}
	file := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M</MsgId><AddtlInf>SPS/2.0/PROD</AddtlInf></GrpHdr><Ntfctn>` +
		entry("R1", "DBIT", "OURS") + entry("R2", "CRDT", "X") + entry("R3", "DBIT", "THEIRS") + entry("R4", "DBIT", "FAILED") + entry("R5", "DBIT", "NOTPROVIDED") +
		`</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`
	results := h.results("application/xml", file)
	for i, want := range []struct {
		outcome, reason string
		payment         int64
	}{{"paid", "", 7}, {"credited", "", 0}, {"ignored", "debit", 0}, {"error", "", 0}, {"ignored", "debit", 0}} {
		if r := results[i]; r.Outcome != want.outcome || r.Reason != want.reason || r.PaymentID != want.payment {
			t.Errorf("result %d is %+v", i, r)
		}
	}
	if results[3].Error == nil || results[3].Error.Error != "PAYMENT_FINAL" {
		t.Errorf("%+v", results[3].Error)
	}
	if len(rooms.words) != 3 || rooms.words[0] != (bounce.Word{EndToEndID: "OURS", Status: bounce.PaymentSuccess, Detail: "booked as R1"}) {
		t.Errorf("%+v", rooms.words)
	}
	rooms.words = nil
	if r := h.results("application/xml", strings.Replace(file, "PROD", "TEST", 1)); r[0].Outcome != "ignored" || len(rooms.words) > 0 {
		t.Errorf("a test file confirms payments: %+v", r[0])
	}
}
