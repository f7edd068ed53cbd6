package subjects

import (
	"context"
	"errors"
	"time"
)

// What is kept of the past, longer than anything asks for it.
const (
	keepPrices = 7 * 24 * time.Hour
	keepBatch  = 1000
)

// ForgetPrices deletes what no price, no grace and no proof depends on any more:
// old prices, windows and hours, and proofs that may not be used again. It may
// run anywhere, twice, or never.
func (r *Registry) ForgetPrices(ctx context.Context) error {
	var errs []error
	for _, a := range r.order {
		if a.Pricing == nil {
			continue
		}
		_, err := r.db.Exec(ctx, `
			WITH prices AS (
				-- The newest of them may still be the price of today.
				DELETE FROM prices WHERE account_id = $1 AND published < (SELECT max(published) FROM prices
					WHERE account_id = $1 AND published < now() - $2 * interval '1 second')
			), grace AS (
				DELETE FROM grace WHERE account_id = $1 AND window_start < now() - $2 * interval '1 second'
			)
			DELETE FROM accepted WHERE account_id = $1 AND hour < now() - greatest($2, $3) * interval '1 second'`,
			a.id, keepPrices.Seconds(), (rateMemory * a.Pricing.Law.Smoothing).Seconds())
		errs = append(errs, err, r.forgetProofs(ctx, a))
	}
	return errors.Join(errs...)
}

// forgetProofs deletes in batches, so that no transaction is long.
func (r *Registry) forgetProofs(ctx context.Context, a *Account) error {
	if a.Pricing.Reuse == 0 {
		return nil
	}
	for {
		tag, err := r.db.Exec(ctx, `
			DELETE FROM proofs WHERE (account_id, authorization_pub) IN (
				SELECT account_id, authorization_pub FROM proofs
				WHERE epoch < floor(extract(epoch FROM now() - $2 * interval '1 second') / 86400) - 1 AND account_id = $1
				ORDER BY epoch LIMIT $3 FOR UPDATE SKIP LOCKED)`, a.id, a.Pricing.Reuse.Seconds(), keepBatch)
		if err != nil || tag.RowsAffected() < keepBatch {
			return err
		}
	}
}
<<<<<<< HEAD
=======

// forgetMappings takes one step of the walk over all mappings. There is no
// index by age: it would cost every mapping that is stored. more is false at the
// end of the table, where the next walk begins anew, and while another replica
// walks.
func (r *Registry) forgetMappings(ctx context.Context, age time.Duration) (n int, more bool, err error) {
	err = postgres.InTx(ctx, r.db, func(tx pgx.Tx) error {
		var seen int
		err := tx.QueryRow(ctx, forgetMappingsSQL, age.Seconds(), forgetBatch).Scan(&n, &seen)
		more = seen == forgetBatch
		return err
	})
	return n, more, err
}

// forgetMappingsSQL compares both times: that of the client, because it becomes
// the floor that other keys must exceed, and ours. A mapping that somebody is
// just storing is left alone. Rows are looked up one by one and deleted where
// they lie: the planner would read the whole table for a join with a thousand.
const forgetMappingsSQL = `
	WITH walk AS MATERIALIZED (
		SELECT account_id, authorization_pub FROM walks WHERE name = 'mappings' FOR UPDATE SKIP LOCKED
	), seen AS MATERIALIZED (
		SELECT m.account_id, m.authorization_pub, row_number() OVER (ORDER BY m.account_id, m.authorization_pub) AS n
		FROM walk CROSS JOIN LATERAL (
			SELECT account_id, authorization_pub FROM mappings m
			WHERE (m.account_id, m.authorization_pub) > (walk.account_id, walk.authorization_pub)
			ORDER BY m.account_id, m.authorization_pub LIMIT $2) AS m
	), ended AS MATERIALIZED (
		SELECT m.place FROM seen CROSS JOIN LATERAL (
			SELECT m.ctid AS place FROM mappings m
			WHERE m.account_id = seen.account_id AND m.authorization_pub = seen.authorization_pub
				AND m.stored < now() - $1 * interval '1 second' AND m.mapped < extract(epoch FROM now() - $1 * interval '1 second')
				AND NOT EXISTS (SELECT FROM registrations r
					WHERE r.account_id = m.account_id AND r.authorization_pub = m.authorization_pub AND r.expiration > now())
			LIMIT 1 FOR UPDATE SKIP LOCKED) AS m
	), gone AS (
		DELETE FROM mappings m WHERE m.ctid = ANY (ARRAY(SELECT place FROM ended))
		RETURNING m.account_id, m.mapped
	), floors AS (
		UPDATE accounts a SET mapping_floor = greatest(a.mapping_floor, newest.mapped)
		FROM (SELECT account_id, max(mapped) AS mapped FROM gone GROUP BY account_id) AS newest
		WHERE a.account_id = newest.account_id
	), moved AS (
		UPDATE walks SET account_id = coalesce(last.account_id, 0), authorization_pub = coalesce(last.authorization_pub, '')
		FROM walk LEFT JOIN seen AS last ON last.n = $2
		WHERE walks.name = 'mappings'
	)
	SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM seen)`
>>>>>>> 12a426e (Explain every hot statement and look for tables that are read whole)
