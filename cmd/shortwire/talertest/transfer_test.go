package talertest

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/shortwire/shortwire/subjects/taler"
)

func newUID() (uid taler.HashCode) {
	_, _ = rand.Read(uid[:])
	return uid
}

func newWtid() (wtid taler.ShortHashCode) {
	_, _ = rand.Read(wtid[:])
	return wtid
}

// order is a complete request of a transfer, to somebody who could pay as well.
func (g *target) order() members {
	return members{
		"request_uid": newUID().String(), "amount": g.currency + ":1.5", "exchange_base_url": "https://exchange.example/",
		"wtid": newWtid().String(), "credit_account": g.debitAccount,
	}
}

func (g *target) transfer(t *testing.T, order members) reply {
	t.Helper()
	return ask(t, "POST", g.wireGateway+"transfer", g.authorization, order)
}

// ordered makes a new transfer and returns its row.
func (g *target) ordered(t *testing.T) int {
	t.Helper()
	r := g.transfer(t, g.order())
	want(t, "transfer", r, 200)
	return id(r.body)
}

// confirm tells the binary what its bank did with a transfer.
func (g *target) confirm(t *testing.T, row int, status string) {
	t.Helper()
	r := ask(t, "POST", g.bank+"outgoing/"+strconv.Itoa(row), "Bearer "+bankToken, members{"status": status, "detail": "as the bank said"})
	if r.status/100 != 2 {
		t.Errorf("confirming %s: %d %s", status, r.status, r.raw)
	}
}

// speaks tells whether the adapter's Wire Gateway API is this version or later.
func (g *target) speaks(t *testing.T, version int) bool {
	t.Helper()
	text, _ := ask(t, "GET", g.wireGateway+"config", g.authorization, nil).body["version"].(string)
	current, _, _ := strings.Cut(text, ":")
	n, err := strconv.Atoi(current)
	return err == nil && n >= version
}

// transfer: the same request is the same transfer, before the bank has carried it
// out and after; one that differs anywhere is refused.
func transfer(t *testing.T) {
	g := open(t, "ch")
	order := g.order()
	if g.speaks(t, 5) {
		order["metadata"] = "batch-7:1.a"
	}
	first := g.transfer(t, order)
	want(t, "transfer", first, 200)
	if id(first.body) < 1 || first.body["timestamp"] == nil {
		t.Errorf("transfer answers %s", first.raw)
	}
	again := func(what string) {
		t.Helper()
		if r := g.transfer(t, order); r.status != 200 || r.raw != first.raw {
			t.Errorf("%s: %d %s, want %s", what, r.status, r.raw, first.raw)
		}
	}
	again("the same again")
	g.conflicts(t, order)
	want(t, "the same wtid", g.transfer(t, order.with("request_uid", newUID().String())), 409, taler.BankTransferWtidReused)
	again("the same after conflicts")
	g.detail(t, id(first.body), order)
	if g.bank != "" {
		g.confirm(t, id(first.body), "success")
		again("the same after it was paid")
	}
}

func (g *target) conflicts(t *testing.T, order members) {
	for member, value := range map[string]any{
		"amount": g.currency + ":1.6", "exchange_base_url": "https://other.example/", "wtid": newWtid().String(),
		"credit_account": strings.Replace(g.debitAccount, "receiver-name=", "receiver-name=X", 1), "metadata": "other",
	} {
		if member == "credit_account" && g.bank == "" || member == "metadata" && order["metadata"] == nil {
			continue // others may compare accounts without names, or know no metadata
		}
		want(t, "the same request_uid, other "+member, g.transfer(t, order.with(member, value)), 409, taler.BankTransferRequestUIDReused)
	}
}

// detail compares what transfers/{row_id} tells with what was asked for.
func (g *target) detail(t *testing.T, row int, order members) {
	t.Helper()
	r := ask(t, "GET", fmt.Sprintf("%stransfers/%d", g.wireGateway, row), g.authorization, nil)
	want(t, "transfers/{row_id}", r, 200)
	for _, member := range []string{"amount", "exchange_base_url", "wtid", "credit_account", "metadata"} {
		if r.body[member] != order[member] {
			t.Errorf("%s is %v, want %v", member, r.body[member], order[member])
		}
	}
	if !isStatus(r.body["status"]) || r.body["timestamp"] == nil {
		t.Errorf("transfers/{row_id} answers %s", r.raw)
	}
}

