package bounce_test

import (
	"testing"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
)

// onePayment is the answer to a query that one payment answers.
func onePayment(t *testing.T, h *bouncetest.House, q bounce.PaymentQuery) bounce.Payment {
	t.Helper()
	payments, err := h.Desk.Payments(t.Context(), h.Account(t, "ch"), q)
	if err != nil {
		t.Fatal(err)
	}
	if len(payments) != 1 {
		t.Fatalf("%d payments answer %+v", len(payments), q)
	}
	return payments[0]
}

// TestListingLeasesNothing: only a query without status leases; the list shows
// what is leased as well.
func TestListingLeasesNothing(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	h.Receive(t, "ch", bouncetest.Incoming("stray", "CHF:7.5", text("for the cat")))
	list := bounce.PaymentQuery{Status: bounce.PaymentPending, Limit: 10}
	listed := onePayment(t, h, list)
	onePayment(t, h, list)
	leased := onePayment(t, h, bounce.PaymentQuery{Limit: 10})
	if leased.ID != listed.ID || onePayment(t, h, list).ID != listed.ID {
		t.Errorf("listed %d, leased %d", listed.ID, leased.ID)
	}
	if left, err := h.Desk.Payments(t.Context(), h.Account(t, "ch"), bounce.PaymentQuery{Limit: 10}); err != nil || len(left) != 0 {
		t.Errorf("a leased payment is leased again after it was listed: %+v, %v", left, err)
	}
}

// TestC1_ListingShowsWhatIsOverdue: although no sweeper came by.
func TestC1_ListingShowsWhatIsOverdue(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	remittance := bouncetest.Remittance(h.Register(t, "ch", bouncetest.NewWallet("w")).Subjects[0])
	h.Receive(t, "ch", bouncetest.Incoming("overdue", "CHF:1", remittance))
	h.EndHold(t, "overdue")
	onePayment(t, h, bounce.PaymentQuery{Status: bounce.PaymentPending, Limit: 10})
}

// TestDetailBelongsToTheStatus: a repeated confirmation without detail keeps
// the former one; another status begins without.
func TestDetailBelongsToTheStatus(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	h.Receive(t, "ch", bouncetest.Incoming("stray", "CHF:7.5", text("for the cat")))
	id := onePayment(t, h, bounce.PaymentQuery{Limit: 10}).ID
	for _, step := range []struct {
		status       bounce.PaymentStatus
		detail, want string
	}{
		{bounce.PaymentSent, "batch 7", "batch 7"},
		{bounce.PaymentSent, "", "batch 7"},
		{bounce.PaymentPermanent, "", ""},
		{bounce.PaymentPermanent, "account closed", "account closed"},
		{bounce.PaymentPermanent, "", "account closed"},
		{bounce.PaymentPermanent, "closed in May", "closed in May"},
	} {
		got, err := h.Desk.Confirm(t.Context(), h.Account(t, "ch"), bounce.Confirmation{ID: id, Status: step.status, Detail: step.detail})
		if err != nil || got.Detail != step.want || got.Status != step.status {
			t.Errorf("%s %q: %+v, %v, want %q", step.status, step.detail, got, err, step.want)
		}
	}
}
