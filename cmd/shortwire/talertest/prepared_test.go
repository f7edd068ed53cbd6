package talertest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/shortwire/shortwire/subjects/taler"
)

// prepares returns an account whose adapter registers keys.
func prepares(t *testing.T, account string) *target {
	t.Helper()
	g := open(t, account)
	if g.prepared == "" {
		t.Skip("no prepared transfer API")
	}
	return g
}

func registrations(t *testing.T) {
	g := prepares(t, "ch")
	for _, kind := range []string{"reserve", "kyc"} {
		request := g.registration(newKey(), newKey(), kind, false)
		first := g.register(t, request)
		want(t, kind, first, 200)
		if len(first.list("subjects")) == 0 || first.body["expiration"] == nil {
			t.Errorf("%s: %s", kind, first.raw)
		}
		for _, s := range first.list("subjects") {
			fields := map[any]string{"SIMPLE": "subject", "URI": "uri", "CH_QR_BILL": "qr_reference_number"}
			if field, known := fields[s["type"]]; !known || s[field] == "" || s[field] == nil {
				t.Errorf("%s: subject %v", kind, s)
			}
			if s["type"] != "URI" && s["credit_amount"] != g.currency+":1.5" {
				t.Errorf("%s: amount of %v", kind, s)
			}
		}
		again := g.register(t, request)
		if before, after := subjectsOf(t, first), subjectsOf(t, again); before != after {
			t.Errorf("%s: registering again gives\n%s, before\n%s", kind, after, before)
		}
	}
}

