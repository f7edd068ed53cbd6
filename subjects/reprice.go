package subjects

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/pow"
	"github.com/shortwire/shortwire/subjects/postgres"
)

// Counting blocked subjects takes time in large spaces, so it is done at most
// once in countPause, and at most countShare of the time is spent on it.
// Meanwhile what was accepted is added: that is never too little.
const (
	countPause = time.Minute
	countShare = 50 // one part in so many
	countLimit = time.Minute
)

// rateMemory is how many times the smoothing a registration is remembered: then
// it weighs less than a hundred-thousandth.
const rateMemory = 12

// priceState is a row of pricing with what the law needs besides.
type priceState struct {
	price    pow.Price
	now      time.Time // of the database
	base     *int64    // set by an operator
	seal     *int
	blocked  int64 // as counted, with all that was accepted since
	accepted []pow.Count
}

// Reprice publishes the present price of every account, and counts its blocked
// subjects anew where that is due. Any replica may do so at any time.
func (r *Registry) Reprice(ctx context.Context) error {
	var errs []error
	for _, a := range r.order {
		if a.StoresNothing() {
			continue
		}
		if err := r.recount(ctx, a); err != nil {
			errs = append(errs, fmt.Errorf("account %q: counting: %w", a.Name, err))
		}
		if err := r.reprice(ctx, a); err != nil {
			errs = append(errs, fmt.Errorf("account %q: pricing: %w", a.Name, err))
		}
	}
	return errors.Join(errs...)
}

// reprice applies the law to the state of one account, under the lock of its
// row: who comes second sees what the first one saw, and more.
func (r *Registry) reprice(ctx context.Context, a *Account) error {
	return postgres.InTx(ctx, r.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT FROM pricing WHERE account_id = $1 FOR UPDATE`, a.id); err != nil {
			return err
		}
		s, err := a.readPriceState(ctx, tx)
		if err != nil {
			return err
		}
		next := a.law(s).Next(a.load(s), s.price, s.now)
		return a.publish(ctx, tx, next, a.crowded(s))
	})
}

// law is that of the configuration, with the base price of the operator.
func (a *Account) law(s *priceState) pow.Law {
	if a.Pricing == nil {
		return pow.Law{RowBudget: 1, Smoothing: 1, Halving: 1} // everything is free
	}
	law := a.Pricing.Law
	if s.base != nil {
		law.Base = uint64(*s.base)
	}
	return law
}

func (a *Account) load(s *priceState) pow.Load {
	return pow.Load{Blocked: uint64(s.blocked), Rate: a.law(s).Smoothed(s.accepted, s.now), Size: a.generation.size}
}

func (a *Account) crowded(s *priceState) bool { return uint64(s.blocked) > a.generation.size/2 }

func (a *Account) publish(ctx context.Context, tx pgx.Tx, next pow.Price, crowded bool) error {
	b := &pgx.Batch{}
	b.Queue(`UPDATE pricing SET difficulty = $2, fall = $3, crowded = $4, priced = now() WHERE account_id = $1`,
		a.id, int64(next.Difficulty), next.Fall, crowded)
	b.Queue(`
		INSERT INTO prices (account_id, published, difficulty)
		SELECT $1, now(), $2 WHERE $2 IS DISTINCT FROM
			(SELECT difficulty FROM prices WHERE account_id = $1 ORDER BY published DESC LIMIT 1)
		ON CONFLICT (account_id, published) DO UPDATE SET difficulty = excluded.difficulty`,
		a.id, int64(next.Difficulty))
	return tx.SendBatch(ctx, b).Close()
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func (a *Account) readPriceState(ctx context.Context, db querier) (*priceState, error) {
	var s priceState
	var difficulty int64
	err := db.QueryRow(ctx, `
		SELECT p.difficulty, p.fall, now(), p.base_difficulty, p.seal_bits, greatest(0, p.blocked - p.counted_accepted + (
			SELECT coalesce(sum(registrations), 0)::bigint FROM accepted
			WHERE account_id = $1 AND hour >= date_trunc('hour', p.counted)))
		FROM pricing p WHERE account_id = $1`, a.id).
		Scan(&difficulty, &s.price.Fall, &s.now, &s.base, &s.seal, &s.blocked)
	if err != nil {
		return nil, err
	}
	s.price.Difficulty = uint64(difficulty)
	if a.Pricing == nil {
		return &s, nil
	}
	s.accepted, err = a.readAccepted(ctx, db, s.now)
	return &s, err
}

// readAccepted returns what was accepted in each hour that still counts.
func (a *Account) readAccepted(ctx context.Context, db querier, now time.Time) ([]pow.Count, error) {
	rows, err := db.Query(ctx, `
		SELECT hour, sum(registrations)::bigint FROM accepted
		WHERE account_id = $1 AND hour > now() - $2 * interval '1 second' GROUP BY hour ORDER BY hour`,
		a.id, (rateMemory * a.Pricing.Law.Smoothing).Seconds())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (pow.Count, error) {
		var c pow.Count
		var n int64
		err := row.Scan(&c.From, &n)
		c.Accepted = uint64(n)
		c.To = c.From.Add(time.Hour)
		if c.To.After(now) {
			c.To = now
		}
		return c, err
	})
}

// recount counts the blocked subjects of one account if it is due. What the
// statement sees of registrations and of accepted is one moment.
func (r *Registry) recount(ctx context.Context, a *Account) error {
	var counted, now time.Time
	var took time.Duration
	err := r.db.QueryRow(ctx, `SELECT greatest(counted, '1970-01-01'), counted_in, now() FROM pricing WHERE account_id = $1`, a.id).
		Scan(&counted, &took, &now)
	if err != nil || now.Sub(counted) < max(countPause, countShare*took) {
		return err
	}
	return postgres.InTx(ctx, r.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf(`SET LOCAL statement_timeout = %d`, countLimit.Milliseconds())); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE pricing SET counted = now(), counted_in = clock_timestamp() - now(),
				blocked = seen.blocked, counted_accepted = seen.accepted
			FROM (SELECT
				(SELECT count(*) FROM registrations WHERE generation_id = $2
					AND due_day >= ((now() - $3 * interval '1 second') AT TIME ZONE 'UTC')::date) AS blocked,
				(SELECT coalesce(sum(registrations), 0) FROM accepted WHERE account_id = $1 AND hour >= date_trunc('hour', now())) AS accepted
				OFFSET 0) AS seen
			WHERE account_id = $1 AND greatest(counted, '1970-01-01') = $4`,
			a.id, a.generation.id, a.Quarantine.Seconds(), counted)
		return err
	})
}
