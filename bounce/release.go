package bounce

import (
	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
)

// Releaser credits held transfers when their mapping arrives (M4). It is handed
// to the registry, which runs it inside the batch that stores the mappings.
type Releaser struct{}

var _ subjects.Releaser = Releaser{}

// QueueRelease credits the oldest held transfer of each key whose mapping is
// pending: the case of Decide in which a live registration has an unused
// mapping of an uncredited key. A transfer whose hold delay has passed is not
// released, whether or not the sweeper came by (C1).
func (Releaser) QueueRelease(b *pgx.Batch, accounts []*subjects.Account, keys [][]byte, released func(i int)) {
	var (
		ids       []int32
		lives     []float64
		values    []int64
		fractions []int32
	)
	for _, a := range accounts {
		ids = append(ids, a.ID())
		lives = append(lives, a.RegistrationLifetime.Seconds())
		values = append(values, int64(a.MinimumExtensionAmount.Value))
		fractions = append(fractions, int32(a.MinimumExtensionAmount.Fraction))
	}
	b.Queue(releaseSQL, ids, keys, lives, values, fractions).Query(func(rows pgx.Rows) error {
		var n int
		_, err := pgx.ForEachRow(rows, []any{&n}, func() error {
			released(n - 1)
			return nil
		})
		return err
	})
}

// releaseSQL looks for the oldest held transfer key by key, and locks it while
// looking: a sweeper may just be bouncing it, then the next one is taken. Both
// keep the statement's cost a few index probes per key, however many transfers
// are held. What else is held under a one-shot registration waits in vain from
// now on: its deadline is over, with a reason of its own, and the sweeper sends
// it back.
const releaseSQL = `
	WITH want AS (
		SELECT * FROM unnest($1::int[], $2::bytea[], $3::float8[], $4::bigint[], $5::int[]) WITH ORDINALITY
			AS want (account_id, authorization_pub, life, minimum_value, minimum_fraction, n)
	), oldest AS MATERIALIZED (
		SELECT t.transfer_id, want.n, want.life, (t.value, t.fraction) >= (want.minimum_value, want.minimum_fraction) AS extend,
			m.type, m.account_pub, m.wad_id, m.origin_exchange_url, m.mapped, m.authorization_sig
		FROM want JOIN mappings m USING (account_id, authorization_pub)
			JOIN registrations r USING (account_id, authorization_pub)
			LEFT JOIN transfers taken ON m.type = 'reserve' AND taken.account_pub = m.account_pub AND taken.credit_type = 'reserve'
			CROSS JOIN LATERAL (
				SELECT held.transfer_id, held.value, held.fraction FROM transfers held
				WHERE held.account_id = want.account_id AND held.authorization_pub = want.authorization_pub
					AND held.state = 'held' AND held.hold_until > now()
				ORDER BY held.transfer_id LIMIT 1 FOR UPDATE) AS t
		WHERE m.transfer_id IS NULL AND m.stored >= r.since AND taken.transfer_id IS NULL
			AND r.expiration > now() AND (r.recurrent OR NOT r.used)
	), credited AS (
		UPDATE transfers t SET state = 'credited', settled = now(), credit_type = oldest.type, account_pub = oldest.account_pub,
			wad_id = oldest.wad_id, origin_exchange_url = oldest.origin_exchange_url,
			mapped = oldest.mapped, authorization_sig = oldest.authorization_sig
		FROM oldest WHERE t.transfer_id = oldest.transfer_id
		RETURNING t.transfer_id, t.account_id, t.authorization_pub, oldest.n, oldest.life, oldest.extend
	), consumed AS (
		UPDATE mappings m SET transfer_id = c.transfer_id FROM credited c
		WHERE m.account_id = c.account_id AND m.authorization_pub = c.authorization_pub AND m.transfer_id IS NULL
	), extended AS (
		UPDATE registrations r SET used = true,
			expiration = CASE WHEN c.extend THEN greatest(r.expiration, date_trunc('second', now() + c.life * interval '1 second')) ELSE r.expiration END,
			due_day = CASE WHEN c.extend THEN greatest(r.due_day, ((now() + c.life * interval '1 second') AT TIME ZONE 'UTC')::date) ELSE r.due_day END
		FROM credited c
		WHERE r.account_id = c.account_id AND r.authorization_pub = c.authorization_pub
	), spent AS (
		UPDATE transfers t SET hold_until = t.received, reason = 'reused' FROM credited c JOIN registrations r USING (account_id, authorization_pub)
		WHERE NOT r.recurrent AND t.account_id = c.account_id AND t.authorization_pub = c.authorization_pub
			AND t.state = 'held' AND t.hold_until > now() AND t.transfer_id <> c.transfer_id
	), listed AS (
		INSERT INTO history_queue (account_id, transfer_ids) SELECT account_id, array_agg(transfer_id) FROM credited GROUP BY account_id
	)
	SELECT n::int FROM credited`
