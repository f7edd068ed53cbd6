package postgres

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/migrations/testdb"
)

var errOwn = errors.New("own")

func TestInTxCommitsOrRollsBack(t *testing.T) {
	t.Parallel()
	pool := open(t, Config{URL: testdb.Empty(t)})
	execute(t, pool, `CREATE TABLE r (id int)`)
	insert := func(id int, then func() error) (err error) {
		defer func() {
			if recover() != nil {
				err = errOwn
			}
		}()
		return InTx(t.Context(), pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `INSERT INTO r VALUES ($1)`, id); err != nil {
				return err
			}
			return then()
		})
	}
	if err := insert(1, func() error { return nil }); err != nil {
		t.Error(err)
	}
	if err := insert(2, func() error { return errOwn }); !errors.Is(err, errOwn) {
		t.Error(err)
	}
	if err := insert(3, func() error { panic("x") }); !errors.Is(err, errOwn) {
		t.Error(err)
	}
	var got []int32
	if err := pool.QueryRow(t.Context(), `SELECT array_agg(id) FROM r`).Scan(&got); err != nil || len(got) != 1 || got[0] != 1 {
		t.Errorf("rows %v, %v", got, err)
	}
	if n := pool.Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections were not given back", n)
	}
}

func TestInTxIsReadCommitted(t *testing.T) {
	t.Parallel()
	database := testdb.Empty(t)
	pool := open(t, Config{URL: database + "&default_transaction_isolation=serializable"})
	var got string
	err := InTx(t.Context(), pool, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SHOW transaction_isolation`).Scan(&got)
	})
	if err != nil || got != "read committed" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestInTxRefusesNesting(t *testing.T) {
	t.Parallel()
	pool := open(t, Config{URL: testdb.Empty(t)})
	err := InTxContext(t.Context(), pool, func(ctx context.Context, _ pgx.Tx) error {
		return InTx(ctx, pool, func(pgx.Tx) error {
			t.Error("ran inside")
			return nil
		})
	})
	if !errors.Is(err, ErrNested) {
		t.Errorf("got %v", err)
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		code string
		runs int
	}{
		{"serialization_failure", "40001", tries},
		{"deadlock_detected", "40P01", tries},
		{"unique_violation", "23505", 1},
		{"statement timeout", "57014", 1},
		{"admin_shutdown", "57P01", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			runs := 0
			err := Retry(t.Context(), func() error {
				runs++
				return &pgconn.PgError{Code: test.code}
			})
			if runs != test.runs || sqlState(err) != test.code {
				t.Errorf("%d runs, %v", runs, err)
			}
		})
	}
}

func TestRetryEndsWithTheFirstSuccess(t *testing.T) {
	t.Parallel()
	runs := 0
	err := Retry(t.Context(), func() error {
		if runs++; runs < 3 {
			return &pgconn.PgError{Code: deadlockDetected}
		}
		return nil
	})
	if err != nil || runs != 3 {
		t.Errorf("%d runs, %v", runs, err)
	}
}

func TestRetryEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	err := Retry(ctx, func() error {
		runs++
		cancel()
		return &pgconn.PgError{Code: deadlockDetected}
	})
	if runs == tries || (runs > 1 && err == nil) || sqlState(err) != deadlockDetected {
		t.Errorf("%d runs, %v", runs, err)
	}
}

// Two transactions lock two rows in opposite order, and both succeed.
func TestInTxSurvivesARealDeadlock(t *testing.T) {
	t.Parallel()
	pool := open(t, Config{URL: testdb.Empty(t) + "&deadlock_timeout=20ms"})
	execute(t, pool, `CREATE TABLE r (id int PRIMARY KEY, n int)`)
	execute(t, pool, `INSERT INTO r VALUES (1, 0), (2, 0)`)
	var first sync.WaitGroup // both hold their first row
	first.Add(2)
	var runs [2]int
	var errs [2]error
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			errs[i] = InTx(t.Context(), pool, func(tx pgx.Tx) error {
				runs[i]++
				if err := increment(t.Context(), tx, 1+i); err != nil {
					return err
				}
				if runs[i] == 1 {
					first.Done()
					first.Wait()
				}
				return increment(t.Context(), tx, 2-i)
			})
		})
	}
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	if runs[0]+runs[1] < 3 {
		t.Errorf("runs %v: there was no deadlock, so this test tests nothing", runs)
	}
	var total int
	if err := pool.QueryRow(t.Context(), `SELECT sum(n) FROM r`).Scan(&total); err != nil || total != 4 {
		t.Errorf("total %d, %v", total, err)
	}
}

func increment(ctx context.Context, tx pgx.Tx, id int) error {
	_, err := tx.Exec(ctx, `UPDATE r SET n = n + 1 WHERE id = $1`, id)
	return err
}

func TestFullPoolIsBusy(t *testing.T) {
	t.Parallel()
	pool := open(t, Config{URL: testdb.Empty(t), MaxConns: 1})
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	_, err = acquire(t.Context(), pool, 20*time.Millisecond)
	if !errors.Is(err, ErrBusy) || !IsTransient(err) {
		t.Errorf("got %v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = acquire(canceled, pool, time.Minute); !errors.Is(err, context.Canceled) || errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkInTx(b *testing.B) {
	pool := open(b, Config{URL: testdb.Empty(b)})
	for b.Loop() {
		if err := benchmarkTx(b.Context(), pool); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkTx(ctx context.Context, pool *pgxpool.Pool) error {
	return InTx(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT 1`)
		return err
	})
}
