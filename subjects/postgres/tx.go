package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// acquireLimit bounds the wait for a free connection of the pool. A transaction
// that takes a second connection can stop everything; so can a pool that is
// simply too small. Both shall end, and be seen.
const acquireLimit = 5 * time.Second

// Retries of a conflict: up to tries runs, with pauses of up to firstPause,
// doubled each time. PostgreSQL finds a deadlock only after a second
// (deadlock_timeout), so more tries would outlast the caller.
const (
	tries      = 6
	firstPause = 4 * time.Millisecond
)

// InTx runs fn in one READ COMMITTED transaction: committed when fn returns
// nil, rolled back when it returns an error or panics. The error of fn is
// returned as it is.
//
// fn runs again after a conflict (SQLSTATE 40001 or 40P01), so it must not keep
// state between runs. It must use tx only: a second connection inside a
// transaction is how pools stop.
//
// Errors beside fn's: ErrNested, ErrBusy when no connection became free, and
// what the server says.
func InTx(ctx context.Context, pool *pgxpool.Pool, fn func(tx pgx.Tx) error) error {
	return InTxContext(ctx, pool, func(_ context.Context, tx pgx.Tx) error { return fn(tx) })
}

// InTxContext is InTx for an fn that calls others with a context: the context it
// gets is marked, and InTx refuses it with ErrNested.
func InTxContext(ctx context.Context, pool *pgxpool.Pool, fn func(ctx context.Context, tx pgx.Tx) error) error {
	if ctx.Value(inTx{}) != nil {
		return wrap(ErrNested)
	}
	marked := context.WithValue(ctx, inTx{}, true)
	return Retry(ctx, func() error { return once(marked, pool, fn) })
}

// inTx is the mark in the context of a transaction.
type inTx struct{}

func once(ctx context.Context, pool *pgxpool.Pool, fn func(context.Context, pgx.Tx) error) error {
	conn, err := acquire(ctx, pool, acquireLimit)
	if err != nil {
		return err
	}
	defer conn.Release()
	return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.ReadCommitted},
		func(tx pgx.Tx) error { return fn(ctx, tx) })
}

func acquire(ctx context.Context, pool *pgxpool.Pool, limit time.Duration) (*pgxpool.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, err := pool.Acquire(limited)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return nil, wrap(fmt.Errorf("%w (no connection became free: %w)", ErrBusy, err))
	}
	return conn, err
}

// Retry runs fn until it returns something else than a conflict (SQLSTATE 40001
// or 40P01), a few times at most, with growing pauses of random length. It is
// for work that is one transaction by itself, such as one batch. The last error
// is returned as it is; a context that ends during a pause is joined to it.
func Retry(ctx context.Context, fn func() error) error {
	pause := firstPause
	for try := 1; ; try++ {
		err := fn()
		if err == nil || !isConflict(err) || try == tries {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(rand.N(pause)): // jitter only: nothing depends on it
		}
		pause *= 2
	}
}
