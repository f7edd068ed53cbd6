package bounce_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/subjects/taler"
)

// order is one of its own for each n.
func order(n int) bounce.Order {
	o := bounce.Order{
		Amount: taler.Amount{Currency: "CHF", Value: 10}, ExchangeBaseURL: "https://exchange.example/", Creditor: *bouncetest.Debtor,
	}
	copy(o.RequestUID[:], fmt.Sprintf("uid %d", n))
	copy(o.Wtid[:], fmt.Sprintf("wtid %d", n))
	return o
}

func ordered(t *testing.T, h *bouncetest.House, o bounce.Order) bounce.Outgoing {
	t.Helper()
	got, err := h.Desk.Transfer(t.Context(), h.Account(t, "ch"), o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// confirmed reports a status.
func confirmed(t *testing.T, h *bouncetest.House, id int64, status bounce.PaymentStatus) bounce.Payment {
	t.Helper()
	got, err := h.Desk.Confirm(t.Context(), h.Account(t, "ch"), bounce.Confirmation{ID: id, Status: status})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// paidRows is the whole outgoing history.
func paidRows(t *testing.T, h *bouncetest.House) []bounce.Outgoing {
	t.Helper()
	rows, err := h.Desk.OutgoingHistory(t.Context(), h.Account(t, "ch"), bounce.Page{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestOrderIsPaidOnce(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
	first := ordered(t, h, order(1))
	if again := ordered(t, h, order(1)); again.ID != first.ID || !again.Created.Equal(first.Created) {
		t.Errorf("the same order is payment %d, then %d", first.ID, again.ID)
	}
	other := order(1)
	other.Amount.Value++
	for name, o := range map[string]bounce.Order{
		"amount": other,
		"url":    func(o bounce.Order) bounce.Order { o.ExchangeBaseURL += "x/"; return o }(order(1)),
		"meta":   func(o bounce.Order) bounce.Order { o.Metadata = "m"; return o }(order(1)),
		"wtid":   func(o bounce.Order) bounce.Order { o.Wtid = order(2).Wtid; return o }(order(1)),
		"payee":  func(o bounce.Order) bounce.Order { o.Creditor = h.Account(t, "ch").Payto; return o }(order(1)),
	} {
		if _, err := h.Desk.Transfer(t.Context(), h.Account(t, "ch"), o); !errors.Is(err, bounce.ErrRequestUIDReused) {
			t.Errorf("another %s under the same request_uid: %v", name, err)
		}
	}
	reuse := order(3)
	reuse.Wtid = order(1).Wtid
	if _, err := h.Desk.Transfer(t.Context(), h.Account(t, "ch"), reuse); !errors.Is(err, bounce.ErrWtidReused) {
		t.Errorf("the wtid again: %v", err)
	}
	if n := h.Count(t, `SELECT count(*) FROM payments`); n != 1 {
		t.Errorf("%d payments are stored", n)
	}
	// Another account is another wire gateway.
	if _, err := h.Desk.Transfer(t.Context(), h.Account(t, "x"), order(1)); err != nil {
		t.Error(err)
	}
}

func TestOneOrderSentManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	gates := []*bouncetest.House{h, bouncetest.Open(t, h.URL, bouncetest.CH())}
	for round := range 20 {
		var group sync.WaitGroup
		var ids sync.Map
		var reused atomic.Int32
		for i := range 8 {
			group.Go(func() {
				o := order(round)
				if i%4 == 3 { // the same wtid under another uid
					copy(o.RequestUID[:], fmt.Sprint("other ", i, round))
				}
				got, err := gates[i%2].Desk.Transfer(t.Context(), gates[i%2].Account(t, "ch"), o)
				switch {
				case errors.Is(err, bounce.ErrWtidReused):
					reused.Add(1)
				case err != nil:
					t.Error(err)
				default:
					ids.Store(got.ID, true)
				}
			})
		}
		group.Wait()
		n := 0
		ids.Range(func(any, any) bool { n++; return true })
		if n != 1 || reused.Load() == 0 {
			t.Errorf("round %d: %d payments, %d refusals", round, n, reused.Load())
		}
	}
	if n := h.Count(t, `SELECT count(*) FROM payments`); n != 20 {
		t.Errorf("%d payments for 20 orders", n)
	}
}

// TestT5_OneQueue: bounces and orders are leased together, each under an
// end-to-end id that follows from what it is.
func TestT5_OneQueue(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	h.Receive(t, "ch", bouncetest.Incoming("stray", "CHF:7.5", text("for the cat")))
	o := order(1)
	o.Metadata = "batch-7"
	ordered(t, h, o)
	got, err := h.Desk.Payments(t.Context(), h.Account(t, "ch"), bounce.PaymentQuery{Limit: 10})
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got[0].Kind != bounce.PaymentBounce || got[1].Kind != bounce.PaymentTransfer || got[0].EndToEndID == got[1].EndToEndID {
		t.Errorf("%+v", got)
	}
	if want := "batch-7 " + o.Wtid.String() + " https://exchange.example/"; got[1].Subject != want || len(got[1].EndToEndID) != 34 {
		t.Errorf("subject %q, id %q", got[1].Subject, got[1].EndToEndID)
	}
	if got[0].MessageID == "" || got[0].MessageID != got[1].MessageID || len(got[0].MessageID) > 35 {
		t.Errorf("one lease has the names %q and %q", got[0].MessageID, got[1].MessageID)
	}
}

func TestTransfersByStatus(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	h.Receive(t, "ch", bouncetest.Incoming("stray", "CHF:7.5", text("for the cat"))) // a bounce is none of them
	statuses := []bounce.PaymentStatus{"", bounce.PaymentSent, bounce.PaymentSuccess, bounce.PaymentTransient, bounce.PaymentPermanent, bounce.PaymentSent}
	var ids []int64
	for i, status := range statuses {
		ids = append(ids, ordered(t, h, order(i)).ID)
		if status != "" {
			confirmed(t, h, ids[i], status)
		}
	}
	for _, tt := range []struct {
		q    bounce.OrderQuery
		want []int // indexes of ids
	}{
		{bounce.OrderQuery{Page: bounce.Page{Limit: 10}}, []int{0, 1, 2, 3, 4, 5}},
		{bounce.OrderQuery{Page: bounce.Page{Limit: -2}}, []int{5, 4}},
		{bounce.OrderQuery{Page: bounce.Page{Limit: -10, Offset: ids[2], HasOffset: true}}, []int{1, 0}},
		{bounce.OrderQuery{Page: bounce.Page{Limit: 2, Offset: ids[2], HasOffset: true}}, []int{3, 4}},
		{bounce.OrderQuery{Page: bounce.Page{Limit: -10}, Status: bounce.PaymentPending}, []int{5, 1, 0}},
		{bounce.OrderQuery{Page: bounce.Page{Limit: 10, Offset: ids[0], HasOffset: true}, Status: bounce.PaymentPending}, []int{1, 5}},
		{bounce.OrderQuery{Page: bounce.Page{Limit: 10}, Status: bounce.PaymentSuccess}, []int{2}},
		{bounce.OrderQuery{Page: bounce.Page{Limit: 10}, Status: bounce.PaymentTransient}, []int{3}},
		{bounce.OrderQuery{Page: bounce.Page{Limit: 10}, Status: bounce.PaymentPermanent}, []int{4}},
	} {
		got, err := h.Desk.Transfers(t.Context(), h.Account(t, "ch"), tt.q)
		if err != nil {
			t.Fatal(err)
		}
		var want, have []int64
		for _, i := range tt.want {
			want = append(want, ids[i])
		}
		for _, o := range got {
			have = append(have, o.ID)
		}
		if fmt.Sprint(have) != fmt.Sprint(want) {
			t.Errorf("%+v: %v, want %v", tt.q, have, want)
		}
	}
	if _, err := h.Desk.OrderOf(t.Context(), h.Account(t, "ch"), ids[0]-1); !errors.Is(err, bounce.ErrUnknownTransfer) {
		t.Errorf("a bounce is shown as a transfer: %v", err)
	}
	if got, err := h.Desk.OrderOf(t.Context(), h.Account(t, "ch"), ids[2]); err != nil || got.Order.Wtid != order(2).Wtid || got.Status != bounce.PaymentSuccess {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestT6_OutgoingHistory: rows without gaps, in the order in which payments
// became a success; nothing else is in it, and nothing that was said later
// changes a row.
func TestT6_OutgoingHistory(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	h.Receive(t, "ch", bouncetest.Incoming("stray", "CHF:7.5", text("for the cat")))
	bounced := onePayment(t, h, bounce.PaymentQuery{Limit: 10})
	var ids []int64
	for i := range 4 {
		ids = append(ids, ordered(t, h, order(i)).ID)
	}
	confirmed(t, h, bounced.ID, bounce.PaymentSuccess)
	confirmed(t, h, ids[3], bounce.PaymentSuccess)
	confirmed(t, h, ids[1], bounce.PaymentPermanent)
	confirmed(t, h, ids[0], bounce.PaymentSuccess)
	confirmed(t, h, ids[2], bounce.PaymentSent)
	first := paidRows(t, h)
	if len(first) != 2 || first[0].ID != ids[3] || first[1].ID != ids[0] || first[0].RowID != 1 || first[1].RowID != 2 {
		t.Fatalf("%+v", first)
	}
	h.Exec(t, `UPDATE payments SET changed = now() + interval '1 day'`)
	confirmed(t, h, ids[3], bounce.PaymentSuccess)
	if again := paidRows(t, h); len(again) != 2 || !again[0].Paid.Equal(first[0].Paid) || again[0].RowID != 1 {
		t.Errorf("a repeated confirmation changes the row: %+v", again)
	}
}

// 16 jobs confirm through two gateways while a reader polls with "after the
// last row I saw": it ends with every row, in order, none twice.
func TestT6_OutgoingReaderNeverMissesARow(t *testing.T) {
	t.Parallel()
	const jobs, each = 16, 12
	h := bouncetest.New(t, bouncetest.CH())
	gates := []*bouncetest.House{h, bouncetest.Open(t, h.URL, bouncetest.CH())}
	var running atomic.Int32
	running.Store(jobs)
	var group sync.WaitGroup
	for j := range jobs {
		group.Go(func() {
			defer running.Add(-1)
			gate := gates[j%2]
			for i := range each {
				o, err := gate.Desk.Transfer(t.Context(), gate.Account(t, "ch"), order(j*each+i))
				if err == nil {
					_, err = gate.Desk.Confirm(t.Context(), gate.Account(t, "ch"), bounce.Confirmation{ID: o.ID, Status: bounce.PaymentSuccess})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	var last int64
	for done := false; ; {
		done = running.Load() == 0
		rows, err := gates[1].Desk.OutgoingHistory(t.Context(), gates[1].Account(t, "ch"), bounce.Page{Limit: 7, Offset: last, HasOffset: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if row.RowID != last+1 {
				t.Fatalf("row %d follows row %d", row.RowID, last)
			}
			last = row.RowID
		}
		if done && len(rows) == 0 {
			break
		}
	}
	group.Wait()
	if last != jobs*each {
		t.Errorf("the reader saw %d of %d rows", last, jobs*each)
	}
}

func TestOutgoingLongPollWakes(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	wait := func(answers chan<- int) {
		rows, err := h.Desk.OutgoingHistory(t.Context(), a, bounce.Page{Limit: 5, Timeout: time.Minute})
		if err != nil {
			t.Error(err)
		}
		answers <- len(rows)
	}
	answers := make(chan int, 1)
	go wait(answers)
	id := ordered(t, h, order(1)).ID
	confirmed(t, h, id, bounce.PaymentSent)
	confirmed(t, h, id, bounce.PaymentSuccess)
	if n := <-answers; n != 1 {
		t.Errorf("%d rows", n)
	}
	leased := make(chan int, 1)
	go func() {
		payments, err := h.Desk.Payments(t.Context(), a, bounce.PaymentQuery{Limit: 5, Timeout: time.Minute})
		if err != nil {
			t.Error(err)
		}
		leased <- len(payments)
	}()
	ordered(t, h, order(2))
	if n := <-leased; n != 1 {
		t.Errorf("%d payments", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if rows, err := h.Desk.OutgoingHistory(ctx, a, bounce.Page{Limit: 5, Offset: 1, HasOffset: true, Timeout: time.Hour}); len(rows) > 0 || err != nil && ctx.Err() == nil {
		t.Errorf("%+v %v", rows, err)
	}
}

// Whatever is said about payments, in whatever order: what is final stays, a
// success has exactly one row, and the rows are 1 to n.
func TestT6_AnyOrderOfConfirmations(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	next := 0
	rapid.Check(t, func(t *rapid.T) {
		statuses := rapid.SliceOfN(rapid.SampledFrom([]bounce.PaymentStatus{
			bounce.PaymentSent, bounce.PaymentSuccess, bounce.PaymentTransient, bounce.PaymentPermanent,
		}), 1, 5).Draw(t, "statuses")
		next++
		o, err := h.Desk.Transfer(context.Background(), a, order(next))
		if err != nil {
			t.Fatal(err)
		}
		want := bounce.PaymentPending
		for _, status := range statuses {
			_, err := h.Desk.Confirm(context.Background(), a, bounce.Confirmation{ID: o.ID, Status: status})
			if final := want == bounce.PaymentSuccess || want == bounce.PaymentPermanent; final && status != want {
				if !errors.Is(err, bounce.ErrPaymentFinal) {
					t.Fatalf("%s after %s: %v", status, want, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			want = status
		}
		got, err := h.Desk.OrderOf(context.Background(), a, o.ID)
		if err != nil || got.Status != want || (got.RowID > 0) != (want == bounce.PaymentSuccess) || got.Paid.IsZero() != (want != bounce.PaymentSuccess) {
			t.Fatalf("%v: %+v, %v", statuses, got, err)
		}
	})
	for i, row := range paidRows(t, h) {
		if row.RowID != int64(i+1) {
			t.Fatalf("row %d stands at %d", row.RowID, i+1)
		}
	}
}
