package subjects

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// put inserts the items that have a slot and reads those whose key is stored
// already, all in one statement. ON CONFLICT covers both the key (S2) and the
// subject (two generations may meet).
func (a *attempt) put(ctx context.Context, open []int) error {
	var c putColumns
	priced := false
	for _, i := range open {
		c.add(i, &a.items[i], a.slots[i])
		priced = priced || a.items[i].account.Pricing != nil
	}
	sql := putSQL
	if priced {
		sql = pricedPutSQL
	}
	found, err := a.registry.db.Query(ctx, sql, c.ordinals, c.accounts, c.pubs, c.generations, c.indexes, c.references, c.oneShots,
		c.lives, c.firstLives, c.earlier, c.difficulties, c.epochs, c.graced)
	if err != nil {
		return err
	}
	var ordinal int32
	var row registered
	var expiration *time.Time
	_, err = pgx.ForEachRow(found, []any{&ordinal, &row.created, &row.reference, &row.recurrent, &expiration, &row.stale, &row.generation, &row.dear}, func() error {
		copied := row
		if expiration != nil {
			copied.expiration = *expiration
		}
		a.rows[ordinal] = &copied
		return nil
	})
	return err
}

// What the statements below begin and end with. The price is read by the very
// statement that stores: a registration that has less, and no grace, is dear and
// leaves nothing behind.
const (
	putWantSQL = `
	WITH want AS (
		SELECT want.*, p.crowded, want.graced OR want.paid >= p.difficulty AS enough,
			CASE WHEN p.crowded THEN want.first_life ELSE want.life END AS term,
			CASE WHEN p.crowded THEN want.first_life - want.earlier ELSE want.life END AS due
		FROM unnest($1::int[], $2::int[], $3::bytea[], $4::int[], $5::bigint[], $6::text[], $7::bool[],
				$8::float8[], $9::float8[], $10::float8[], $11::bigint[], $12::int[], $13::bool[])
			AS want (ordinal, account_id, authorization_pub, generation_id, slot, subject, one_shot, life, first_life, earlier, paid, epoch, graced)
			JOIN pricing p USING (account_id)
	), done AS (
		INSERT INTO registrations (account_id, authorization_pub, generation_id, slot, subject, recurrent, since, expiration, due_day)
		SELECT account_id, authorization_pub, generation_id, slot, subject, NOT one_shot, now(),
			date_trunc('second', now() + term * interval '1 second'),
			((now() + due * interval '1 second') AT TIME ZONE 'UTC')::date
		FROM want WHERE slot IS NOT NULL AND enough ORDER BY account_id, authorization_pub
		ON CONFLICT DO NOTHING
		RETURNING account_id, authorization_pub, subject, recurrent, expiration, generation_id
	)`
	putFoundSQL = `
	SELECT want.ordinal, true, done.subject, done.recurrent, done.expiration, false, done.generation_id, false
	FROM want JOIN done USING (account_id, authorization_pub)
	UNION ALL
	SELECT want.ordinal, false, r.subject, r.recurrent, r.expiration, r.expiration <= now(), r.generation_id,
		r.expiration <= now() AND NOT want.enough
	FROM want JOIN registrations r USING (account_id, authorization_pub)
	UNION ALL
	SELECT want.ordinal, false, '', false, NULL, false, 0, true
	FROM want LEFT JOIN registrations r USING (account_id, authorization_pub)
	WHERE NOT want.enough AND r.account_id IS NULL`
	// keepSQL counts the accepted registrations of "done" by hour, and remembers
	// what they paid with. It follows "done" and "want", in the same statement.
	keepSQL = `, counted AS (
		INSERT INTO accepted (account_id, hour, shard, registrations)
		SELECT account_id, date_trunc('hour', now()), pg_backend_pid() % 16, count(*)
		FROM done JOIN want USING (account_id, authorization_pub) WHERE want.epoch IS NOT NULL
		GROUP BY account_id ORDER BY account_id
		ON CONFLICT (account_id, hour, shard) DO UPDATE SET registrations = accepted.registrations + excluded.registrations
	), remembered AS (
		INSERT INTO proofs (account_id, authorization_pub, epoch, difficulty)
		SELECT account_id, authorization_pub, want.epoch, want.paid
		FROM done JOIN want USING (account_id, authorization_pub) WHERE want.epoch IS NOT NULL
		ORDER BY account_id, authorization_pub
		ON CONFLICT (account_id, authorization_pub) DO UPDATE SET epoch = excluded.epoch, difficulty = excluded.difficulty
	)`

	putSQL       = putWantSQL + putFoundSQL           // where everything is free
	pricedPutSQL = putWantSQL + keepSQL + putFoundSQL // where something has its price
)

// putColumns are the items of a batch, one slice per column.
type putColumns struct {
	ordinals, accounts, generations []int32
	pubs                            [][]byte
	indexes                         []*int64
	references                      []*string
	oneShots                        []bool
	lives, firstLives, earlier      []float64 // seconds
	difficulties                    []int64
	epochs                          []*int32
	graced                          []bool
}

func (c *putColumns) add(ordinal int, item *registering, s *slot) {
	a := item.account
	c.ordinals = append(c.ordinals, int32(ordinal))
	c.accounts = append(c.accounts, a.id)
	c.generations = append(c.generations, a.generation.id)
	c.pubs = append(c.pubs, item.pub[:])
	c.oneShots = append(c.oneShots, item.oneShot)
	c.lives = append(c.lives, a.RegistrationLifetime.Seconds())
	c.firstLives = append(c.firstLives, a.firstLife().Seconds())
	c.earlier = append(c.earlier, a.earlier().Seconds())
	c.difficulties = append(c.difficulties, item.ticket.difficulty)
	c.epochs = append(c.epochs, item.ticket.epoch)
	c.graced = append(c.graced, item.ticket.graced || a.Pricing == nil)
	if s == nil {
		c.indexes, c.references = append(c.indexes, nil), append(c.references, nil)
		return
	}
	index, reference := int64(s.index), string(s.reference)
	c.indexes, c.references = append(c.indexes, &index), append(c.references, &reference)
}
