package bounce_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
)

// lapse lets every lease run out.
func lapse(t *testing.T, h *bouncetest.House) {
	t.Helper()
	h.Exec(t, `UPDATE payments SET leased_until = now() - interval '1 second' WHERE leased_until IS NOT NULL`)
}

// Eight jobs at two gateways lease in small pieces: every payment is handed
// out, none twice, and nobody gets more than was asked for.
func TestJobsShareTheQueue(t *testing.T) {
	t.Parallel()
	const payments, limit = 200, 3
	h := bouncetest.New(t, bouncetest.CH())
	gates := []*bouncetest.House{h, bouncetest.Open(t, h.URL, bouncetest.CH())}
	for i := range payments {
		ordered(t, h, order(i))
	}
	var mu sync.Mutex
	times, leases := map[int64]int{}, map[string]int{}
	var group sync.WaitGroup
	for job := range 8 {
		group.Go(func() {
			for {
				got, err := gates[job%2].Desk.Payments(t.Context(), gates[job%2].Account(t, "ch"), bounce.PaymentQuery{Limit: limit})
				if err != nil || len(got) == 0 {
					if err != nil {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				for _, p := range got {
					times[p.ID]++
					leases[p.MessageID]++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(times) != payments {
		t.Errorf("%d of %d payments were handed out", len(times), payments)
	}
	for id, n := range times {
		if n > 1 {
			t.Errorf("payment %d was handed out %d times", id, n)
		}
	}
	for lease, n := range leases {
		if n > limit {
			t.Errorf("lease %s holds %d payments", lease, n)
		}
	}
}

func TestLapsedLeaseIsOfferedAgain(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	ordered(t, h, order(1))
	all := bounce.PaymentQuery{Limit: 10}
	first := onePayment(t, h, all)
	lapse(t, h)
	second := onePayment(t, h, all)
	if second.ID != first.ID || second.EndToEndID != first.EndToEndID || second.MessageID == first.MessageID {
		t.Fatalf("leased %+v, then %+v", first, second)
	}
	a := h.Account(t, "ch")
	say := func(lease string, status bounce.PaymentStatus) error {
		_, err := h.Desk.Confirm(t.Context(), a, bounce.Confirmation{ID: first.ID, Status: status, MessageID: lease})
		return err
	}
	// Whoever lost the lease may not hand the payment to the bank any more, nor
	// give it back while somebody else is at work on it.
	for _, status := range []bounce.PaymentStatus{bounce.PaymentSent, bounce.PaymentTransient, bounce.PaymentPermanent} {
		if err := say(first.MessageID, status); !errors.Is(err, bounce.ErrLeaseLost) {
			t.Errorf("%s under a lost lease: %v", status, err)
		}
	}
	if err := say(second.MessageID, bounce.PaymentSent); err != nil {
		t.Error(err)
	}
	if err := say(second.MessageID, bounce.PaymentSent); err != nil {
		t.Errorf("the same again: %v", err)
	}
	// That money went is true whoever says it, and ends the matter.
	if err := say(first.MessageID, bounce.PaymentSuccess); err != nil {
		t.Error(err)
	}
	if err := say(second.MessageID, bounce.PaymentSent); !errors.Is(err, bounce.ErrPaymentFinal) {
		t.Errorf("sent after success: %v", err)
	}
	if err := say(second.MessageID, bounce.PaymentSuccess); err != nil {
		t.Errorf("the success again, by the other: %v", err)
	}
}

// What was confirmed is not offered again, however often leases run out.
func TestConfirmedIsNeverOfferedAgain(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	for i, status := range []bounce.PaymentStatus{bounce.PaymentSent, bounce.PaymentSuccess, bounce.PaymentPermanent} {
		confirmed(t, h, ordered(t, h, order(i)).ID, status)
	}
	failed := ordered(t, h, order(9)).ID
	confirmed(t, h, failed, bounce.PaymentTransient)
	left, err := h.Desk.Payments(t.Context(), h.Account(t, "ch"), bounce.PaymentQuery{Limit: 10})
	if err != nil || len(left) != 0 {
		t.Errorf("offered before the lease is over: %+v, %v", left, err)
	}
	lapse(t, h)
	if again := onePayment(t, h, bounce.PaymentQuery{Limit: 10}); again.ID != failed {
		t.Errorf("payment %d is offered again", again.ID)
	}
}

// A job confirms while the lease lapses and another job asks: either the
// confirmation holds and nobody is offered the payment, or the other job has it
// and the first one is told so. Never both.
func TestConfirmAgainstLapse(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	other := bouncetest.Open(t, h.URL, bouncetest.CH())
	a := h.Account(t, "ch")
	var kept, lost int
	for round := range 60 {
		ordered(t, h, order(round))
		p := onePayment(t, h, bounce.PaymentQuery{Limit: 10})
		lapse(t, h)
		var confirmErr error
		var offered []bounce.Payment
		var group sync.WaitGroup
		group.Go(func() {
			_, confirmErr = h.Desk.Confirm(t.Context(), a, bounce.Confirmation{ID: p.ID, Status: bounce.PaymentSent, MessageID: p.MessageID})
		})
		group.Go(func() {
			var err error
			if offered, err = other.Desk.Payments(t.Context(), a, bounce.PaymentQuery{Limit: 10}); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
		switch {
		case confirmErr == nil && len(offered) == 0:
			kept++
		case errors.Is(confirmErr, bounce.ErrLeaseLost) && len(offered) == 1 && offered[0].ID == p.ID:
			lost++
			confirmed(t, h, p.ID, bounce.PaymentSuccess)
		default:
			t.Fatalf("confirmed: %v, and offered %+v", confirmErr, offered)
		}
	}
	t.Logf("%d confirmations held, %d leases were lost", kept, lost)
}
