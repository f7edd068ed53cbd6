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

// Without the name of a lease nobody knows which job speaks. Once a lease has run
// out, what was sent is not given back, since it is perhaps another job that has
// sent it; a lease that its job gave back itself is no such one.
func TestNobodyGivesBackWhatAnotherHasSent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		leases int                  // all but the last run out
		back   int                  // leases before these that ended with a transient failure
		before bounce.PaymentStatus // said under the last lease
		said   bounce.PaymentStatus
		named  bool // with the last lease
		want   error
	}{
		{"once", 1, 0, bounce.PaymentSent, bounce.PaymentTransient, false, nil},
		{"given back before", 1, 2, bounce.PaymentSent, bounce.PaymentTransient, false, nil},
		{"given back before, and run out", 2, 1, bounce.PaymentSent, bounce.PaymentTransient, false, bounce.ErrLeaseLost},
		{"again", 2, 0, bounce.PaymentSent, bounce.PaymentTransient, false, bounce.ErrLeaseLost},
		{"three times", 3, 0, bounce.PaymentSent, bounce.PaymentTransient, false, bounce.ErrLeaseLost},
		{"by its lease", 2, 0, bounce.PaymentSent, bounce.PaymentTransient, true, nil},
		{"not sent", 2, 0, bounce.PaymentTransient, bounce.PaymentTransient, false, nil},
		{"sent twice", 2, 0, bounce.PaymentSent, bounce.PaymentSent, false, nil},
		{"success", 2, 0, bounce.PaymentSent, bounce.PaymentSuccess, false, nil},
		{"refused", 2, 0, bounce.PaymentSent, bounce.PaymentPermanent, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := bouncetest.New(t, bouncetest.CH())
			ordered(t, h, order(1))
			p := onePayment(t, h, bounce.PaymentQuery{Limit: 10})
			for range tt.back {
				confirmed(t, h, p.ID, bounce.PaymentSent)
				confirmed(t, h, p.ID, bounce.PaymentTransient)
				lapse(t, h)
				p = onePayment(t, h, bounce.PaymentQuery{Limit: 10})
			}
			for range tt.leases - 1 {
				lapse(t, h)
				p = onePayment(t, h, bounce.PaymentQuery{Limit: 10})
			}
			confirmed(t, h, p.ID, tt.before)
			word := bounce.Confirmation{ID: p.ID, Status: tt.said}
			if tt.named {
				word.MessageID = p.MessageID
			}
			if _, err := h.Desk.Confirm(t.Context(), h.Account(t, "ch"), word); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

// The job that lost its lease gives the payment back while the other one sends
// it, both without naming leases: in whatever order, it stays sent.
func TestGiveBackAgainstSent(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	for round := range 60 {
		ordered(t, h, order(round))
		p := onePayment(t, h, bounce.PaymentQuery{Limit: 10})
		lapse(t, h)
		onePayment(t, h, bounce.PaymentQuery{Limit: 10})
		var sent, given error
		var group sync.WaitGroup
		group.Go(func() {
			_, sent = h.Desk.Confirm(t.Context(), a, bounce.Confirmation{ID: p.ID, Status: bounce.PaymentSent})
		})
		group.Go(func() {
			_, given = h.Desk.Confirm(t.Context(), a, bounce.Confirmation{ID: p.ID, Status: bounce.PaymentTransient})
		})
		group.Wait()
		if sent != nil || given != nil && !errors.Is(given, bounce.ErrLeaseLost) {
			t.Fatalf("sent: %v, given back: %v", sent, given)
		}
		lapse(t, h)
		if again, err := h.Desk.Payments(t.Context(), a, bounce.PaymentQuery{Limit: 10}); err != nil || len(again) != 0 {
			t.Fatalf("offered again: %+v, %v", again, err)
		}
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
