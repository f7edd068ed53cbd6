package talertest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/subjects/taler"
)

// reply is an answer with its JSON, if it has any.
type reply struct {
	status int
	body   map[string]any
	raw    string
	took   time.Duration
}

func (r reply) code() int {
	code, _ := r.body["code"].(float64)
	return int(code)
}

// list returns a member that is an array of objects.
func (r reply) list(name string) []map[string]any {
	var rows []map[string]any
	items, _ := r.body[name].([]any)
	for _, item := range items {
		row, _ := item.(map[string]any)
		rows = append(rows, row)
	}
	return rows
}

// ask sends one request; body is nil or becomes JSON. It may run in any
// goroutine.
func ask(t *testing.T, method, url, authorization string, body any, headers ...string) reply {
	t.Helper()
	var text io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		text = strings.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			t.Error(err)
			return reply{}
		}
		text = bytes.NewReader(encoded)
	}
	request, err := http.NewRequest(method, url, text)
	if err != nil {
		t.Error(err)
		return reply{}
	}
	if text != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	start := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return reply{}
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	r := reply{status: response.StatusCode, raw: string(raw), took: time.Since(start)}
	if len(raw) > 0 && json.Unmarshal(raw, &r.body) != nil {
		t.Errorf("%s %s: the body is no JSON object: %s", method, url, raw)
	}
	return r
}

func currencyOf(t *testing.T, base, authorization string) string {
	t.Helper()
	currency, _ := ask(t, "GET", base+"config", authorization, nil).body["currency"].(string)
	return currency
}

// want fails unless the answer has this status and, if one is given, Taler code.
func want(t *testing.T, what string, r reply, status int, code ...taler.ErrorCode) {
	t.Helper()
	if r.status != status || len(code) > 0 && r.code() != int(code[0]) {
		t.Errorf("%s: %d %s, want %d %v", what, r.status, r.raw, status, code)
	}
}

// key is a fresh pair.
type key struct {
	pub  taler.EddsaPublicKey
	priv ed25519.PrivateKey
}

func newKey() key {
	pub, priv, _ := ed25519.GenerateKey(rand.Reader)
	return key{taler.EddsaPublicKey(pub), priv}
}

func (k key) sign(text []byte) string {
	return taler.EddsaSignature(ed25519.Sign(k.priv, text)).String()
}

// members is a JSON object to be changed by a test.
type members map[string]any

func (m members) with(name string, value any) members {
	changed := members{}
	for k, v := range m {
		changed[k] = v
	}
	if changed[name] = value; value == nil {
		delete(changed, name)
	}
	return changed
}

// add invents a transfer: kind is incoming, kycauth or mapped.
func (g *target) add(t *testing.T, kind string, body members) reply {
	t.Helper()
	return ask(t, "POST", g.wireGateway+"admin/add-"+kind, g.authorization, body)
}

func (g *target) invention(member string, k key) members {
	return members{"amount": g.currency + ":1.5", member: k.pub.String(), "debit_account": g.debitAccount}
}

// registration is a complete request of a registration.
func (g *target) registration(authorization, account key, kind string, recurrent bool) members {
	return members{
		"credit_account": g.creditAccount, "type": kind, "recurrent": recurrent, "credit_amount": g.currency + ":1.5", "alg": "EdDSA",
		"account_pub": account.pub.String(), "authorization_pub": authorization.pub.String(),
		"authorization_sig": authorization.sign(account.pub[:]),
	}
}

func (g *target) register(t *testing.T, m members) reply {
	t.Helper()
	return ask(t, "POST", g.prepared+"registration", "", m)
}

// report tells the binary of a transfer that the bank has received, and returns
// what became of it.
func (g *target) report(t *testing.T, remittance members) string {
	t.Helper()
	outcome, _ := g.reportAs(t, rand.Text(), remittance)["outcome"].(string)
	return outcome
}

// reportAs reports under a reference of the bank, and returns the whole result.
func (g *target) reportAs(t *testing.T, bankRef string, remittance members) map[string]any {
	t.Helper()
	r := ask(t, "POST", g.bank+"incoming", "Bearer "+bankToken, members{"transfers": []members{{
		"bank_ref": bankRef, "amount": g.currency + ":1.5", "debtor": g.debitAccount, "remittance": remittance,
	}}})
	results := r.list("results")
	if len(results) != 1 {
		t.Errorf("reporting: %d %s", r.status, r.raw)
		return nil
	}
	return results[0]
}

// needsBank skips what only the binary can do.
func (g *target) needsBank(t *testing.T) {
	if g.bank == "" {
		t.Skip("needs reports of a bank")
	}
}

// incoming returns the newest rows of the incoming history.
func (g *target) incoming(t *testing.T) []map[string]any {
	t.Helper()
	return ask(t, "GET", g.wireGateway+"history/incoming?limit=-1024", g.authorization, nil).list("incoming_transactions")
}

// reported tells whether the history has a row with this member.
func (g *target) reported(t *testing.T, member string, k key) (count int) {
	t.Helper()
	for _, row := range g.incoming(t) {
		if row[member] == k.pub.String() {
			count++
		}
	}
	return count
}
