package bounce_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
)

func report(t *testing.T, h *bouncetest.House, words ...bounce.Word) []bounce.Told {
	t.Helper()
	told, err := h.Desk.Report(t.Context(), h.Account(t, "ch"), words)
	if err != nil {
		t.Fatal(err)
	}
	return told
}

// leased orders n transfers and leases them all.
func leased(t *testing.T, h *bouncetest.House, n int) []bounce.Payment {
	t.Helper()
	for i := range n {
		ordered(t, h, order(i))
	}
	payments, err := h.Desk.Payments(t.Context(), h.Account(t, "ch"), bounce.PaymentQuery{Limit: n})
	if err != nil || len(payments) != n {
		t.Fatalf("%d leased, %v", len(payments), err)
	}
	return payments
}

func TestReportByEndToEndID(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
	p := leased(t, h, 4)
	lease := p[0].MessageID
	words := []bounce.Word{
		{EndToEndID: p[0].EndToEndID, MessageID: lease, Status: bounce.PaymentSuccess, Detail: "ACSC"},
		{EndToEndID: p[1].EndToEndID, MessageID: lease, Status: bounce.PaymentPermanent, Detail: "RJCT AC04"},
		{EndToEndID: "SW00000000000000000000000000000000", Status: bounce.PaymentSuccess},
		{EndToEndID: "broken\x00", Status: bounce.PaymentSuccess},
		{MessageID: lease, Status: bounce.PaymentSent, Detail: "ACSP"}, // the other two
	}
	for round := range 2 { // posted again, it is a replay
		told := report(t, h, words...)
		if len(told) != 6 {
			t.Fatalf("%+v", told)
		}
		for i, want := range []bounce.PaymentStatus{bounce.PaymentSuccess, bounce.PaymentPermanent, "", "", bounce.PaymentSent, bounce.PaymentSent} {
			if told[i].Payment.Status != want || told[i].Stale || (want == "") != errors.Is(told[i].Err, bounce.ErrUnknownPayment) {
				t.Errorf("round %d: told %d is %+v", round, i, told[i])
			}
		}
		if told[1].Payment.Detail != "RJCT AC04" || told[4].Payment.ID != p[2].ID || told[5].Payment.ID != p[3].ID {
			t.Errorf("%+v", told)
		}
	}
	if rows := paidRows(t, h); len(rows) != 1 || rows[0].ID != p[0].ID {
		t.Errorf("%+v", rows)
	}
	// Less than what is known is stale, the contrary of it an error.
	told := report(t, h,
		bounce.Word{EndToEndID: p[0].EndToEndID, Status: bounce.PaymentSent},
		bounce.Word{EndToEndID: p[1].EndToEndID, Status: bounce.PaymentSuccess})
	if !told[0].Stale || told[0].Err != nil || told[0].Payment.Status != bounce.PaymentSuccess || !errors.Is(told[1].Err, bounce.ErrPaymentFinal) {
		t.Errorf("%+v", told)
	}
	// Another account's bank cannot speak about these payments.
	foreign, err := h.Desk.Report(t.Context(), h.Account(t, "x"), words[:1])
	if err != nil || !errors.Is(foreign[0].Err, bounce.ErrUnknownPayment) {
		t.Errorf("%+v, %v", foreign, err)
	}
}

// What the bank rejects of a lease that was lost is no word about the payment,
// which is handed out under another one by now; that it was paid is.
func TestReportAboutALostLease(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	first := leased(t, h, 1)[0]
	lapse(t, h)
	second := onePayment(t, h, bounce.PaymentQuery{Limit: 10})
	told := report(t, h, bounce.Word{EndToEndID: first.EndToEndID, MessageID: first.MessageID, Status: bounce.PaymentPermanent})
	if !told[0].Stale || told[0].Payment.Status != bounce.PaymentPending {
		t.Errorf("%+v", told)
	}
	if told := report(t, h, bounce.Word{MessageID: first.MessageID, Status: bounce.PaymentPermanent}); !errors.Is(told[0].Err, bounce.ErrUnknownPayment) {
		t.Errorf("%+v", told)
	}
	// A job that names its messages itself is believed.
	if told := report(t, h, bounce.Word{EndToEndID: second.EndToEndID, MessageID: "JOB-7", Status: bounce.PaymentSent}); told[0].Stale || told[0].Payment.Status != bounce.PaymentSent {
		t.Errorf("%+v", told)
	}
	if told := report(t, h, bounce.Word{EndToEndID: first.EndToEndID, MessageID: first.MessageID, Status: bounce.PaymentSuccess}); told[0].Payment.Status != bounce.PaymentSuccess {
		t.Errorf("%+v", told)
	}
}

