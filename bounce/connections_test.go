package bounce_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/subjects"
)

// Connections die at any moment, in the middle of a transaction or between its
// commit and the answer. When the jobs have posted everything again, every
// transfer is in one state, every key is credited once, every bounce written
// once, and the history has no holes.
func TestT7_ConnectionsDieAnywhere(t *testing.T) {
	t.Parallel()
	const jobs, batches, size = 4, 12, 20
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	var statements [jobs][]bounce.Transfer
	for job := range statements {
		for i := range batches * size {
			name := fmt.Sprint(job, "-", i)
			remittance := text("stray")
			if i%4 > 0 {
				w := bouncetest.NewWallet(name)
				remittance = bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
				if i%4 > 1 {
					h.Map(t, "ch", w, bouncetest.Reserve(name), time.Now())
				}
			}
			statements[job] = append(statements[job], bouncetest.Incoming(name, "CHF:2", remittance))
		}
	}
	postWhileConnectionsDie(t, h, a, size, statements[:]...)
	for job := range statements {
		for i, r := range h.Receive(t, "ch", statements[job]...) {
			want := []bounce.State{bounce.Bounced, bounce.Held, bounce.Credited, bounce.Credited}[i%4]
			if !r.Replay || r.State != want || (want == bounce.Credited) != (r.RowID > 0) {
				t.Fatalf("%+v, want %s", r, want)
			}
		}
	}
	const each = jobs * batches * size / 4
	if n := h.Count(t, `SELECT count(*) FROM payments`); n != each {
		t.Errorf("%d bounces, want %d", n, each)
	}
	history := h.History(t, "ch")
	if len(history) != 2*each || history[len(history)-1].RowID != int64(2*each) {
		t.Errorf("%d rows in the history, the last is %d; want %d", len(history), history[len(history)-1].RowID, 2*each)
	}
}

// postWhileConnectionsDie lets one job per statement post it in batches, each
// again until it is acknowledged, while connections of the gateway are killed.
// After a few rounds the killer waits until a batch was stored, so that a slow
// machine gets through as well.
func postWhileConnectionsDie(t *testing.T, h *bouncetest.House, a *subjects.Account, size int, statements ...[]bounce.Transfer) {
	t.Helper()
	own, err := pgx.Connect(t.Context(), h.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close(context.Background()) //nolint:errcheck // nothing is left to do
	stored, done := make(chan struct{}), make(chan struct{})
	var killer, jobs sync.WaitGroup
	killed, batches := 0, 0
	killer.Go(func() {
		for {
			for range 5 {
				killed += killSome(t, own)
			}
			select {
			case <-done:
				return
			case <-stored:
				batches++
			}
		}
	})
	for _, statement := range statements {
		jobs.Go(func() {
			for batch := range slices.Chunk(statement, size) {
				for tries := 0; ; tries++ {
					if _, err := h.Desk.Receive(t.Context(), a, batch); err == nil {
						stored <- struct{}{}
						break
					} else if tries > 500 {
						t.Errorf("never stored: %v", err)
						return
					}
				}
			}
		})
	}
	jobs.Wait()
	close(done)
	killer.Wait()
	h.Pool.Reset() // the connections that died last are still in it
	if killed < batches {
		t.Errorf("only %d connections were killed", killed)
	}
}

// killSome terminates some backends of the gateway, but never its own, and tells
// how many.
func killSome(t *testing.T, own *pgx.Conn) (n int) {
	err := own.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.3`).Scan(&n)
	if err != nil {
		t.Error(err)
	}
	return n
}
