package subjects

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects/postgres"
)

// forgetBatch is how many rows one transaction of Forget looks at, forgetWalk
// how many such steps one run takes over the mappings: a million of them is
// walked over in two days of hourly runs.
const (
	forgetBatch = 1000
	forgetWalk  = 20
)

// Forgotten tells what one run removed.
type Forgotten struct {
	Registrations int // of keys that are their own subject, and of former generations
	Mappings      int // of keys without a live registration
}

// Forget removes what ended longer than age ago and decides nothing any more.
// Rows of the present generation stay whatever their age: they are the supply
// that recycling draws from (S5). A removed mapping leaves its timestamp in
// accounts.mapping_floor, so that its signature never works again (M1). It may
// run anywhere, twice, or never.
func (r *Registry) Forget(ctx context.Context, age time.Duration) (Forgotten, error) {
	var total Forgotten
	for _, a := range r.order {
		n, err := r.forgetRegistrations(ctx, a, age)
		total.Registrations += n
		if err != nil {
			return total, fmt.Errorf("forgetting registrations of account %q: %w", a.Name, err)
		}
	}
	for range forgetWalk {
		n, more, err := r.forgetMappings(ctx, age)
		total.Mappings += n
		if err != nil {
			return total, fmt.Errorf("forgetting mappings: %w", err)
		}
		if !more {
			break
		}
	}
	return total, nil
}

// forgetRegistrations removes rows whose slot nobody hands out: they have none
// (S8), or another generation's. The latter block their subject until the
// quarantine is over.
func (r *Registry) forgetRegistrations(ctx context.Context, a *Account, age time.Duration) (int, error) {
	condition, age := "generation_id IS NULL", age
	if !a.StoresNothing() {
		condition = fmt.Sprintf("generation_id IN (SELECT generation_id FROM generations WHERE account_id = $1 AND generation_id <> %d)", a.generation.id)
		age = max(age, a.Quarantine)
	}
	for total := 0; ; {
		tag, err := r.db.Exec(ctx, `
			DELETE FROM registrations WHERE (account_id, authorization_pub) IN (
				SELECT account_id, authorization_pub FROM registrations r
				WHERE account_id = $1 AND `+condition+` AND expiration <= now()
					AND due_day < ((now() - $2 * interval '1 second') AT TIME ZONE 'UTC')::date
					AND NOT EXISTS (SELECT FROM transfers t
						WHERE t.account_id = r.account_id AND t.authorization_pub = r.authorization_pub AND t.state = 'held')
				ORDER BY due_day LIMIT $3 FOR UPDATE SKIP LOCKED)`, a.id, age.Seconds(), forgetBatch)
		total += int(tag.RowsAffected())
		if err != nil || tag.RowsAffected() < forgetBatch {
			return total, err
		}
	}
}

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
