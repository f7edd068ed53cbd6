package talertest

import (
	"crypto/ed25519"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/subjects/taler"
)

// wallets play the conversations of an account that nobody else uses, so that
// its histories are the same in every run: a wallet registers, money arrives,
// the exchange reads of it and pays, a merchant reconciles, the wallet ends.
func wallets(t *testing.T) {
	g := open(t, "talk")
	g.needsBank(t)
	g.talkOfRegistrations(t)
	g.talkOfCredits(t)
	g.talkOfWads(t)
	g.talkOfTransfers(t)
	g.talkOfEndings(t)
}

// numberedKey is the pair of a number: files that hold its signatures stay the same.
func numberedKey(n byte) key {
	priv := ed25519.NewKeyFromSeed(append(make([]byte, ed25519.SeedSize-1), n))
	return key{taler.EddsaPublicKey(priv.Public().(ed25519.PublicKey)), priv}
}

// The keys of the wallets: two that register, and what they register for.
var (
	onceKey, againKey       = numberedKey(1), numberedKey(2)
	reserveKey, accountKey  = numberedKey(3), numberedKey(4)
	plainReserve, plainUser = numberedKey(5), numberedKey(6)
)

// wish is a registration in the order of Taler's page, as JSON.stringify writes it.
func (g *target) wish(kind string, recurrent bool, authorization, account key) string {
	return fmt.Sprintf(`{"credit_account":"%s","type":"%s","recurrent":%t,"credit_amount":"%s:12.5","alg":"EdDSA","account_pub":"%s","authorization_pub":"%s","authorization_sig":"%s"}`,
		g.creditAccount, kind, recurrent, g.currency, account.pub, authorization.pub, authorization.sign(account.pub[:]))
}

func (g *target) talkOfRegistrations(t *testing.T) {
	register := func(body string) string { return send(t, "POST", g.prepared, "registration", body) }
	once, again := g.wish("reserve", false, onceKey, reserveKey), g.wish("kyc", true, againKey, accountKey)
	withBIC := strings.Replace(once, "payto://iban/", "payto://iban/SANDBOXX/", 1)
	for _, c := range []talk{
		{name: "prepared_config", requests: []string{send(t, "GET", g.prepared, "config", "")}},
		{name: "registration", requests: []string{register(once), register(once), register(withBIC)}},
		{name: "registration_recurrent", requests: []string{register(again)}},
		{name: "registration_refused", requests: []string{
			register(strings.Replace(once, onceKey.pub.String(), againKey.pub.String(), 1)),
			register(strings.Replace(once, g.creditAccount, g.debitAccount, 1)),
			register(strings.Replace(once, g.currency+":", "LOCAL:", 1)),
			register(g.wish("reserve", false, againKey, reserveKey)),
		}},
	} {
		c.compare(t)
	}
}

// talkOfCredits: the import daemon reads everything, then what is left of its
// 1024 rows after the last one.
func (g *target) talkOfCredits(t *testing.T) {
	add := func(kind, member string, k key) string {
		return post(t, g.wireGateway, "admin/add-"+kind, fmt.Sprintf(`{"amount":"%s:5.01","%s":"%s","debit_account":"%s"}`, g.currency, member, k.pub, g.debitAccount))
	}
	read := func(path string) string { return get(t, g.wireGateway, path) }
	for _, c := range []talk{
		{name: "history_incoming_none", requests: []string{read("history/incoming?delta=1024"), read("history/incoming?delta=-20")}},
		{name: "add_incoming", requests: []string{add("incoming", "reserve_pub", plainReserve), add("incoming", "reserve_pub", plainReserve)}},
		{name: "add_plain_kycauth", requests: []string{add("kycauth", "account_pub", plainUser)}},
		{name: "add_mapped", requests: []string{
			add("mapped", "authorization_pub", onceKey), add("mapped", "authorization_pub", onceKey),
			add("mapped", "authorization_pub", againKey), add("mapped", "authorization_pub", plainUser),
		}},
		{name: "history_incoming", requests: []string{
			read("history/incoming?delta=1024"), read("history/incoming?delta=1020&start=4"),
			read("history/incoming?limit=-2&offset=4"), read("history/incoming?limit=1&offset=1&timeout_ms=5000"),
		}},
		{name: "revenue_config", requests: []string{get(t, g.revenue, "config")}},
		{name: "revenue_history", requests: []string{
			get(t, g.revenue, "history?limit=1024"), get(t, g.revenue, "history?limit=1020&offset=4"), get(t, g.revenue, "history?delta=-1"),
		}},
	} {
		c.compare(t)
	}
}

