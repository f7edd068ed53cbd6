package postgres

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// CombinerConfig bounds a Combiner. Zero values take the defaults.
type CombinerConfig struct {
	MaxBatch int           // items of one call of run; 0: 64
	Workers  int           // calls of run at once; 0: 1
	Queue    int           // items that wait; 0: 1024
	Timeout  time.Duration // of one call of run; 0: 10 s
}

// Combiner serves many concurrent callers with few calls of a function that
// takes many items at once, because a statement for a hundred rows costs little
// more than one for a single row.
//
// It never waits to fill a batch. A caller who finds a worker's place free runs
// the batch himself, since handing it to another goroutine would cost more than
// the statement; callers who come meanwhile queue up and are the next batch. So
// a lone caller waits for one call, and batches grow with the load by themselves.
//
// One bad item does not spoil others: a batch that fails is run again item by
// item. See NewCombiner for what that asks of run.
type Combiner[In, Out any] struct {
	config CombinerConfig
	key    func(In) string
	run    func(ctx context.Context, items []In) ([]Out, error)

	mu      sync.Mutex
	queue   []*call[In, Out] // in order of arrival
	running int              // workers at work
	closed  bool
	workers sync.WaitGroup
}

// call is one item and the caller who waits for it.
type call[In, Out any] struct {
	in   In
	key  string
	out  Out
	err  error
	done chan struct{} // closed when out and err are final
}

// NewCombiner returns a combiner over run. The caller closes it.
//
// Items with the same key never share a batch, and come in the order of their
// arrival if there is one worker; key may be nil when items cannot collide.
// Batches of several workers run at the same time, so run must lock rows in one
// order, such as that of its keys.
//
// run answers for each item, in order: out[i] belongs to items[i]. An outcome
// of one item is part of its Out; an error says that the whole call did nothing,
// or that it is harmless to do it again. After an error the items are run one by
// one, each with a deadline of its own, except when the database could not be
// reached in time, which all would suffer alike. A panic counts as an error. The context
// of run is no caller's: it ends by the Timeout alone.
func NewCombiner[In, Out any](c CombinerConfig, key func(In) string,
	run func(ctx context.Context, items []In) ([]Out, error)) *Combiner[In, Out] {
	c.MaxBatch = cmp.Or(c.MaxBatch, 64)
	c.Workers = cmp.Or(c.Workers, 1)
	c.Queue = cmp.Or(c.Queue, 1024)
	c.Timeout = cmp.Or(c.Timeout, 10*time.Second)
	return &Combiner[In, Out]{config: c, key: key, run: run}
}

// Do has an item run and returns its result. When ctx ends while the item waits
// or is run by another caller, Do returns its error, and the item is run all the
// same. A caller who runs the batch himself stays until it is done, at most the
// Timeout.
//
// Errors: ErrBusy at once when the queue is full, ErrClosed, the error of ctx,
// and those of run for this item.
func (c *Combiner[In, Out]) Do(ctx context.Context, in In) (Out, error) {
	item := &call[In, Out]{in: in, done: make(chan struct{})}
	if c.key != nil {
		item.key = c.key(in)
	}
	var none Out
	lead, err := c.enqueue(item)
	if err != nil {
		return none, err
	}
	if lead {
		c.lead()
	}
	select {
	case <-item.done:
		return item.out, item.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// Close refuses new items and returns when every accepted one has its result.
func (c *Combiner[In, Out]) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.workers.Wait()
}

// enqueue adds an item and tells whether a worker's place is free: then the
// caller has it.
func (c *Combiner[In, Out]) enqueue(item *call[In, Out]) (lead bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return false, wrap(ErrClosed)
	case len(c.queue) >= c.config.Queue:
		return false, wrap(fmt.Errorf("%w (%d requests wait)", ErrBusy, len(c.queue)))
	}
	c.queue = append(c.queue, item)
	if c.running == c.config.Workers {
		return false, nil
	}
	c.running++
	c.workers.Add(1)
	return true, nil
}

// lead runs one batch in the goroutine of a caller, and leaves what has queued
// up meanwhile to a goroutine of its own.
func (c *Combiner[In, Out]) lead() {
	c.serve(c.take())
	if c.idle() {
		c.workers.Done()
		return
	}
	go func() {
		defer c.workers.Done()
		for {
			c.serve(c.take())
			if c.idle() {
				return
			}
		}
	}()
}

// idle gives the worker's place up when nothing is queued.
func (c *Combiner[In, Out]) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) > 0 {
		return false
	}
	c.running--
	return true
}

// take removes the next batch from the queue. Another worker may have been
// faster, then it is empty. Items whose key is in the batch already keep their
// place.
func (c *Combiner[In, Out]) take() []*call[In, Out] {
	c.mu.Lock()
	defer c.mu.Unlock()
	batch := make([]*call[In, Out], 0, min(len(c.queue), c.config.MaxBatch))
	left := make([]*call[In, Out], 0, len(c.queue))
	taken := make(map[string]bool, cap(batch))
	for _, item := range c.queue {
		if len(batch) == c.config.MaxBatch || (c.key != nil && taken[item.key]) {
			left = append(left, item)
			continue
		}
		taken[item.key] = true
		batch = append(batch, item)
	}
	c.queue = left
	return batch
}

func (c *Combiner[In, Out]) serve(batch []*call[In, Out]) {
	if len(batch) == 0 {
		return
	}
	err := c.attempt(batch)
	if err != nil && len(batch) > 1 {
		c.serveSingly(batch, err)
		return
	}
	finish(batch, err)
}

// singly is how many items of a failed batch run at once. A few items that wait
// for a lock must not keep the others waiting behind them.
const singly = 8

// serveSingly stops when an error concerns the server: every further item would
// wait for the same.
func (c *Combiner[In, Out]) serveSingly(batch []*call[In, Out], err error) {
	var away atomic.Pointer[error]
	if isUnreachable(err) {
		away.Store(&err)
	}
	var group errgroup.Group
	group.SetLimit(singly)
	for i := range batch {
		group.Go(func() error {
			if known := away.Load(); known != nil {
				finish(batch[i:i+1], *known)
				return nil
			}
			err := c.attempt(batch[i : i+1])
			if isUnreachable(err) {
				away.Store(&err)
			}
			finish(batch[i:i+1], err)
			return nil
		})
	}
	_ = group.Wait() // every item has its own error
}

// attempt is one call of run. It sets the results if there was no error.
func (c *Combiner[In, Out]) attempt(batch []*call[In, Out]) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("postgres: panic in a combined call: %v\n%s", r, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), c.config.Timeout)
	defer cancel()
	items := make([]In, len(batch))
	for i, item := range batch {
		items[i] = item.in
	}
	outs, err := c.run(ctx, items)
	if err != nil {
		return err
	}
	if len(outs) != len(items) {
		return fmt.Errorf("postgres: a combined call of %d items gave %d results", len(items), len(outs))
	}
	for i, item := range batch {
		item.out = outs[i]
	}
	return nil
}

func finish[In, Out any](batch []*call[In, Out], err error) {
	for _, item := range batch {
		item.err = err
		close(item.done)
	}
}
