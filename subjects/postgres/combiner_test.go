package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestCombinerServesALoneCallerAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		c := NewCombiner(CombinerConfig{}, firstLetter, d.run)
		defer c.Close()
		begin := time.Now()
		for _, item := range []string{"a", "b"} {
			if out, err := c.Do(t.Context(), item); err != nil || out != strings.ToUpper(item) {
				t.Errorf("%q, %v", out, err)
			}
		}
		if waited := time.Since(begin); waited != 0 { // the clock of the bubble
			t.Errorf("waited %v", waited)
		}
		d.want(t, "a", "b")
	})
}

func TestCombinerGathersWhileBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{gate: make(chan struct{})}
		c := NewCombiner(CombinerConfig{MaxBatch: 3}, firstLetter, d.run)
		wait := post(t, c, "a", "b", "c", "d", "e")
		d.want(t, "a")
		close(d.gate)
		none(t, wait())
		d.want(t, "a", "b c d", "e")
		c.Close()
	})
}

func TestCombinerUsesAllWorkers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{gate: make(chan struct{})}
		c := NewCombiner(CombinerConfig{Workers: 2}, firstLetter, d.run)
		wait := post(t, c, "a", "b", "c", "d")
		d.want(t, "a", "b")
		d.gate <- struct{}{} // one worker takes all that wait
		synctest.Wait()
		d.want(t, "a", "b", "c d")
		close(d.gate)
		none(t, wait())
		c.Close()
	})
}

func TestCombinerKeepsEqualKeysApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{gate: make(chan struct{})}
		c := NewCombiner(CombinerConfig{}, firstLetter, d.run)
		wait := post(t, c, "x", "a1", "a2", "b1", "a3", "b2", "c1")
		close(d.gate)
		none(t, wait())
		d.want(t, "x", "a1 b1 c1", "a2 b2", "a3")
		c.Close()
	})
}

func TestCombinerWithoutKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{gate: make(chan struct{})}
		c := NewCombiner(CombinerConfig{}, nil, d.run)
		wait := post(t, c, "x", "a", "a", "a")
		close(d.gate)
		none(t, wait())
		d.want(t, "x", "a a a")
		c.Close()
	})
}

func TestCombinerOneBadItemSpoilsNoOther(t *testing.T) {
	t.Parallel()
	for name, poison := range map[string]func() error{
		"error": func() error { return errOwn },
		"panic": func() error { panic("poison") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := &desk{gate: make(chan struct{}), fail: func(items []string) error {
					if slices.Contains(items, "bad") {
						return poison()
					}
					return nil
				}}
				c := NewCombiner(CombinerConfig{}, firstLetter, d.run)
				wait := post(t, c, "x", "a", "bad", "c")
				close(d.gate)
				errs := wait()
				if errs["bad"] == nil {
					t.Error("the bad item succeeded")
				}
				delete(errs, "bad")
				none(t, errs)
				slices.Sort(d.batches[2:]) // singly, but at the same time
				d.want(t, "x", "a bad c", "a", "bad", "c")
				c.Close()
			})
		})
	}
}

// When the server is gone, items are not tried one after the other.
func TestCombinerDoesNotHammerALostServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{gate: make(chan struct{}), fail: func([]string) error { return &pgconn.PgError{Code: "57P01"} }}
		c := NewCombiner(CombinerConfig{}, firstLetter, d.run)
		wait := post(t, c, "x", "a", "b", "c")
		close(d.gate)
		for item, err := range wait() {
			if !IsTransient(err) {
				t.Errorf("%q: %v", item, err)
			}
		}
		d.want(t, "x", "a b c")
		c.Close()
	})
}

func TestCombinerRefusesWrongResults(t *testing.T) {
	t.Parallel()
	c := NewCombiner(CombinerConfig{}, nil, func(context.Context, []int) ([]int, error) { return nil, nil })
	defer c.Close()
	if _, err := c.Do(t.Context(), 1); err == nil {
		t.Error("an item without result succeeded")
	}
}

func TestCombinerIsBusyWhenTheQueueIsFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{gate: make(chan struct{})}
		c := NewCombiner(CombinerConfig{Queue: 2}, firstLetter, d.run)
		wait := post(t, c, "a", "b", "c")
		if _, err := c.Do(t.Context(), "d"); !errors.Is(err, ErrBusy) {
			t.Errorf("got %v", err)
		}
		close(d.gate)
		none(t, wait())
		c.Close()
	})
}

func TestCombinerCallerWhoLeavesStopsOnlyWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{gate: make(chan struct{})}
		c := NewCombiner(CombinerConfig{}, firstLetter, d.run)
		wait := post(t, c, "x")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Do(ctx, "left"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		close(d.gate)
		none(t, wait())
		c.Close()
		d.want(t, "x", "left")
	})
}

func TestCombinerGivesRunADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := NewCombiner(CombinerConfig{Timeout: 3 * time.Second}, nil, func(ctx context.Context, items []int) ([]int, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		defer c.Close()
		begin := time.Now()
		_, err := c.Do(t.Context(), 1)
		if took := time.Since(begin); took != 3*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

func TestCombinerCloseDrains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{gate: make(chan struct{})}
		c := NewCombiner(CombinerConfig{}, firstLetter, d.run)
		wait := post(t, c, "a", "b", "c")
		closed := make(chan struct{})
		go func() { c.Close(); close(closed) }()
		synctest.Wait()
		if _, err := c.Do(t.Context(), "late"); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		select {
		case <-closed:
			t.Error("closed before the items were served")
		default:
		}
		close(d.gate)
		<-closed
		none(t, wait())
		d.want(t, "a", "b c")
	})
}