// One word about a lease is about all its payments.
func TestReportAboutALease(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	p := leased(t, h, 3)
	told := report(t, h, bounce.Word{MessageID: p[0].MessageID, Status: bounce.PaymentSent, Detail: "upload 7"})
	for i := range told {
		if told[i].Payment.ID != p[i].ID || told[i].Payment.Status != bounce.PaymentSent || told[i].Payment.Detail != "upload 7" {
			t.Errorf("%+v", told[i])
		}
	}
	if len(told) != 3 {
		t.Errorf("%d payments of 3", len(told))
	}
}

// Of two words about one payment in one report the last one counts.
func TestReportNamesAPaymentTwice(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	id := leased(t, h, 1)[0].EndToEndID
	told := report(t, h, bounce.Word{EndToEndID: id, Status: bounce.PaymentSent}, bounce.Word{EndToEndID: id, Status: bounce.PaymentSuccess})
	if len(told) != 1 || told[0].Word != 1 || told[0].Payment.Status != bounce.PaymentSuccess {
		t.Errorf("%+v", told)
	}
}

// Many reports about the same payments at once, in opposite orders: nobody
// waits for ever, every payment has one row, and the rows have no gap.
func TestT6_ReportsAtOnce(t *testing.T) {
	t.Parallel()
	const n = 60
	h := bouncetest.New(t, bouncetest.CH())
	gates := []*bouncetest.House{h, bouncetest.Open(t, h.URL, bouncetest.CH())}
	payments := leased(t, h, n)
	var group sync.WaitGroup
	for job := range 8 {
		group.Go(func() {
			var words []bounce.Word
			for i := range n {
				at := i
				if job%2 == 1 {
					at = n - 1 - i
				}
				words = append(words, bounce.Word{EndToEndID: payments[at].EndToEndID, Status: bounce.PaymentSuccess})
			}
			for start := job; start < n; start += 20 { // overlapping pieces
				if _, err := gates[job%2].Desk.Report(t.Context(), gates[job%2].Account(t, "ch"), words[start:min(start+35, n)]); err != nil {
					t.Error(err)
				}
			}
			if _, err := gates[job%2].Desk.Report(t.Context(), gates[job%2].Account(t, "ch"), words); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	rows := paidRows(t, h)
	seen := map[int64]bool{}
	for i, row := range rows {
		if row.RowID != int64(i+1) || seen[row.ID] {
			t.Fatalf("row %d is %+v", i+1, row)
		}
		seen[row.ID] = true
	}
	if len(rows) != n {
		t.Errorf("%d rows of %d payments", len(rows), n)
	}
}

// A report longer than one transaction takes.
func TestLongReport(t *testing.T) {
	t.Parallel()
	const n = 1100
	h := bouncetest.New(t, bouncetest.CH())
	h.Exec(t, `INSERT INTO payments (account_id, kind, end_to_end_id, currency, value, fraction, creditor, subject, request_uid, wtid, exchange_base_url)
		SELECT $1, 'transfer', 'E' || i, 'CHF', 1, 0, $2, 's', int8send(i), int8send(i), 'https://exchange.example/' FROM generate_series(1, $3::bigint) i`,
		h.Account(t, "ch").ID(), bouncetest.Debtor.String(), n)
	var words []bounce.Word
	for i := range n {
		words = append(words, bounce.Word{EndToEndID: fmt.Sprint("E", i+1), Status: bounce.PaymentSuccess})
	}
	told := report(t, h, words...)
	for i := range told {
		if told[i].Word != i || told[i].Payment.Status != bounce.PaymentSuccess {
			t.Fatalf("told %d is %+v", i, told[i])
		}
	}
	if rows := paidRows(t, h); len(told) != n || len(rows) != n || rows[n-1].RowID != n {
		t.Errorf("%d words, %d rows", len(told), len(rows))
	}
}
