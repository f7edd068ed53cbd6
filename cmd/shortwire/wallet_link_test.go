package main

import (
	"testing"

	"github.com/shortwire/shortwire/subjects/taler"
)

func TestWithdrawLink(t *testing.T) {
	t.Parallel()
	amount, err := taler.ParseAmount("CHF:10.50")
	if err != nil {
		t.Fatal(err)
	}
	for exchange, want := range map[string]string{
		"https://exchange.example/":     "taler://withdraw-exchange/exchange.example/?a=CHF:10.5",
		"https://exchange.example":      "taler://withdraw-exchange/exchange.example/?a=CHF:10.5",
		"https://exchange.example/a/b/": "taler://withdraw-exchange/exchange.example/a/b/?a=CHF:10.5",
		"http://localhost:8081/":        "taler+http://withdraw-exchange/localhost:8081/?a=CHF:10.5",
	} {
		if got, err := withdrawLink(exchange, &amount); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", exchange, got, err, want)
		}
	}
	if got, err := withdrawLink("https://exchange.example/", nil); err != nil || got != "taler://withdraw-exchange/exchange.example/" {
		t.Errorf("without an amount: %s, %v", got, err)
	}
	for _, exchange := range []string{"exchange.example", "ftp://exchange.example/", "https:///", "https://a@b/", "https://a/?b", "https://a/#b", "taler://pay/a"} {
		if got, err := withdrawLink(exchange, &amount); err == nil {
			t.Errorf("%s is taken for an exchange: %s", exchange, got)
		}
	}
}