func isStatus(status any) bool {
	return status == "pending" || status == "transient_failure" || status == "permanent_failure" || status == "success"
}

func transferRefused(t *testing.T) {
	g := open(t, "ch")
	order := g.order()
	want(t, "currency", g.transfer(t, order.with("amount", "LOCAL:1.5")), 400, taler.GenericCurrencyMismatch)
	kind := "payto://x-taler-bank/bank.example/ada?receiver-name=Ada"
	if strings.HasPrefix(g.debitAccount, "payto://x-taler-bank/") {
		kind = "payto://iban/CH9300762011623852957?receiver-name=Ada"
	}
	for what, bad := range map[string]members{
		"request_uid, chocolate": order.with("request_uid", "I love chocolate"), "wtid, chocolate": order.with("wtid", "I love chocolate"),
		"wtid of 31 bytes":        order.with("wtid", taler.EncodeBase32(make([]byte, 31))),
		"request_uid of 65 bytes": order.with("request_uid", taler.EncodeBase32(make([]byte, 65))),
		"other payto":             order.with("credit_account", kind), "no payto": order.with("credit_account", "ada"),
		"amount": order.with("amount", g.currency+":1.123456789"), "no colon": order.with("amount", "1.5"),
	} {
		want(t, what, g.transfer(t, bad), 400)
	}
	for member := range order {
		want(t, "no "+member, g.transfer(t, order.with(member, nil)), 400)
	}
	if g.speaks(t, 5) {
		for _, metadata := range []string{"batch 7", "umläut", strings.Repeat("x", 41), "a/b"} {
			want(t, "metadata "+metadata, g.transfer(t, order.with("metadata", metadata)), 400)
		}
	}
	want(t, "and then the good one", g.transfer(t, order), 200)
	if g.authorization != "" {
		want(t, "no login", ask(t, "POST", g.wireGateway+"transfer", "", order), 401)
	}
}

// transferRaced: a client that asks again before it was answered gets one transfer.
func transferRaced(t *testing.T) {
	g := open(t, "ch")
	order := g.order()
	answers, group := make([]reply, 8), sync.WaitGroup{}
	for i := range answers {
		group.Go(func() { answers[i] = g.transfer(t, order) })
	}
	group.Wait()
	for _, r := range answers {
		if r.status != 200 || id(r.body) != id(answers[0].body) {
			t.Errorf("%d %s, another got %s", r.status, r.raw, answers[0].raw)
		}
	}
}

// list asks for transfers, and checks what holds for every list of them.
func (g *target) list(t *testing.T, format string, args ...any) (rows []int) {
	t.Helper()
	query := fmt.Sprintf(format, args...)
	r := ask(t, "GET", g.wireGateway+"transfers?"+query, g.authorization, nil)
	found := r.list("transfers")
	if (r.status != 200 || len(found) == 0 || r.body["debit_account"] == nil) && (r.status != 204 || r.raw != "") {
		t.Errorf("%s: %d %s: neither rows nor an empty 204", query, r.status, r.raw)
	}
	for i, row := range found {
		if !isStatus(row["status"]) || row["amount"] == nil || row["credit_account"] == nil || row["timestamp"] == nil {
			t.Errorf("%s: row %v", query, row)
		}
		if _, status, asked := strings.Cut(query, "status="); asked && row["status"] != status {
			t.Errorf("%s: a row is %v", query, row["status"])
		}
		forward := strings.Contains(query, "limit=") && !strings.Contains(query, "limit=-")
		if rows = append(rows, id(row)); i > 0 && (rows[i] > rows[i-1]) != forward {
			t.Errorf("%s: rows %v", query, rows)
		}
	}
	return rows
}

