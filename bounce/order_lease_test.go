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

// A direct credit holds bounces in dollars and cents; the rest waits.
func TestDirectCreditsLeaveOutWhatTheyCannotCarry(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.NZ())
	payer, err := taler.NewNZPayto("12-3456-1602757-59", "A Payer")
	if err != nil {
		t.Fatal(err)
	}
	for ref, amount := range map[string]string{"odd": "NZD:1.001", "much": "NZD:1000000000", "plain": "NZD:999999999.99"} {
		transfer := bouncetest.Incoming(ref, amount, text("for the cat"))
		transfer.Debtor = &payer
		h.Receive(t, "nz", transfer)
	}
	order := bounce.Order{
		RequestUID: taler.HashCode{1}, Amount: taler.Amount{Currency: "NZD", Value: 3}, Creditor: payer,
		ExchangeBaseURL: "https://exchange.example/", Wtid: taler.ShortHashCode{1},
	}
	if _, err := h.Desk.Transfer(t.Context(), h.Account(t, "nz"), order); err != nil {
		t.Fatal(err)
	}
	narrow := bounce.PaymentQuery{Limit: 10, PaytoKind: taler.KindNZAccount, Bounces: "NZD", BouncesBelow: 1_000_000_000}
	got, err := h.Desk.Payments(t.Context(), h.Account(t, "nz"), narrow)
	if err != nil || len(got) != 1 || got[0].Subject != "bounce malformed plain" {
		t.Errorf("%+v, %v", got, err)
	}
	rest, err := h.Desk.Payments(t.Context(), h.Account(t, "nz"), bounce.PaymentQuery{Limit: 10})
	if err != nil || len(rest) != 3 {
		t.Errorf("%+v, %v", rest, err)
	}
}
