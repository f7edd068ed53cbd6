package talertest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/subjects/taler"
)

func configs(t *testing.T) {
	g := open(t, "ch")
	for name, base := range map[string]string{"taler-wire-gateway": g.wireGateway, "taler-revenue": g.revenue, "taler-prepared-transfer": g.prepared} {
		if base == "" {
			continue
		}
		r := ask(t, "GET", base+"config", g.authorization, nil)
		version, _ := r.body["version"].(string)
		if r.status != 200 || r.body["name"] != name || strings.Count(version, ":") != 2 || r.body["currency"] != g.currency {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	if g.prepared == "" {
		return
	}
	formats, _ := ask(t, "GET", g.prepared+"config", "", nil).body["supported_formats"].([]any)
	if len(formats) == 0 {
		t.Error("no format is supported")
	}
	for _, format := range formats {
		if format != "SIMPLE" && format != "URI" && format != "CH_QR_BILL" {
			t.Errorf("format %v", format)
		}
	}
}

// logins: every call asks for one, before it looks at anything else.
func logins(t *testing.T) {
	g := open(t, "ch")
	if g.authorization == "" {
		t.Skip("the adapter asks no login")
	}
	calls := map[string][]string{
		"GET": {
			g.wireGateway + "config", g.wireGateway + "history/incoming", g.wireGateway + "history/outgoing",
			g.wireGateway + "transfers", fmt.Sprintf("%stransfers/%d", g.wireGateway, g.ordered(t)),
			g.wireGateway + "account/check?account=" + url.QueryEscape(g.debitAccount),
		},
		"POST": {
			g.wireGateway + "transfer",
			g.wireGateway + "admin/add-incoming", g.wireGateway + "admin/add-kycauth", g.wireGateway + "admin/add-mapped",
		},
	}
	if g.revenue != "" {
		calls["GET"] = append(calls["GET"], g.revenue+"config", g.revenue+"history")
	}
	for method, urls := range calls {
		for _, url := range urls {
			g.login(t, method, url)
		}
	}
}

// login: a body that no call takes shows that the login is asked for first.
func (g *target) login(t *testing.T, method, url string) {
	t.Helper()
	var body any
	opened := 2
	if method == "POST" {
		body, opened = members{}, 4
	}
	want(t, url, ask(t, method, url, "", body), 401, taler.GenericParameterMissing)
	want(t, url, ask(t, method, url, "WTF", body), 400, taler.GenericHTTPHeadersMalformed)
	for _, wrong := range []string{"Bearer wrong", "Digest wrong", "Basic d3Jvbmc6d3Jvbmc="} {
		want(t, url+" with "+wrong, ask(t, method, url, wrong, body), 401, taler.GenericUnauthorized)
	}
	if r := ask(t, method, url, g.authorization, body); r.status/100 != opened || r.status == 401 || r.status == 403 {
		t.Errorf("%s with login: %d %s", url, r.status, r.raw)
	}
}

func inventions(t *testing.T) {
	g := open(t, "ch")
	for kind, member := range map[string]string{"incoming": "reserve_pub", "kycauth": "account_pub"} {
		good := g.invention(member, newKey())
		first := g.add(t, kind, good)
		want(t, kind, first, 200)
		if row, _ := first.body["row_id"].(float64); row < 1 || first.body["timestamp"] == nil {
			t.Errorf("%s answers %s", kind, first.raw)
		}
		if kind == "incoming" {
			want(t, "the same reserve key", g.add(t, kind, good), 409, taler.BankDuplicateReservePubSubject)
		}
		fresh := g.invention(member, newKey())
		want(t, "currency", g.add(t, kind, fresh.with("amount", "LOCAL:1")), 400, taler.GenericCurrencyMismatch)
		text := newKey().pub.String()
		for what, bad := range map[string]members{
			"no base32": fresh.with(member, "I love chocolate"), "short key": fresh.with(member, text[:50]), "long key": fresh.with(member, text+"00"),
			"other payto": fresh.with("debit_account", "payto://x-taler-bank/bank.example/ada?receiver-name=Ada"), "no payto": fresh.with("debit_account", "ada"),
			"no amount": fresh.with("amount", nil), "no key": fresh.with(member, nil), "amount": fresh.with("amount", "CHF:1.123456789"),
		} {
			want(t, kind+", "+what, g.add(t, kind, bad), 400)
		}
	}
}

func repeatedKYC(t *testing.T) {
	g := open(t, "ch")
	k := newKey()
	for range 2 {
		want(t, "kycauth", g.add(t, "kycauth", g.invention("account_pub", k)), 200)
	}
	if n := g.reported(t, "account_pub", k); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
	for _, row := range g.incoming(t) {
		if row["account_pub"] == k.pub.String() && (row["type"] != "KYCAUTH" || row["debit_account"] != g.debitAccount || row["reserve_pub"] != nil) {
			t.Errorf("row %v", row)
		}
	}
}

func accountCheck(t *testing.T) {
	g := open(t, "ch")
	check := func(account string) reply {
		return ask(t, "GET", g.wireGateway+"account/check?account="+url.QueryEscape(account), g.authorization, nil)
	}
	if ask(t, "GET", g.wireGateway+"config", g.authorization, nil).body["support_account_check"] != true {
		want(t, "unsupported", check(g.debitAccount), 501)
		return
	}
	want(t, "payable", check(g.debitAccount), 200)
	want(t, "malformed", check("payto://iban/DE0"), 400)
	want(t, "missing", ask(t, "GET", g.wireGateway+"account/check", g.authorization, nil), 400, taler.GenericParameterMissing)
	want(t, "of another kind", check("payto://x-taler-bank/bank.example/ada?receiver-name=Ada"), 404, taler.BankUnknownAccount)
}
