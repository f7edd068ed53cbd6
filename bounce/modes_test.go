package bounce_test

import (
	"testing"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/migrations/testdb"
	"github.com/shortwire/shortwire/subjects/postgres"
)

// Poolers between us and the server need other ways to send statements: each
// one that the configuration offers must carry every statement there is.
func TestEveryExecMode(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "cache_describe", "exec"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			h, err := bouncetest.TryOpenWith(t, postgres.Config{URL: testdb.New(t), ExecMode: mode}, bouncetest.CH(), bouncetest.X())
			if err != nil {
				t.Fatal(err)
			}
			for _, account := range []string{"ch", "x"} {
				unit := h.Account(t, account).Currency
				_, remittance := mapped(t, h, account, account)
				got := h.Receive(t, account,
					bouncetest.Incoming("credited", unit+":5", remittance),
					bouncetest.Incoming("held", unit+":5", remittance),
					bouncetest.Incoming("legacy", unit+":5", text(bouncetest.Reserve("legacy "+account).AccountPub.String())),
					bouncetest.Incoming("bounced", unit+":5", text("stray")))
				if got[0].State != bounce.Credited || got[1].State != bounce.Held || got[2].State != bounce.Credited || got[3].State != bounce.Bounced {
					t.Errorf("%+v", got)
				}
				h.EndHold(t, "held")
				if _, err := h.Desk.Sweep(t.Context()); err != nil {
					t.Error(err)
				}
				payments, err := h.Desk.Payments(t.Context(), h.Account(t, account), bounce.PaymentQuery{Limit: 9})
				if err != nil || len(payments) != 2 {
					t.Fatalf("%d payments, %v", len(payments), err)
				}
				if _, err := h.Desk.Confirm(t.Context(), h.Account(t, account), bounce.Confirmation{ID: payments[0].ID, Status: bounce.PaymentSuccess}); err != nil {
					t.Error(err)
				}
				if len(h.History(t, account)) != 2 {
					t.Error("the history lacks a credit")
				}
			}
		})
	}
}
