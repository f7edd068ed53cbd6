package gateway

import (
	"strings"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// preparedRegistration is a registration as a client of Taler sends it.
func preparedRegistration() string {
	return `{"credit_account":"payto://iban/POFICHBEXXX/CH52%2004835012345671000?receiver-name=Example%20Exchange","type":"reserve",` +
		`"recurrent":true,"credit_amount":"CHF:10.5","alg":"EdDSA","account_pub":"` + key(2).String() +
		`","authorization_pub":"` + exampleKey + `","authorization_sig":"` + taler.EddsaSignature{9}.String() + `"}`
}

// talerCases are the goldens of Taler's dialects.
func talerCases() []goldenCase {
	const prepared = "/accounts/{account}/taler-prepared-transfer"
	ch := map[string]string{"account": "ch"}
	jsonBody := []string{"Content-Type", "application/json"}
	register := func(name string, edit ...string) goldenCase {
		return goldenCase{name: name, method: "POST", pattern: prepared + "/registration", path: ch, headers: jsonBody,
			body: strings.NewReplacer(edit...).Replace(preparedRegistration())}
	}
	failing := func(g goldenCase, err error) goldenCase {
		g.rooms = func(f *fakeRooms) { f.err = err }
		return g
	}
	cases := []goldenCase{
		{name: "prepared_config", method: "GET", pattern: prepared + "/config", path: ch},
		register("prepared"),
		register("error_prepared_currency", "CHF:10.5", "EUR:10.5"),
		register("error_prepared_type", `"reserve"`, `"RESERVE"`),
		register("error_prepared_missing", `"recurrent":true,`, ""),
		register("error_prepared_creditor", "POFICHBEXXX/CH52%2004835012345671000", "CH9300762011623852957"),
		failing(register("error_prepared_signature"), subjects.ErrBadSignature),
		failing(register("error_prepared_reserve"), subjects.ErrReserveReused),
	}
	proof := register("error_prepared_proof")
	proof.rooms = func(f *fakeRooms) { f.err = &subjects.ProofError{Err: subjects.ErrProofRequired, Offer: f.offer} }
	end := func(name string, err error, edit ...string) {
		cases = append(cases, goldenCase{name: name, method: "POST", pattern: prepared + "/unregistration", path: ch, headers: jsonBody,
			body: strings.NewReplacer(edit...).Replace(endingBody()), rooms: func(f *fakeRooms) { f.err = err }})
	}
	end("unprepared", nil)
	end("error_unprepared_unknown", subjects.ErrUnknownRegistration)
	end("error_unprepared_old", subjects.ErrOldTimestamp)
	end("error_unprepared_signature", subjects.ErrBadSignature)
	end("error_unprepared_time", nil, "2026-11-22T12:00:00+01:00", "1795348800")
	deleted := cases[len(cases)-5]
	deleted.name, deleted.method, deleted.pattern = "unprepared_delete", "DELETE", prepared+"/registration"
	cases = append(cases, deleted)
	// Nothing of the account can be said in Taler's types.
	closed := register("error_prepared_closed")
	closed.rooms = func(f *fakeRooms) { f.accounts[0].Method, f.accounts[0].LegacySubjects = wordless{}, false }
	// A client that names the QR-IBAN gets what can be paid to it.
	qr := register("prepared_qr", "CH52%2004835012345671000", "CH4431999123000889012")
	qr.config = func(c *Config) {
		c.OwnIBANs = map[string][]string{"ch": {"CH5204835012345671000", "CH4431999123000889012"}}
	}
	cases = append(cases, proof, closed, qr)
	for _, call := range []string{"incoming", "kycauth", "mapped"} {
		cases = append(cases, invented("invented_"+call, "add-"+call, nil))
	}
	held := invented("invented_held", "add-mapped", func(f *fakeRooms) {
		f.receive = func([]bounce.Transfer) ([]bounce.Result, error) { return []bounce.Result{{State: bounce.Held}}, nil }
	})
	used := invented("error_invented_used", "add-incoming", func(f *fakeRooms) { f.used = map[taler.EddsaPublicKey]bool{key(2): true} })
	once := invented("error_invented_once", "add-mapped", func(f *fakeRooms) {
		f.status.Recurrent, f.status.Mapping = false, subjects.MappingUsed
	})
	nobody := invented("error_invented_unknown", "add-mapped", func(f *fakeRooms) { f.err = subjects.ErrUnknownRegistration })
	off := invented("error_invented_off", "add-incoming", nil)
	off.config = nil
	cases = append(cases, held, used, once, nobody, off)
	check := func(name, account string) goldenCase {
		return goldenCase{name: name, method: "GET", pattern: "/accounts/{account}/taler-wire-gateway/account/check", headers: []string{"Authorization", asExchange},
			path: map[string]string{"account": "ch", "?": "account=" + account}}
	}
	cases = append(cases, check("account_check", "payto://iban/DE89370400440532013000?receiver-name=Ada"),
		check("error_account_check", "payto://x-taler-bank/bank.example/ada"), check("error_account_payto", "payto://iban/DE0"))
	const revenue = "/accounts/{account}/taler-revenue"
	exchange := []string{"Authorization", asExchange}
	return append(cases,
		goldenCase{name: "revenue_config", method: "GET", pattern: revenue + "/config", path: ch, headers: exchange},
		goldenCase{name: "revenue", method: "GET", pattern: revenue + "/history", path: ch, headers: exchange, rooms: func(f *fakeRooms) {
			f.receipts = []bounce.Receipt{
				{RowID: 1, Date: clock, Amount: f.credits[0].Amount, Debtor: f.credits[0].Debtor, Subject: "RF18539007547034"},
				{RowID: 2, Date: clock, Amount: f.credits[0].Amount},
			}
		}},
		goldenCase{name: "revenue_none", method: "GET", pattern: revenue + "/history", path: ch, headers: exchange})
}

// endingBody ends a registration.
func endingBody() string {
	return `{"timestamp":"2026-11-22T12:00:00+01:00","authorization_pub":"` + exampleKey + `","authorization_sig":"` + taler.EddsaSignature{9}.String() + `"}`
}

// inventionBody is what the test endpoints are sent.
func inventionBody(path string) string {
	name := map[string]string{"incoming": "reserve_pub", "kycauth": "account_pub", "mapped": "authorization_pub"}[path[strings.LastIndex(path, "-")+1:]]
	return `{"amount":"CHF:10.5","` + name + `":"` + key(2).String() + `","debit_account":"payto://iban/SANDBOXX/CH9300762011623852957?receiver-name=Ada+L"}`
}

// invented calls a test endpoint where it is open.
func invented(name, call string, rooms func(*fakeRooms)) goldenCase {
	return goldenCase{
		name: name, method: "POST", pattern: "/accounts/{account}/taler-wire-gateway/admin/" + call, path: map[string]string{"account": "ch"},
		headers: []string{"Authorization", asExchange, "Content-Type", "application/json"}, body: inventionBody(call),
		rooms: func(f *fakeRooms) {
			f.receive = nil
			if rooms != nil {
				rooms(f)
			}
		},
		config: func(c *Config) { c.TestEndpoints, c.Now = true, func() time.Time { return clock } },
	}
}

// wordless is a method none of whose forms Taler knows.
type wordless struct{ fakeMethod }

func (wordless) Present(wire.Reference, wire.Instruction) []wire.Subject {
	return []wire.Subject{{Type: "NATIONAL", CreditAccount: chPayto, Scheme: "BE", Reference: "+++090/9337/55493+++"}}
}
