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
func (Releaser) QueueRelease(b *pgx.Batch, accounts []*subjects.Account, keys [][]byte) {
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
	b.Queue(releaseSQL, ids, keys, lives, values, fractions)
}

const releaseSQL = `
	WITH want AS (
		SELECT * FROM unnest($1::int[], $2::bytea[], $3::float8[], $4::bigint[], $5::int[])
			AS want (account_id, authorization_pub, life, minimum_value, minimum_fraction)
	), oldest AS (
		SELECT DISTINCT ON (t.account_id, t.authorization_pub) t.transfer_id, want.life,
			(t.value, t.fraction) >= (want.minimum_value, want.minimum_fraction) AS extend,
			m.type, m.account_pub, m.wad_id, m.origin_exchange_url, m.mapped, m.authorization_sig
		FROM want JOIN mappings m USING (account_id, authorization_pub)
			JOIN registrations r USING (account_id, authorization_pub)
			JOIN transfers t USING (account_id, authorization_pub)
		WHERE m.transfer_id IS NULL AND m.stored >= r.since
			AND r.expiration > now() AND (r.recurrent OR NOT r.used)
			AND t.state = 'held' AND t.hold_until > now()
			AND NOT (m.type = 'reserve' AND EXISTS (
				SELECT FROM transfers c WHERE c.account_pub = m.account_pub AND c.credit_type = 'reserve'))
		ORDER BY t.account_id, t.authorization_pub, t.transfer_id
	), credited AS (
		UPDATE transfers t SET state = 'credited', settled = now(), credit_type = oldest.type, account_pub = oldest.account_pub,
			wad_id = oldest.wad_id, origin_exchange_url = oldest.origin_exchange_url,
			mapped = oldest.mapped, authorization_sig = oldest.authorization_sig
		FROM oldest WHERE t.transfer_id = oldest.transfer_id AND t.state = 'held'
		RETURNING t.transfer_id, t.account_id, t.authorization_pub, oldest.life, oldest.extend
	), consumed AS (
		UPDATE mappings m SET transfer_id = c.transfer_id FROM credited c
		WHERE m.account_id = c.account_id AND m.authorization_pub = c.authorization_pub AND m.transfer_id IS NULL
	), extended AS (
		UPDATE registrations r SET used = true,
			expiration = CASE WHEN c.extend THEN greatest(r.expiration, date_trunc('second', now() + c.life * interval '1 second')) ELSE r.expiration END,
			due_day = CASE WHEN c.extend THEN greatest(r.due_day, ((now() + c.life * interval '1 second') AT TIME ZONE 'UTC')::date) ELSE r.due_day END
		FROM credited c
		WHERE r.account_id = c.account_id AND r.authorization_pub = c.authorization_pub
	)
	INSERT INTO history (transfer_id, account_id) SELECT transfer_id, account_id FROM credited`