func subjectsOf(t *testing.T, r reply) string {
	t.Helper()
	text, err := json.Marshal(r.body["subjects"])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func registrationsRefused(t *testing.T) {
	g := prepares(t, "ch")
	k, account, other := newKey(), newKey(), newKey()
	good := g.registration(k, account, "reserve", true)
	signature := good["authorization_sig"].(string)
	broken := "0" + signature[1:]
	if broken == signature {
		broken = "1" + signature[1:]
	}
	for what, bad := range map[string]members{
		"broken":          good.with("authorization_sig", broken),
		"by another key":  good.with("authorization_sig", other.sign(account.pub[:])),
		"of another key":  good.with("authorization_sig", k.sign(other.pub[:])),
		"of another text": good.with("authorization_sig", k.sign([]byte(account.pub.String()))),
		"with another":    good.with("authorization_pub", other.pub.String()),
	} {
		want(t, "signature "+what, g.register(t, bad), 409, taler.BankBadSignature)
	}
	for name := range good {
		want(t, "without "+name, g.register(t, good.with(name, nil)), 400)
	}
	for what, bad := range map[string]members{
		"type": good.with("type", "wad"), "alg": good.with("alg", "ECDSA"), "account_pub": good.with("account_pub", account.pub.String()[1:]),
		"authorization_pub": good.with("authorization_pub", "I love chocolate"), "authorization_sig": good.with("authorization_sig", signature+"0"),
		"credit_account": good.with("credit_account", "CH52"), "credit_amount": good.with("credit_amount", g.currency), "recurrent": good.with("recurrent", "yes"),
	} {
		want(t, "wrong "+what, g.register(t, bad), 400)
	}
	want(t, "currency", g.register(t, good.with("credit_amount", "LOCAL:1")), 400, taler.GenericCurrencyMismatch)
	want(t, "creditor", g.register(t, good.with("credit_account", "payto://iban/CH9300762011623852957?receiver-name=Ada")), 409, taler.BankUnknownCreditor)

	want(t, "good", g.register(t, good), 200)
	want(t, "reserve key of another", g.register(t, g.registration(other, account, "reserve", true)), 409, taler.BankDuplicateReservePubSubject)
	used := newKey()
	want(t, "add-incoming", g.add(t, "incoming", g.invention("reserve_pub", used)), 200)
	want(t, "used reserve key", g.register(t, g.registration(other, used, "reserve", false)), 409, taler.BankDuplicateReservePubSubject)
}

// A recurrent registration holds what comes before the next account key, and
// wakes the exchange when that comes.
func recurrent(t *testing.T) {
	g := prepares(t, "held")
	k, first, second := newKey(), newKey(), newKey()
	want(t, "first", g.register(t, g.registration(k, first, "reserve", true)), 200)
	for range 2 {
		want(t, "add-mapped", g.add(t, "mapped", g.invention("authorization_pub", k)), 200)
	}
	if n := g.reported(t, "authorization_pub", k); n != 1 {
		t.Errorf("%d rows before the second registration", n)
	}
	s := &stream{url: g.wireGateway + "history/incoming", authorization: g.authorization, member: "incoming_transactions"}
	last := lastID(t, s)
	done := later(t, func(t *testing.T) { want(t, "second", g.register(t, g.registration(k, second, "reserve", true)), 200) })
	r, rows := s.get(t, "limit=5&offset=%d&timeout_ms=30000", last)
	done()
	if len(rows) != 1 || rows[0]["reserve_pub"] != second.pub.String() || rows[0]["authorization_pub"] != k.pub.String() {
		t.Errorf("the poll answers %d %s", r.status, r.raw)
	}
	if r.took < 100*time.Millisecond || r.took > 100*time.Millisecond+slack {
		t.Errorf("the poll took %s", r.took)
	}
	if g.reported(t, "reserve_pub", first) != 1 || g.reported(t, "authorization_pub", k) != 2 {
		t.Errorf("the history reads %v", g.incoming(t))
	}
}

func oneShot(t *testing.T) {
	g := prepares(t, "ch")
	k, replaced, account := newKey(), newKey(), newKey()
	want(t, "unknown key", g.add(t, "mapped", g.invention("authorization_pub", k)), 409, taler.BankTransferMappingUnknown)
	want(t, "first", g.register(t, g.registration(k, replaced, "reserve", false)), 200)
	want(t, "second", g.register(t, g.registration(k, account, "reserve", false)), 200)
	want(t, "add-mapped", g.add(t, "mapped", g.invention("authorization_pub", k)), 200)
	want(t, "add-mapped again", g.add(t, "mapped", g.invention("authorization_pub", k)), 409, taler.BankTransferMappingReused)
	if g.reported(t, "reserve_pub", account) != 1 || g.reported(t, "reserve_pub", replaced) != 0 {
		t.Error("the later account key does not count")
	}
	kyc := newKey()
	want(t, "kyc", g.register(t, g.registration(k, kyc, "kyc", false)), 200)
	want(t, "add-mapped", g.add(t, "mapped", g.invention("authorization_pub", k)), 200)
	if g.reported(t, "account_pub", kyc) != 1 {
		t.Error("no KYCAUTH row")
	}
}

func unregistrations(t *testing.T) {
	g := prepares(t, "ch")
	k := newKey()
	end := func(stamp, signature string) reply {
		return ask(t, "POST", g.prepared+"unregistration", "", members{"timestamp": stamp, "authorization_pub": k.pub.String(), "authorization_sig": signature})
	}
	now := time.Now().UTC().Format(time.RFC3339)
	want(t, "unknown", end(now, k.sign([]byte(now))), 404)
	want(t, "registration", g.register(t, g.registration(k, newKey(), "reserve", true)), 200)
	now = time.Now().Add(time.Second).UTC().Format(time.RFC3339)
	old := time.Now().Add(-48 * time.Hour).UTC().Format(time.RFC3339)
	want(t, "bad signature", end(now, newKey().sign([]byte(now))), 409, taler.BankBadSignature)
	want(t, "signature of another time", end(now, k.sign([]byte(old))), 409, taler.BankBadSignature)
	want(t, "old", end(old, k.sign([]byte(old))), 409, taler.BankOldTimestamp)
	want(t, "no time", end("yesterday", k.sign([]byte("yesterday"))), 400)
	want(t, "good", end(now, k.sign([]byte(now))), 204)
	want(t, "again", end(now, k.sign([]byte(now))), 404)
	want(t, "add-mapped", g.add(t, "mapped", g.invention("authorization_pub", k)), 409, taler.BankTransferMappingUnknown)
}

// A subject that arrives through the bank is reported with the mapped key.
func mappedByTransfer(t *testing.T) {
	g := prepares(t, "ch")
	g.needsBank(t)
	for i := range g.register(t, g.registration(newKey(), newKey(), "reserve", true)).list("subjects") {
		k, account := newKey(), newKey()
		s := g.register(t, g.registration(k, account, "reserve", true)).list("subjects")[i]
		remittance := members{"unstructured": []any{s["subject"]}}
		switch s["type"] {
		case "URI":
			continue // the same text in another form
		case "CH_QR_BILL":
			remittance = members{"structured": []any{s["qr_reference_number"]}}
		}
		if outcome := g.report(t, remittance); outcome != "credited" || g.reported(t, "reserve_pub", account) != 1 {
			t.Errorf("%v: %s", s, outcome)
		}
	}
}

func subjectsThatBounce(t *testing.T) {
	g := prepares(t, "ch")
	g.needsBank(t)
	reference, _ := g.register(t, g.registration(newKey(), newKey(), "reserve", false)).list("subjects")[0]["qr_reference_number"].(string)
	wrong := reference[:26] + string('0'+(reference[26]-'0'+1)%10)
	legacy := newKey().pub.String()
	for text, outcome := range map[string]string{
		"": "bounced", "does not contain any reserve": "bounced", wrong: "bounced", legacy[:51]: "bounced",
		legacy: "credited", "KYC:" + newKey().pub.String(): "credited", "noise " + newKey().pub.String() + " noise": "credited",
	} {
		if got := g.report(t, members{"unstructured": []string{text}}); got != outcome {
			t.Errorf("%q: %s, want %s", text, got, outcome)
		}
	}
}

// Where subjects cost something, a client that knows nothing of proofs gets what
// is free, and is told the price of the rest.
func noProof(t *testing.T) {
	g := prepares(t, "priced")
	g.needsBank(t)
	account := newKey()
	once := g.register(t, g.registration(newKey(), account, "reserve", false))
	want(t, "one-shot", once, 200)
	for _, s := range once.list("subjects") {
		if s["type"] == "SIMPLE" && s["subject"] != account.pub.String() {
			t.Errorf("subject %v", s)
		}
	}
	r := g.register(t, g.registration(newKey(), newKey(), "reserve", true))
	want(t, "recurrent", r, 428)
	if r.body["proof_of_work"] == nil {
		t.Errorf("no price: %s", r.raw)
	}
}
