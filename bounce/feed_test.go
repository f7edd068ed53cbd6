package bounce_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
)

// 32 writers credit through two gateways while a reader polls with "after the
// last id I saw": it ends with every row, in order, none twice. `make order` wants
// many more of them.
func TestT6_ReaderNeverMissesARow(t *testing.T) {
	t.Parallel()
	writers, each := 32, 12
	if os.Getenv("SHORTWIRE_PROOF") == "full" {
		each = 1000
	}
	h := bouncetest.New(t, bouncetest.X())
	gates := []*bouncetest.House{h, bouncetest.Open(t, h.URL, bouncetest.X())}
	var running atomic.Int32
	running.Store(int32(writers))
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			defer running.Add(-1)
			gate := gates[w%2]
			for i := range each {
				name := fmt.Sprint(w, "-", i)
				got, err := gate.Desk.Receive(t.Context(), gate.Account(t, "x"), []bounce.Transfer{
					bouncetest.Incoming(name, "EUR:1", text(bouncetest.Reserve(name).AccountPub.String()))})
				if err != nil || got[0].RowID == 0 {
					t.Errorf("%+v %v", got, err)
				}
			}
		})
	}
	var last int64
	count := 0
	for done := false; ; {
		done = running.Load() == 0
		rows, err := gates[1].Desk.History(t.Context(), gates[1].Account(t, "x"), bounce.Page{Limit: 7, Offset: last, HasOffset: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if row.RowID != last+1 {
				t.Fatalf("row %d follows row %d", row.RowID, last)
			}
			last = row.RowID
			count++
		}
		if done && len(rows) == 0 {
			break
		}
	}
	group.Wait()
	if count != writers*each {
		t.Errorf("the reader saw %d of %d rows", count, writers*each)
	}
	t.Logf("%d rows in their order", count)
}

// What was acknowledged to the bank or the wallet is in the next answer, also
// at another gateway; and a credit whose gateway died before numbering it is
// numbered by whoever reads next.
func TestT6_AcknowledgedIsInTheNextAnswer(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	other := bouncetest.Open(t, h.URL, bouncetest.CH())
	w := bouncetest.NewWallet("w")
	remittance := bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
	for i := range 20 {
		h.Receive(t, "ch", bouncetest.Incoming(fmt.Sprint("t", i), "CHF:1", remittance))
		h.Map(t, "ch", w, bouncetest.Reserve(fmt.Sprint(i)), time.Now().Add(time.Duration(i)*time.Second))
		if n := len(other.History(t, "ch")); n != i+1 {
			t.Fatalf("after credit %d the history has %d rows", i+1, n)
		}
	}
	h.Exec(t, `WITH lost AS (DELETE FROM history WHERE row_id = 20 RETURNING account_id, transfer_id)
		INSERT INTO history_queue (account_id, transfer_ids) SELECT account_id, ARRAY[transfer_id] FROM lost`)
	h.Exec(t, `UPDATE accounts SET last_row_id = 19`)
	if rows := other.History(t, "ch"); len(rows) != 20 || rows[19].RowID != 20 {
		t.Errorf("%d rows after the crash", len(rows))
	}
}

func TestHistoryPages(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.X())
	for i := range 9 {
		name := fmt.Sprint("t", i)
		h.Receive(t, "x", bouncetest.Incoming(name, "EUR:1", text(bouncetest.Reserve(name).AccountPub.String())))
	}
	for _, tt := range []struct {
		page bounce.Page
		want []int64
	}{
		{bounce.Page{Limit: 3}, []int64{1, 2, 3}},
		{bounce.Page{Limit: -3}, []int64{9, 8, 7}},
		{bounce.Page{Limit: 3, Offset: 4, HasOffset: true}, []int64{5, 6, 7}},
		{bounce.Page{Limit: -3, Offset: 4, HasOffset: true}, []int64{3, 2, 1}},
		{bounce.Page{Limit: 3, Offset: 8, HasOffset: true}, []int64{9}},
		{bounce.Page{Limit: 3, Offset: 9, HasOffset: true}, nil},
		{bounce.Page{Limit: -3, Offset: 1, HasOffset: true, Timeout: time.Hour}, nil},
	} {
		rows, err := h.Desk.History(t.Context(), h.Account(t, "x"), tt.page)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, row := range rows {
			got = append(got, row.RowID)
		}
		if fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%+v: %v, want %v", tt.page, got, tt.want)
		}
	}
}