// talkOfWads: Taler has no call that makes a key stand for a wad, the native one
// has. The exchange reads the third type that it knows.
func (g *target) talkOfWads(t *testing.T) {
	stamp := strconv.FormatInt(time.Now().Add(time.Second).Unix(), 10)
	wad, account := taler.WadID{0: 5}, strings.TrimSuffix(g.bank, "bank/")
	payto, _, _ := strings.Cut(g.creditAccount, "?")
	signature := againKey.sign([]byte(strings.Join([]string{"shortwire-mapping-1", payto, "wad", wad.String() + " https://origin.test/", stamp}, "\n")))
	mapping := fmt.Sprintf(`{"authorization_pub":"%s","authorization_sig":"%s","type":"wad","wad_id":"%s","origin_exchange_url":"https://origin.test/","timestamp":{"t_s":%s}}`,
		againKey.pub, signature, wad, stamp)
	c := talk{name: "history_wad", requests: []string{
		send(t, "POST", account, "mappings", mapping),
		post(t, g.wireGateway, "admin/add-mapped", fmt.Sprintf(`{"amount":"%s:5.01","authorization_pub":"%s","debit_account":"%s"}`, g.currency, againKey.pub, g.debitAccount)),
		get(t, g.wireGateway, "history/incoming?delta=1020&start=4"),
	}, hidden: []string{`{"t_s":` + stamp + `}`, `{"t_s":TIME}`, signature, "SIGNATURE"}}
	c.compare(t)
}

// talkOfTransfers: the exchange orders, asks again, and finds out what became of it.
func (g *target) talkOfTransfers(t *testing.T) {
	order := func(wtid taler.ShortHashCode) string {
		return post(t, g.wireGateway, "transfer", fmt.Sprintf(
			`{"request_uid":"%s","amount":"%s:25.5","exchange_base_url":"https://exchange.test/","metadata":"shop-7","wtid":"%s","credit_account":"%s"}`,
			taler.HashCode{0: 7}, g.currency, wtid, g.debitAccount))
	}
	read := func(path string) string { return get(t, g.wireGateway, path) }
	check := func(account string) string { return read("account/check?account=" + url.QueryEscape(account)) }
	for _, c := range []talk{
		{name: "account_check", requests: []string{
			check(g.debitAccount), check("payto://x-taler-bank/bank.test/ada?receiver-name=Ada"), check("payto://iban/DE0"), read("account/check"),
		}},
		{name: "transfers_none", requests: []string{read("transfers?limit=-20"), read("transfers/4000000000000")}},
		{name: "transfer", requests: []string{order(taler.ShortHashCode{0: 8}), order(taler.ShortHashCode{0: 8}), order(taler.ShortHashCode{0: 9})}},
	} {
		c.compare(t)
	}
	row := g.list(t, "limit=-1")[0]
	detail := fmt.Sprintf("transfers/%d", row)
	hidden := []string{"/" + detail + " ", "/transfers/ROW "}
	told := talk{name: "transfers", requests: []string{read("transfers?limit=-20"), read("transfers?status=success"), read(detail)}, hidden: hidden}
	told.compare(t)
	none := talk{name: "history_outgoing_none", requests: []string{read("history/outgoing?delta=1024")}}
	none.compare(t)
	g.confirm(t, row, "success")
	paid := talk{name: "history_outgoing", requests: []string{
		read("history/outgoing?delta=1024"), read("history/outgoing?delta=1023&start=1"), read("transfers?status=success&limit=5"), read(detail),
	}, hidden: hidden}
	paid.compare(t)
}

// talkOfEndings: what a wallet signs here is a time, so it is never the same.
func (g *target) talkOfEndings(t *testing.T) {
	stamp := time.Now().UTC().Add(time.Minute).Format(time.RFC3339)
	signature, wrong := againKey.sign([]byte(stamp)), onceKey.sign([]byte(stamp))
	end := func(method, path, signature string) string {
		return send(t, method, g.prepared, path, fmt.Sprintf(`{"timestamp":%s,"authorization_pub":"%s","authorization_sig":"%s"}`, strconv.Quote(stamp), againKey.pub, signature))
	}
	c := talk{name: "unregistration", requests: []string{
		end("POST", "unregistration", wrong), end("POST", "unregistration", signature), end("POST", "unregistration", signature), end("DELETE", "registration", signature),
	}, hidden: []string{stamp, "STAMP", signature, "SIGNATURE", wrong, "WRONG"}}
	c.compare(t)
}
