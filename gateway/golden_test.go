package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/pow"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenCase is one request whose whole answer is on file.
type goldenCase struct {
	name    string
	method  string
	pattern string            // path in openapi.yaml
	path    map[string]string // what to put into the pattern; "?" is the query
	body    string
	headers []string
	rooms   func(*fakeRooms)
	config  func(*Config)
}

var exampleKey = key(1).String()

func registerBody() string {
	return `{"authorization_pub":"` + exampleKey + `","alg":"EdDSA","credit_amount":"CHF:10.50","recurrent":false}`
}

func proofBodyText(difficulty string) string {
	return `{"authorization_pub":"` + exampleKey + `","alg":"EdDSA","proof":{"epoch":20779,"difficulty":` + difficulty + `,"solution":"AAAA"}}`
}

func mapBody() string {
	return `{"authorization_pub":"` + exampleKey + `","type":"reserve","account_pub":"` + key(2).String() +
		`","timestamp":{"t_s":1795348800},"authorization_sig":"` + taler.EddsaSignature{9}.String() + `"}`
}

func unregisterBody() string {
	return `{"timestamp":{"t_s":1795348800},"authorization_sig":"` + taler.EddsaSignature{9}.String() + `"}`
}

func orderBody() string {
	return `{"request_uid":"` + taler.HashCode{1}.String() + `","amount":"CHF:10.50","exchange_base_url":"https://exchange.example/",` +
		`"metadata":"batch-7","wtid":"` + taler.ShortHashCode{2}.String() + `","credit_account":"payto://iban/DE89370400440532013000?receiver-name=A%20Shop"}`
}

