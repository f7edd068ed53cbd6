package bounce_test

import (
	"testing"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/subjects/taler"
)

// What a payment order cannot carry is not leased for one, and does not stand
// in the way of what comes behind it.
func TestOrdersLeaveOutWhatTheyCannotCarry(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	other, err := taler.ParsePayto("payto://x-taler-bank/bank.example/maria?receiver-name=Maria")
	if err != nil {
		t.Fatal(err)
	}
	odd := bouncetest.Incoming("odd", "CHF:1.12345678", text("for the cat"))
	elsewhere := bouncetest.Incoming("elsewhere", "CHF:1", text("for the cat"))
	elsewhere.Debtor = &other
	h.Receive(t, "ch", odd, elsewhere, bouncetest.Incoming("plain", "CHF:1", text("for the cat")))
	got := onePayment(t, h, bounce.PaymentQuery{Limit: 1, PaytoKind: taler.KindIBAN})
	if got.Subject != "bounce malformed plain" {
		t.Errorf("%+v", got)
	}
	rest, err := h.Desk.Payments(t.Context(), h.Account(t, "ch"), bounce.PaymentQuery{Limit: 10})
	if err != nil || len(rest) != 2 {
		t.Errorf("%+v, %v", rest, err)
	}
}