// transfers lists what was ordered, with numbers of its own, whatever became of it.
func transfers(t *testing.T) {
	g := open(t, "transfers")
	if rows := g.list(t, "limit=5&offset=4000000000000"); len(rows) > 0 {
		t.Errorf("far ahead: %v", rows)
	}
	want(t, "unknown", ask(t, "GET", g.wireGateway+"transfers/4000000000000", g.authorization, nil), 404)
	want(t, "no number", ask(t, "GET", g.wireGateway+"transfers/chocolate", g.authorization, nil), 400)
	want(t, "unknown status", ask(t, "GET", g.wireGateway+"transfers?status=chocolate", g.authorization, nil), 400, taler.GenericParameterMalformed)
	if g.bank != "" {
		g.noTransfers(t)
	}
	var rows []int
	for range 4 {
		rows = append(rows, g.ordered(t))
	}
	sees := func(want []int, format string, args ...any) {
		t.Helper()
		if got := g.list(t, format, args...); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf(format+": %v, want %v", append(args, got, want)...)
		}
	}
	sees(rows[1:3], "limit=2&offset=%d", rows[0])
	sees([]int{rows[2], rows[1]}, "limit=-2&offset=%d", rows[3])
	sees([]int{rows[3], rows[2]}, "limit=-2")
	if g.bank == "" {
		for _, status := range []string{"pending", "transient_failure", "permanent_failure", "success"} {
			g.list(t, "limit=-20&status=%s", status)
		}
		return
	}
	statuses := []string{"pending", "transient_failure", "permanent_failure", "success"}
	for i, status := range statuses {
		if status != "pending" {
			g.confirm(t, rows[i], status)
		}
	}
	for i, status := range statuses {
		sees(rows[i:i+1], "limit=-20&status=%s", status)
	}
	sees([]int{rows[3], rows[2], rows[1], rows[0]}, "")
	r := ask(t, "GET", fmt.Sprintf("%stransfers/%d", g.wireGateway, rows[2]), g.authorization, nil)
	if r.body["status"] != "permanent_failure" || r.body["status_msg"] != "as the bank said" || r.body["metadata"] != nil {
		t.Errorf("a failed transfer is told as %s", r.raw)
	}
}

// noTransfers: nothing was ordered on this account yet.
func (g *target) noTransfers(t *testing.T) {
	for _, query := range []string{"", "limit=5", "status=pending", "status=success&limit=-5"} {
		if rows := g.list(t, "%s", query); len(rows) > 0 {
			t.Errorf("%q: rows %v", query, rows)
		}
	}
}

// outgoingHistory: only what the bank has carried out is in it.
func outgoingHistory(t *testing.T) {
	g := open(t, "outgoing")
	s := &stream{url: g.wireGateway + "history/outgoing", authorization: g.authorization, member: "outgoing_transactions"}
	if g.bank == "" {
		// When others carry a transfer out cannot be known.
		s.get(t, "limit=-5")
		if r, _ := s.get(t, "limit=5&offset=4000000000000&timeout_ms=200"); r.status != 204 {
			t.Errorf("far ahead: %d", r.status)
		}
		return
	}
	becomes := func(status string) func(*testing.T) {
		return func(t *testing.T) { g.confirm(t, g.ordered(t), status) }
	}
	s.reports = append(s.reports, becomes("success"))
	s.ignores = append(s.ignores, func(t *testing.T) { g.ordered(t) }, becomes("sent"), becomes("transient_failure"), becomes("permanent_failure"),
		func(t *testing.T) {
			want(t, "add-kycauth", g.add(t, "kycauth", g.invention("account_pub", newKey())), 200)
		})
	s.routine(t)

	order := g.order().with("metadata", "batch-7")
	r := g.transfer(t, order)
	g.confirm(t, id(r.body), "success")
	_, rows := s.get(t, "limit=-1")
	if len(rows) != 1 || rows[0]["date"] == nil {
		t.Fatalf("rows %v", rows)
	}
	for _, member := range []string{"amount", "exchange_base_url", "wtid", "credit_account", "metadata"} {
		if rows[0][member] != order[member] {
			t.Errorf("%s is %v, want %v", member, rows[0][member], order[member])
		}
	}
}