const statusReport = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
	<GrpHdr><MsgId>B-1</MsgId></GrpHdr>
	<OrgnlGrpInfAndSts><OrgnlMsgId>SW0B2B5A6C9E3F4D7C8A1B2C3D4E5F6071</OrgnlMsgId></OrgnlGrpInfAndSts>
	<OrgnlPmtInfAndSts><OrgnlPmtInfId>SW0B2B5A6C9E3F4D7C8A1B2C3D4E5F6071</OrgnlPmtInfId><PmtInfSts>ACCP</PmtInfSts>
		<TxInfAndSts><OrgnlEndToEndId>E1</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>
		<TxInfAndSts><OrgnlEndToEndId>E2</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>account closed</AddtlInf></StsRsnInf></TxInfAndSts>
		<TxInfAndSts><OrgnlEndToEndId>E3</OrgnlEndToEndId><TxSts>ACSP</TxSts></TxInfAndSts>
		<TxInfAndSts><OrgnlEndToEndId>E4</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>
		<TxInfAndSts><OrgnlEndToEndId>E5</OrgnlEndToEndId><TxSts>XXXX</TxSts></TxInfAndSts>
	</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`

// reported lets every outcome of a report happen.
func reported(f *fakeRooms) {
	paid, failed := payment(1), payment(2)
	paid.Status, failed.Status = bounce.PaymentSuccess, bounce.PaymentPermanent
	f.told = []bounce.Told{
		{Word: 0, Payment: paid}, {Word: 1, Payment: paid, Err: fmt.Errorf("storing: %w", bounce.ErrPaymentFinal)},
		{Word: 2, Payment: failed, Stale: true}, {Word: 3, Err: bounce.ErrUnknownPayment}, {Word: 4, Payment: payment(5)},
	}
}

// order is a transfer of the exchange.
func order(id int64, status bounce.PaymentStatus) bounce.Outgoing {
	o := bounce.Outgoing{Payment: payment(id), Order: bounce.Order{
		RequestUID: taler.HashCode{byte(id)}, Wtid: taler.ShortHashCode{byte(id)}, ExchangeBaseURL: "https://exchange.example/", Metadata: "batch-7",
	}}
	o.Kind, o.Status = bounce.PaymentTransfer, status
	if status == bounce.PaymentSuccess {
		o.RowID, o.Paid, o.Order.Metadata = 3, clock, ""
	} else {
		o.Detail = "in the evening run"
	}
	return o
}

// everything sets the rooms up so that every field of every answer is used.
func everything(f *fakeRooms) {
	ten := taler.Amount{Currency: "CHF", Value: 10, Fraction: 50_000_000}
	f.grant = subjects.Grant{Expiration: clock, Subjects: []wire.Subject{
		{Type: "CH_QR_BILL", CreditAccount: "payto://iban/CH4431999123000889012?receiver-name=Example%20Exchange", CreditAmount: &ten, QRReference: "000000000000000000000000011",
			Address: &wire.Address{Postcode: "8001", Town: "Zürich", Country: "CH"}},
		{Type: "SIMPLE", CreditAccount: chPayto, CreditAmount: &ten, Subject: "RF18 5390 0754 7034"},
		{Type: "URI", CreditAccount: chPayto, URI: chPayto + "&message=RF18539007547034"},
		{Type: "NZ_SBI", CreditAccount: chPayto, Particulars: "A1B2C3D4E5F6"},
		{Type: "RF", CreditAccount: chPayto, Reference: "RF18539007547034"},
		{Type: "NATIONAL", CreditAccount: chPayto, Scheme: "BE", Reference: "+++090/9337/55493+++"},
	}}
	f.offer = &subjects.Offer{Params: pow.DefaultParams(), SealBits: 18, Realm: pow.Realm{1}, Difficulty: 2048, Epochs: []subjects.EpochSalt{
		{Epoch: 20779, Salt: pow.Salt{2}, ValidUntil: clock.Add(36 * time.Hour)}, {Epoch: 20778, Salt: pow.Salt{3}, ValidUntil: clock.Add(12 * time.Hour)}}}
	f.market = subjects.Market{Difficulty: 2436, Base: 2048, SealBits: 18, Blocked: 2600, Size: 10_000, Rate: 0.25, Pressure: 0.265625}
	f.status = subjects.Status{Grant: f.grant, Mapping: subjects.MappingPending, Held: 2}
	f.status.AuthorizationPub, f.status.Recurrent = key(1), true
	f.mapped = subjects.Mapped{Expiration: clock, Credited: 1}
	wad := subjects.Target{Type: subjects.CreditWAD, WadID: taler.WadID{1, 2}, OriginExchangeURL: "https://exchange.example/"}
	reserve := subjects.Target{Type: subjects.CreditReserve, AccountPub: key(2)}
	f.records = []subjects.MappingRecord{
		{AuthorizationPub: key(1), Target: reserve, Timestamp: clock, State: subjects.MappingUsed, RowID: 7, BankRef: "REF-1"},
		{AuthorizationPub: key(1), Target: wad, Timestamp: clock, State: subjects.MappingPending},
	}
	pub, sig := key(1), taler.EddsaSignature{9}
	f.credits = []bounce.Credit{
		{RowID: 7, Date: clock, Amount: ten, Debtor: "payto://iban/SANDBOXX/FR7630006000011234567890189?receiver-name=Ada+L", Target: reserve, AuthorizationPub: &pub, AuthorizationSig: &sig},
		{RowID: 9, Date: clock, Amount: ten, Debtor: "payto://iban/CH9300762011623852957", Target: subjects.Target{Type: subjects.CreditKYC, AccountPub: key(3)}},
		{RowID: 10, Date: clock, Amount: ten, Target: wad, AuthorizationPub: &pub, AuthorizationSig: &sig},
	}
	f.payments = []bounce.Payment{payment(1)}
	f.cases = []bounce.Case{
		{ID: 1, Account: "ch", BankRef: "REF-4", Amount: ten, Reason: bounce.ReasonMalformed, Received: clock, Remittance: json.RawMessage(`{"unstructured":["counter"]}`)},
		{ID: 2, Account: "ch", BankRef: "REF-7", Amount: ten, Reason: bounce.ReasonReturned, Received: clock, Remittance: json.RawMessage(`{}`),
			Debtor: "payto://iban/CH9300762011623852957", Payment: &bounce.CasePayment{ID: 7, EndToEndID: "SW1", Kind: bounce.PaymentBounce,
				Status: bounce.PaymentSuccess, Creditor: "payto://iban/CH9300762011623852957", Detail: "came back as REF-7", BankRef: "REF-3"}},
	}
	f.log = []bounce.Entry{
		{ID: 3, TransferID: 1, Account: "ch", BankRef: "REF-4", Amount: ten, Action: bounce.ActionCredit, Target: "reserve " + exampleKey,
			CaseReason: bounce.ReasonMalformed, Decision: bounce.Decision{Operator: "alice", Reason: "called the payer"}, Decided: clock},
		{ID: 2, TransferID: 9, Account: "ch", BankRef: "REF-9", Amount: ten, Action: bounce.ActionWriteOff,
			CaseReason: bounce.ReasonNoDetails, Decision: bounce.Decision{Operator: "bob", Reason: "a total"}, Decided: clock},
	}
	f.orders = []bounce.Outgoing{order(5, bounce.PaymentSent), order(4, bounce.PaymentSuccess)}
	f.receive = func([]bounce.Transfer) ([]bounce.Result, error) {
		return []bounce.Result{
			{BankRef: "REF-1", State: bounce.Credited, RowID: 7},
			{BankRef: "REF-2", State: bounce.Held, HoldUntil: clock, Replay: true},
			{BankRef: "REF-3", State: bounce.Bounced, Reason: bounce.ReasonUnknown},
			{BankRef: "REF-4", State: bounce.Manual, Reason: bounce.ReasonMalformed},
			{BankRef: "REF-5", Err: fmt.Errorf("storing: %w", bounce.ErrConflict)},
			{BankRef: "REF-6", Err: bounce.ErrInvalid},
		}, nil
	}
}

func goldenCases() []goldenCase {
	const wire = "/accounts/{account}/taler-wire-gateway"
	ch := map[string]string{"account": "ch"}
	with := func(name, value string) map[string]string { return map[string]string{"account": "ch", name: value} }
	jsonBody := []string{"Content-Type", "application/json"}
	bank := []string{"Authorization", asBank}
	exchange := []string{"Authorization", asExchange}
	operator := []string{"Authorization", asOperator}
	six := `{"transfers":[` + strings.Repeat(`{"bank_ref":"R","amount":"CHF:1"},`, 6) +
		`{"amount":"CHF:1"},{"bank_ref":"R","amount":"CHF:1.5.5"},{"bank_ref":7,"amount":"CHF:1"},
		{"bank_ref":"R","bank_ref":"S","amount":"CHF:1"},{"bank_ref":"R\u0000","amount":"CHF:1"},17]}`
	nd := `{"bank_ref":"R","amount":"CHF:1"}` + "\n\n{broken\n" + strings.Repeat(`{"bank_ref":"R","amount":"CHF:1"}`+"\n", 5)
	return []goldenCase{
		{name: "config", method: "GET", pattern: "/config"},
		{name: "account_config", method: "GET", pattern: "/accounts/{account}/config", path: ch},
		{name: "account_config_free", method: "GET", pattern: "/accounts/{account}/config", path: ch, rooms: func(f *fakeRooms) { f.offer = nil }},
		{name: "register_with_proof", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, headers: jsonBody, body: proofBodyText(`"2048"`)},
		{name: "error_proof_required", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, body: registerBody(), headers: jsonBody,
			rooms: func(f *fakeRooms) { f.err = &subjects.ProofError{Err: subjects.ErrProofRequired, Offer: f.offer} }},
		{name: "error_proof_insufficient", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, headers: jsonBody, body: proofBodyText(`"2048"`),
			rooms: func(f *fakeRooms) {
				f.err = &subjects.ProofError{Err: subjects.ErrProofInsufficient, Reason: "epoch: solve with the salt of today or yesterday", Offer: f.offer}
			}},
		{name: "error_proof_invalid", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, headers: jsonBody, body: proofBodyText(`"2048"`),
			rooms: func(f *fakeRooms) { f.err = &subjects.InvalidProof{Reason: pow.ErrTarget} }},
		{name: "error_proof_busy", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, headers: jsonBody, body: proofBodyText(`"2048"`),
			rooms: func(f *fakeRooms) { f.err = &subjects.RetryLater{Err: subjects.ErrProofBusy, After: time.Second} }},
		{name: "error_proof_difficulty", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, headers: jsonBody, body: proofBodyText(`"02048"`)},
		{name: "error_proof_number", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, headers: jsonBody, body: proofBodyText(`2048`)},
		{name: "terms", method: "GET", pattern: "/admin/accounts/{account}/proof-of-work", path: ch, headers: operator},
		{name: "terms_set", method: "POST", pattern: "/admin/accounts/{account}/proof-of-work", path: ch, headers: append(operator, jsonBody...),
			body: `{"base_difficulty":"4096","seal_bits":20}`},
		{name: "error_terms", method: "POST", pattern: "/admin/accounts/{account}/proof-of-work", path: ch, headers: append(operator, jsonBody...),
			body: `{"base_difficulty":"4096","seal_bits":23}`},
		{name: "register", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, body: registerBody(), headers: jsonBody},
		{name: "register_forever", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, headers: jsonBody,
			body: registerBody(), rooms: func(f *fakeRooms) { f.grant.Expiration = time.Time{} }},
		{name: "status", method: "GET", pattern: "/accounts/{account}/registrations/{authorization_pub}", path: with("authorization_pub", exampleKey)},
		{name: "unregister", method: "DELETE", pattern: "/accounts/{account}/registrations/{authorization_pub}", path: with("authorization_pub", exampleKey),
			body: unregisterBody(), headers: jsonBody},
		{name: "map", method: "POST", pattern: "/accounts/{account}/mappings", path: ch, body: mapBody(), headers: jsonBody},
		{name: "mappings", method: "GET", pattern: "/accounts/{account}/mappings", path: with("?", "state=used&limit=2"), headers: exchange},
		{name: "mappings_none", method: "GET", pattern: "/accounts/{account}/mappings", path: ch, headers: exchange, rooms: func(f *fakeRooms) { f.records = nil }},
		{name: "wire_config", method: "GET", pattern: "/accounts/{account}/taler-wire-gateway/config", path: ch, headers: exchange},
		{name: "history", method: "GET", pattern: "/accounts/{account}/taler-wire-gateway/history/incoming", path: ch, headers: exchange},
		{name: "history_none", method: "GET", pattern: "/accounts/{account}/taler-wire-gateway/history/incoming", path: ch, headers: exchange, rooms: func(f *fakeRooms) { f.credits = nil }},
		{name: "history_outgoing", method: "GET", pattern: wire + "/history/outgoing", path: ch, headers: exchange},
		{name: "history_outgoing_none", method: "GET", pattern: wire + "/history/outgoing", path: ch, headers: exchange, rooms: func(f *fakeRooms) { f.orders = nil }},
		{name: "transfer", method: "POST", pattern: wire + "/transfer", path: ch, headers: append(exchange, jsonBody...), body: orderBody()},
		{name: "error_transfer_currency", method: "POST", pattern: wire + "/transfer", path: ch, headers: append(exchange, jsonBody...),
			body: strings.Replace(orderBody(), "CHF:", "EUR:", 1)},
		{name: "error_transfer_payto", method: "POST", pattern: wire + "/transfer", path: ch, headers: append(exchange, jsonBody...),
			body: strings.Replace(orderBody(), "payto://iban/DE89370400440532013000", "payto://x-taler-bank/bank.example/shop", 1)},
		{name: "transfers", method: "GET", pattern: wire + "/transfers", path: with("?", "status=pending&limit=-2"), headers: exchange},
		{name: "transfers_none", method: "GET", pattern: wire + "/transfers", path: ch, headers: exchange, rooms: func(f *fakeRooms) { f.orders = nil }},
		{name: "transfer_detail", method: "GET", pattern: wire + "/transfers/{row_id}", path: with("row_id", "5"), headers: exchange},
		{name: "error_transfer_unknown", method: "GET", pattern: wire + "/transfers/{row_id}", path: with("row_id", "6"), headers: exchange},
		{name: "incoming_json", method: "POST", pattern: "/accounts/{account}/bank/incoming", path: ch, headers: append(bank, jsonBody...), body: six},
		{name: "incoming_ndjson", method: "POST", pattern: "/accounts/{account}/bank/incoming", path: ch, headers: append(bank, "Content-Type", "application/x-ndjson"), body: nd},
		{name: "outgoing", method: "GET", pattern: "/accounts/{account}/bank/outgoing", path: ch, headers: bank},
		{name: "outgoing_none", method: "GET", pattern: "/accounts/{account}/bank/outgoing", path: ch, headers: bank, rooms: func(f *fakeRooms) { f.payments = nil }},
		{name: "outgoing_order", method: "GET", pattern: "/accounts/{account}/bank/outgoing", path: ch, headers: append(bank, "Accept", "application/xml"),
			config: func(c *Config) { c.Now = func() time.Time { return clock } }},
		{name: "outgoing_order_none", method: "GET", pattern: "/accounts/{account}/bank/outgoing", path: ch, headers: append(bank, "Accept", "application/xml"),
			rooms: func(f *fakeRooms) { f.payments = nil }},
		{name: "error_outgoing_order_list", method: "GET", pattern: "/accounts/{account}/bank/outgoing", path: with("?", "status=sent"), headers: append(bank, "Accept", "application/xml")},
		{name: "confirm", method: "POST", pattern: "/accounts/{account}/bank/outgoing/{id}", path: with("id", "1"), headers: append(bank, jsonBody...),
			body: `{"status":"permanent_failure","detail":"account closed"}`},
		{name: "report_pain", method: "POST", pattern: "/accounts/{account}/bank/outgoing", path: ch, headers: append(bank, "Content-Type", "application/xml"),
			body: statusReport, rooms: reported},
		{name: "report_lease", method: "POST", pattern: "/accounts/{account}/bank/outgoing", path: ch, headers: append(bank, jsonBody...),
			body: `{"message_id":"SW0B2B5A6C9E3F4D7C8A1B2C3D4E5F6071","status":"sent"}`},
		{name: "error_report", method: "POST", pattern: "/accounts/{account}/bank/outgoing", path: ch, headers: append(bank, "Content-Type", "application/xml"),
			body: strings.Replace(statusReport, ".10", ".12", 1)},
		{name: "manual", method: "GET", pattern: "/admin/manual", headers: operator},
		{name: "manual_none", method: "GET", pattern: "/admin/manual", headers: operator, rooms: func(f *fakeRooms) { f.cases = nil }},
		{name: "manual_log", method: "GET", pattern: "/admin/manual/log", headers: operator},
		{name: "manual_credit", method: "POST", pattern: "/admin/manual/{id}/credit", path: with("id", "1"), headers: append(operator, jsonBody...),
			body: `{"reason":"called the payer","type":"reserve","account_pub":"` + exampleKey + `"}`},
		{name: "manual_bounce", method: "POST", pattern: "/admin/manual/{id}/bounce", path: with("id", "1"), headers: append(operator, jsonBody...),
			body: `{"reason":"new account","creditor":"payto://iban/DE89370400440532013000?receiver-name=Ada"}`},
		{name: "manual_write_off", method: "POST", pattern: "/admin/manual/{id}/write-off", path: with("id", "1"), headers: append(operator, jsonBody...),
			body: `{"reason":"paid out in cash"}`},
		{name: "error_manual_settled", method: "POST", pattern: "/admin/manual/{id}/write-off", path: with("id", "1"), headers: append(operator, jsonBody...),
			body: `{"reason":"paid out in cash"}`, rooms: func(f *fakeRooms) {
				f.err = &bounce.CaseSettled{Action: bounce.ActionCredit, Operator: "alice", Decided: clock}
			}},
		{name: "health", method: "GET", pattern: "/healthz"},
		{name: "ready", method: "GET", pattern: "/readyz"},
		{name: "ready_not", method: "GET", pattern: "/readyz", config: func(c *Config) {
			c.Ready = func(context.Context) error { return errors.New("the schema is old") }
		}},
		{name: "error_store_away", method: "GET", pattern: "/accounts/{account}/mappings", path: ch, headers: exchange,
			rooms:  func(f *fakeRooms) { f.err = errors.New("connection refused") },
			config: func(c *Config) { c.Unavailable = func(error) bool { return true } }},
		{name: "error_unexpected", method: "GET", pattern: "/accounts/{account}/mappings", path: ch, headers: exchange,
			rooms: func(f *fakeRooms) { f.err = errors.New("column secret does not exist") }},
		{name: "error_panic", method: "GET", pattern: "/accounts/{account}/registrations/{authorization_pub}",
			path: with("authorization_pub", exampleKey), rooms: func(f *fakeRooms) { f.panics = true }},
		{name: "error_space", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, body: registerBody(), headers: jsonBody,
			rooms: func(f *fakeRooms) {
				f.err = fmt.Errorf("register: %w", &subjects.RetryLater{Err: subjects.ErrSpaceExhausted, After: 90 * time.Second})
			}},
		{name: "error_no_login", method: "GET", pattern: "/accounts/{account}/mappings", path: ch},
		{name: "error_currency", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, headers: jsonBody,
			body: `{"authorization_pub":"` + exampleKey + `","alg":"EdDSA","credit_amount":"EUR:1"}`},
		{name: "error_duplicate", method: "POST", pattern: "/accounts/{account}/registrations", path: ch, headers: jsonBody, body: `{"alg":"EdDSA","alg":"EdDSA"}`},
		{name: "error_camt", method: "POST", pattern: "/accounts/{account}/bank/incoming", path: ch, headers: append(bank, "Content-Type", "application/xml"), body: `<?xml version="1.0"?><Document/>`},
	}
}

// target fills the pattern.
func (g *goldenCase) target() string {
	target := g.pattern
	for name, value := range g.path {
		target = strings.ReplaceAll(target, "{"+name+"}", value)
	}
	if query := g.path["?"]; query != "" {
		target += "?" + query
	}
	return target
}

func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	spec := loadSpec(t)
	for _, g := range append(goldenCases(), talerCases()...) {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			rooms := newRooms(t)
			everything(rooms)
			if g.rooms != nil {
				g.rooms(rooms)
			}
			config := Config{BaseURL: "https://pay.example/", Version: "test"}
			if g.config != nil {
				g.config(&config)
			}
			got := open(t, config, rooms).ask(g.method, g.target(), g.body, g.headers...)
			compareGolden(t, g.name, g.method+" "+g.target(), got)
			validate(t, spec, g.pattern, g.method, got)
		})
	}
}

// Every row of the table of errors as a client sees it.
func TestGoldenErrors(t *testing.T) {
	t.Parallel()
	spec := loadSpec(t)
	seen := map[string]bool{}
	for _, row := range problems {
		name := fmt.Sprintf("problem_%d_%s", row.status, strings.ToLower(row.name()))
		if seen[name] {
			t.Errorf("two rows of the table answer %s; a client could not tell them apart", name)
		}
		seen[name] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rooms := newRooms(t)
			rooms.err = fmt.Errorf("deep inside: %w", row.err)
			path := "/accounts/ch/registrations/" + exampleKey
			got := open(t, Config{}, rooms).ask("GET", path, "")
			compareGolden(t, name, "", got)
			validate(t, spec, "/accounts/{account}/registrations/{authorization_pub}", "GET", got)
			if strings.Contains(got.body, "deep inside") {
				t.Error("the answer shows a text that was not worded for it")
			}
		})
	}
}

var hexID = regexp.MustCompile(`[0-9a-f]{12}-[0-9]+`)

// compareGolden compares an answer with the file of its name.
func compareGolden(t *testing.T, name, request string, got reply) {
	t.Helper()
	var text bytes.Buffer
	if request != "" {
		fmt.Fprintln(&text, request)
	}
	fmt.Fprintln(&text, got.status, http.StatusText(got.status))
	for _, header := range []string{"Content-Type", "Allow", "Retry-After", "Www-Authenticate", "Cache-Control", "Access-Control-Allow-Origin"} {
		for _, value := range got.header.Values(header) {
			fmt.Fprintf(&text, "%s: %s\n", header, value)
		}
	}
	fmt.Fprintln(&text)
	if got.body != "" && json.Indent(&text, []byte(got.body), "", "  ") != nil {
		text.WriteString(got.body)
	}
	content := hexID.ReplaceAll(append(bytes.TrimSpace(text.Bytes()), '\n'), []byte("ID"))
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	if diff := cmp.Diff(string(want), string(content)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
