package bounce

import (
	"context"
	"time"

	"github.com/shortwire/shortwire/subjects"
)

// Payments leases what must be paid now, waiting up to the timeout for the
// first one; with a status it lists payments of that status, newest first, at
// once, and leases nothing.
func (d *Desk) Payments(ctx context.Context, a *subjects.Account, q PaymentQuery) ([]Payment, error) {
	wait, read := q.Timeout, d.leasePayments
	if q.Status != "" {
		wait, read = 0, d.listPayments
	}
	return poll(ctx, d.wakeups, a.ID(), wait, d.config.PollInterval, func() ([]Payment, error) {
		// A transfer whose hold delay has passed is a payment, whether or not
		// a sweeper came by (C1).
		if _, err := d.sweepUnmapped(ctx); err != nil {
			return nil, err
		}
		return read(ctx, a, q)
	})
}

// poll reads until there is something, the time is over, or the caller gives
// up; the end of ctx during the wait gives an empty answer, so that a shutdown
// answers its long polls. Beside wake-ups it reads again at an interval, for
// what no wake-up tells: a lease that lapsed, a lost notification.
func poll[T any](ctx context.Context, h *hub, accountID int32, wait, interval time.Duration, read func() ([]T, error)) ([]T, error) {
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	for {
		woken := h.next(accountID)
		rows, err := read()
		if err != nil || len(rows) > 0 || wait <= 0 {
			return rows, err
		}
		again := time.NewTimer(interval)
		select {
		case <-woken:
		case <-again.C:
		case <-deadline.C:
			again.Stop()
			return nil, nil
		case <-ctx.Done():
			again.Stop()
			return nil, nil
		}
		again.Stop()
	}
}
