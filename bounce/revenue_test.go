package bounce_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/plugins/wire"
)

func revenue(t *testing.T, h *bouncetest.House, account string) []bounce.Receipt {
	t.Helper()
	rows, err := h.Desk.Revenue(t.Context(), h.Account(t, account), bounce.Page{Limit: 1024})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// The revenue lists everything that arrived, whatever became of it, but for
// money that is none of this account's currency.
func TestRevenueListsEveryCredit(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	w := bouncetest.NewWallet("w")
	subject := bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
	anonymous := bouncetest.Incoming("manual", "CHF:3", text("nothing known"))
	anonymous.Debtor = nil
	got := h.Receive(t, "ch",
		bouncetest.Incoming("held", "CHF:1", subject),
		bouncetest.Incoming("bounced", "CHF:2", wire.Remittance{Unstructured: []string{"Rechnung 17 vom 2. Ma", "i 2026"}}),
		anonymous,
		bouncetest.Incoming("credited", "CHF:4", text(bouncetest.Reserve("r").AccountPub.String())),
		bouncetest.Incoming("foreign", "EUR:5", subject),
		bouncetest.Incoming("held", "CHF:1", subject))
	for i, state := range []bounce.State{bounce.Held, bounce.Bounced, bounce.Manual, bounce.Credited, bounce.Manual} {
		if got[i].State != state {
			t.Fatalf("%+v", got)
		}
	}
	h.Map(t, "ch", w, bouncetest.Reserve("w"), time.Now())
	rows := revenue(t, h, "ch")
	var values []uint64
	for i, r := range rows {
		values = append(values, r.Amount.Value)
		if r.RowID != int64(i+1) || r.Date.IsZero() {
			t.Errorf("row %+v", r)
		}
	}
	if fmt.Sprint(values) != "[1 2 3 4]" {
		t.Errorf("amounts %v", values)
	}
	if rows[0].Subject != subject.Structured[0] || rows[1].Subject != "Rechnung 17 vom 2. Mai 2026" {
		t.Errorf("subjects %q and %q", rows[0].Subject, rows[1].Subject)
	}
	if rows[2].Debtor != "" || rows[3].Debtor != bouncetest.Debtor.String() {
		t.Errorf("debtors %q and %q", rows[2].Debtor, rows[3].Debtor)
	}
}

// T6 for the revenue: writers on two gateways, a reader with "after the last I
// saw" misses nothing and sees no gap.
func TestT6_RevenueReaderNeverMissesARow(t *testing.T) {
	t.Parallel()
	const writers, each = 16, 12
	h := bouncetest.New(t, bouncetest.X())
	gates := []*bouncetest.House{h, bouncetest.Open(t, h.URL, bouncetest.X())}
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				gates[w%2].Receive(t, "x", bouncetest.Incoming(fmt.Sprint(w, "-", i), "EUR:1", text("noise")))
			}
		})
	}
	ended := make(chan struct{})
	go func() { group.Wait(); close(ended) }()
	var last int64
	for done := false; ; {
		select {
		case <-ended:
			done = true
		default:
		}
		rows, err := gates[1].Desk.Revenue(t.Context(), gates[1].Account(t, "x"), bounce.Page{Limit: 7, Offset: last, HasOffset: true})
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
	if last != writers*each {
		t.Errorf("the reader saw %d of %d rows", last, writers*each)
	}
}
