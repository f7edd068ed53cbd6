package gateway

import (
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
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
