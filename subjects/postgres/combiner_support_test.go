package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// desk is a run function that can be held up and writes down its batches. The
// result of an item is the item in upper case.
type desk struct {
	mu      sync.Mutex
	batches []string
	gate    chan struct{} // nil: open
	fail    func(items []string) error
}

func (d *desk) run(_ context.Context, items []string) ([]string, error) {
	d.mu.Lock()
	d.batches = append(d.batches, strings.Join(items, " "))
	d.mu.Unlock()
	if d.gate != nil {
		<-d.gate
	}
	if d.fail != nil {
		if err := d.fail(items); err != nil {
			return nil, err
		}
	}
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = strings.ToUpper(item)
	}
	return out, nil
}

func (d *desk) want(t *testing.T, batches ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.batches, batches) {
		t.Errorf("batches %q, want %q", d.batches, batches)
	}
}

// firstLetter is the key of an item.
func firstLetter(item string) string { return item[:1] }

// post calls Do for each item in order, each in a goroutine, and returns a
// function that waits for the errors.
func post(t *testing.T, c *Combiner[string, string], items ...string) func() map[string]error {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	errs := map[string]error{}
	for _, item := range items {
		wg.Go(func() {
			out, err := c.Do(context.Background(), item)
			if err == nil && out != strings.ToUpper(item) {
				t.Errorf("%q got %q", item, out)
			}
			mu.Lock()
			defer mu.Unlock()
			errs[item] = err
		})
		synctest.Wait() // it is in the queue, or being served
	}
	return func() map[string]error {
		wg.Wait()
		return errs
	}
}

func none(t *testing.T, errs map[string]error) {
	t.Helper()
	for item, err := range errs {
		if err != nil {
			t.Errorf("%q: %v", item, err)
		}
	}
}

// Whatever the load: everybody gets his own result, batches keep their limits,
// and every item is run once.
func TestCombinerProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.IntRange(0, 20), 1, 60).Draw(t, "items")
		maxBatch := rapid.IntRange(1, 8).Draw(t, "max batch")
		workers := rapid.IntRange(1, 3).Draw(t, "workers")
		var mu sync.Mutex
		runs := map[int]int{}
		c := NewCombiner(CombinerConfig{MaxBatch: maxBatch, Workers: workers},
			func(i int) string { return fmt.Sprint(i) },
			func(_ context.Context, batch []int) ([]int, error) {
				mu.Lock()
				defer mu.Unlock()
				if sorted := slices.Sorted(slices.Values(batch)); len(slices.Compact(sorted)) != len(batch) || len(batch) > maxBatch {
					t.Errorf("batch %v", batch)
				}
				out := make([]int, len(batch))
				for i, item := range batch {
					runs[item]++
					out[i] = -item
				}
				return out, nil
			})
		var wg sync.WaitGroup
		for _, item := range items {
			wg.Go(func() {
				if out, err := c.Do(context.Background(), item); err != nil || out != -item {
					t.Errorf("%d: got %d, %v", item, out, err)
				}
			})
		}
		wg.Wait()
		c.Close()
		for _, item := range items {
			runs[item]--
		}
		for item, n := range runs {
			if n != 0 {
				t.Errorf("%d was run %+d times too often", item, n)
			}
		}
	})
}
