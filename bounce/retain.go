package bounce

import (
	"context"
	"fmt"
)

// trimBatch is how many transfers one step of the walk looks at, trimWalk how
// many steps one run takes.
const (
	trimBatch = 1000
	trimWalk  = 100
)

// Retained tells what one run of Retain removed.
type Retained struct {
	Registrations int // that ended and whose subject nobody gets
	Mappings      int // of keys without a live registration
	Texts         int // remittance texts of transfers that are finished
}

// Retain removes what is older than the retention and decides nothing any more;
// without a retention it does nothing. Transfers, history and payments stay for
// ever: they tell replays (T1), used reserve keys (M3) and what the exchange may
// still ask for. Of a finished transfer only the text goes, which is personal
// data and most of its size; its hash stays, and so do its sightings, without
// their marks. Like Sweep it may run anywhere, twice, or never.
func (d *Desk) Retain(ctx context.Context) (Retained, error) {
	var total Retained
	if d.config.Retention == 0 {
		return total, nil
	}
	forgotten, err := d.registry.Forget(ctx, d.config.Retention)
	total.Registrations, total.Mappings = forgotten.Registrations, forgotten.Mappings
	for range trimWalk {
		if err != nil {
			return total, err
		}
		var n int
		var more bool
		n, more, err = d.trimTexts(ctx)
		total.Texts += n
		if !more {
			break
		}
	}
	return total, err
}

// trimTexts takes one step of the walk over the transfers, in the order of their
// numbers, which is that of time but for moments. It goes no further than the
// first one that is too young. One that is not finished although it is that old
// keeps its text.
func (d *Desk) trimTexts(ctx context.Context) (n int, more bool, err error) {
	var seen int
	err = d.db.QueryRow(ctx, trimSQL, d.config.Retention.Seconds(), trimBatch).Scan(&n, &seen)
	if err != nil {
		return 0, false, fmt.Errorf("trimming transfers: %w", err)
	}
	return n, seen == trimBatch, nil
}

const trimSQL = `
	WITH walk AS MATERIALIZED (
		SELECT transfer_id FROM walks WHERE name = 'transfers' FOR UPDATE SKIP LOCKED
	), seen AS MATERIALIZED (
		SELECT t.transfer_id, t.received < now() - $1 * interval '1 second' AS old
		FROM walk CROSS JOIN LATERAL (
			SELECT transfer_id, received FROM transfers t
			WHERE t.transfer_id > walk.transfer_id ORDER BY t.transfer_id LIMIT $2) AS t
	), passed AS MATERIALIZED (
		SELECT transfer_id FROM seen
		WHERE transfer_id < coalesce((SELECT min(transfer_id) FROM seen WHERE NOT old), 9223372036854775807)
	), trimmed AS (
		UPDATE transfers t SET remittance = '{}' FROM passed
		WHERE t.transfer_id = passed.transfer_id AND t.remittance::text <> '{}'
			AND (t.state = 'credited' OR t.written_off IS NOT NULL OR t.state = 'bounced' AND EXISTS (
				SELECT FROM payments p WHERE p.transfer_id = t.transfer_id AND p.kind = 'bounce' AND p.status = 'success'))
		RETURNING t.transfer_id
	), forgotten AS (
		UPDATE sightings SET marks = NULL
		WHERE transfer_id BETWEEN (SELECT min(transfer_id) FROM passed) AND (SELECT max(transfer_id) FROM passed) AND marks IS NOT NULL
	), moved AS (
		UPDATE walks SET transfer_id = last.transfer_id
		FROM (SELECT max(transfer_id) AS transfer_id FROM passed) AS last
		WHERE walks.name = 'transfers' AND last.transfer_id IS NOT NULL
	)
	SELECT (SELECT count(*) FROM trimmed), (SELECT count(*) FROM passed)`
