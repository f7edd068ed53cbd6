package bounce_test

import (
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
)

func TestBacklogs(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	backlog := func() bounce.Backlog {
		t.Helper()
		all, err := h.Desk.Backlogs(t.Context())
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		return all[0]
	}
	if got := backlog(); got != (bounce.Backlog{Account: "ch"}) {
		t.Errorf("%+v", got)
	}
	oneCase(t, h, "deposit")
	subject := bouncetest.Remittance(h.Register(t, "ch", bouncetest.NewWallet("w")).Subjects[0])
	h.Receive(t, "ch",
		bouncetest.Incoming("held", "CHF:5", subject),
		bouncetest.Incoming("overdue", "CHF:5", subject),
		bouncetest.Incoming("typo", "CHF:5", text("for the cat")),
		bouncetest.Incoming("typo of an hour ago", "CHF:5", text("for the cat")))
	h.Exec(t, `UPDATE transfers SET hold_until = now() - interval '10 minutes' WHERE bank_ref = 'overdue'`)
	h.Exec(t, `UPDATE payments SET created = now() - interval '1 hour', status = 'sent'
		WHERE transfer_id = (SELECT transfer_id FROM transfers WHERE bank_ref = 'typo of an hour ago')`)
	got := backlog()
	if got.Overdue < 10*time.Minute || got.Overdue > time.Hour || got.Oldest < time.Hour || got.Oldest > 2*time.Hour {
		t.Errorf("overdue for %s, oldest payment %s", got.Overdue, got.Oldest)
	}
	got.Overdue, got.Oldest = 0, 0
	if want := (bounce.Backlog{Account: "ch", Cases: 1, Held: 2, Pending: 1, Sent: 1}); got != want {
		t.Errorf("%+v", got)
	}
}