func TestLongPollWakes(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.X(), bouncetest.CH())
	a := h.Account(t, "x")
	answers := make(chan []bounce.Credit, 1)
	go func() {
		rows, err := h.Desk.History(t.Context(), a, bounce.Page{Limit: 5, Timeout: time.Minute})
		if err != nil {
			t.Error(err)
		}
		answers <- rows
	}()
	h.Receive(t, "x", bouncetest.Incoming("stray", "EUR:1", text("does not wake")))
	h.Receive(t, "x", bouncetest.Incoming("a", "EUR:1", text(bouncetest.Reserve("a").AccountPub.String())))
	if rows := <-answers; len(rows) != 1 || rows[0].RowID != 1 {
		t.Errorf("%+v", rows)
	}
	// A poll whose caller is gone, or whose gateway shuts down, ends at once and empty.
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := make(chan error, 1)
	go func() {
		rows, err := h.Desk.History(ctx, a, bounce.Page{Limit: 5, Offset: 1, HasOffset: true, Timeout: time.Hour})
		if len(rows) > 0 {
			err = fmt.Errorf("%d rows", len(rows))
		}
		cancelled <- err
	}()
	cancel()
	if err := <-cancelled; err != nil && ctx.Err() == nil {
		t.Error(err)
	}
}

// A credit whose transaction began before, and ends after, many others were
// numbered is found all the same: the mark of what is complete stops below it.
func TestT6_SlowTransactionsAreNotOverlooked(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.X())
	slow, err := h.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// What a gateway does that stops for a while before its commit.
	_, err = slow.Exec(t.Context(), `
		WITH slow AS (
			INSERT INTO transfers (transfer_id, account_id, bank_ref, content_hash, currency, value, fraction, remittance, received, state, settled, credit_type, account_pub)
			VALUES (nextval('transfers_transfer_id'), $1, 'slow', '', 'EUR', 7, 0, '{}', now(), 'credited', now(), 'kyc', $2) RETURNING transfer_id, account_id)
		INSERT INTO history_queue (account_id, transfer_ids) SELECT account_id, ARRAY[transfer_id] FROM slow`, h.Account(t, "x").ID(), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		name := fmt.Sprint("fast", i)
		h.Receive(t, "x", bouncetest.Incoming(name, "EUR:1", text(bouncetest.Reserve(name).AccountPub.String())))
	}
	if n := len(h.History(t, "x")); n != 5 {
		t.Fatalf("%d rows before the slow commit", n)
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rows := h.History(t, "x"); len(rows) != 6 || rows[5].Amount.Value != 7 {
		t.Errorf("%d rows after the slow commit", len(rows))
	}
}

// A database that was restored on another server counts transactions anew.
func TestT6_RestoredDatabase(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.X())
	h.Exec(t, `UPDATE accounts SET numbered_below = '9000000000000'`)
	restarted := bouncetest.Open(t, h.URL, bouncetest.X())
	h.Exec(t, `INSERT INTO transfers (transfer_id, account_id, bank_ref, content_hash, currency, value, fraction, remittance, received, state, settled, credit_type, account_pub)
		VALUES (nextval('transfers_transfer_id'), $1, 'crashed', '', 'EUR', 7, 0, '{}', now(), 'credited', now(), 'kyc', $2)`, h.Account(t, "x").ID(), make([]byte, 32))
	h.Exec(t, `INSERT INTO history_queue (account_id, transfer_ids) SELECT account_id, ARRAY[transfer_id] FROM transfers`)
	if n := len(restarted.History(t, "x")); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// A credit wakes everybody who waits for it, whatever row each has seen last, and
// nobody who waits for more.
func TestT6_OneCreditWakesAll(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.X())
	a := h.Account(t, "x")
	const before = 5
	for i := range before {
		name := fmt.Sprint("before", i)
		h.Receive(t, "x", bouncetest.Incoming(name, "EUR:1", text(bouncetest.Reserve(name).AccountPub.String())))
	}
	var group sync.WaitGroup
	for i := range 200 {
		limit, offset, found := 1+i%3, int64(before), 1
		if i%10 == 0 {
			offset, found = before+1, 0
		}
		group.Go(func() {
			wait := time.Minute
			if found == 0 {
				wait = 2 * time.Second
			}
			rows, err := h.Desk.History(t.Context(), a, bounce.Page{Limit: limit, Offset: offset, HasOffset: true, Timeout: wait})
			if err != nil || len(rows) != found || found == 1 && rows[0].RowID != before+1 {
				t.Errorf("after %d: %+v %v", offset, rows, err)
			}
		})
	}
	h.Receive(t, "x", bouncetest.Incoming("news", "EUR:1", text(bouncetest.Reserve("news").AccountPub.String())))
	group.Wait()
}
