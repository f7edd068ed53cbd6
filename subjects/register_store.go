package subjects

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects/postgres"
)

const putSQL = `
	WITH want AS (
		SELECT * FROM unnest($1::int[], $2::int[], $3::bytea[], $4::int[], $5::bigint[], $6::text[], $7::bool[], $8::float8[])
			AS want (ordinal, account_id, authorization_pub, generation_id, slot, subject, one_shot, life)
	), put AS (
		INSERT INTO registrations (account_id, authorization_pub, generation_id, slot, subject, recurrent, since, expiration, due_day)
		SELECT account_id, authorization_pub, generation_id, slot, subject, NOT one_shot, now(),
			date_trunc('second', now() + life * interval '1 second'),
			((now() + life * interval '1 second') AT TIME ZONE 'UTC')::date
		FROM want WHERE slot IS NOT NULL ORDER BY account_id, authorization_pub
		ON CONFLICT DO NOTHING
		RETURNING account_id, authorization_pub, subject, recurrent, expiration, generation_id
	)
	SELECT want.ordinal, true, put.subject, put.recurrent, put.expiration, false, put.generation_id
	FROM want JOIN put USING (account_id, authorization_pub)
	UNION ALL
	SELECT want.ordinal, false, r.subject, r.recurrent, r.expiration, r.expiration <= now(), r.generation_id
	FROM want JOIN registrations r USING (account_id, authorization_pub)`

// revive starts a new life of an expired registration. It keeps its subject,
// which nobody else can have got meanwhile, unless it comes from an older
// generation: then the row goes and the next try draws a slot. A nil row means
// that somebody else was faster.
func (r *Registry) revive(ctx context.Context, item registering, generation int32) (*registered, error) {
	if generation != item.account.generation.id {
		_, err := r.db.Exec(ctx, `
			DELETE FROM registrations
			WHERE account_id = $1 AND authorization_pub = $2 AND generation_id = $3 AND expiration <= now()`,
			item.account.id, item.pub[:], generation)
		return nil, err
	}
	return r.settle(ctx, item, `
		UPDATE registrations SET recurrent = NOT $4, used = false, since = now(),
			expiration = date_trunc('second', now() + $3 * interval '1 second'),
			due_day = ((now() + $3 * interval '1 second') AT TIME ZONE 'UTC')::date
		WHERE account_id = $1 AND authorization_pub = $2 AND expiration <= now()
		RETURNING subject, recurrent, expiration`,
		item.account.id, item.pub[:], item.account.RegistrationLifetime.Seconds(), item.oneShot)
}

// recycle gives the item the slot whose quarantine ended, oldest day first
// (S5). Whole days only: no row of the index is looked at in vain, so the cost
// does not depend on how full the space is (S6); a subject stays blocked up to a
// day longer than its quarantine. A full space is an outcome of this item alone.
func (r *Registry) recycle(ctx context.Context, item registering) (*registered, error) {
	row, err := r.settle(ctx, item, `
		UPDATE registrations SET authorization_pub = $2, recurrent = NOT $4, used = false, since = now(),
			expiration = date_trunc('second', now() + $3 * interval '1 second'),
			due_day = ((now() + $3 * interval '1 second') AT TIME ZONE 'UTC')::date
		WHERE (account_id, authorization_pub) = (
			SELECT account_id, authorization_pub FROM registrations
			WHERE account_id = $1 AND generation_id = $5
				AND due_day < ((now() - $6 * interval '1 second') AT TIME ZONE 'UTC')::date
			ORDER BY due_day LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING subject, recurrent, expiration`,
		item.account.id, item.pub[:], item.account.RegistrationLifetime.Seconds(), item.oneShot,
		item.account.generation.id, item.account.Quarantine.Seconds())
	if row != nil || err != nil {
		return row, err
	}
	refilled, err := r.slots[item.account.id].fillGaps(ctx)
	if refilled || err != nil {
		return nil, err
	}
	err = r.exhausted(ctx, item.account)
	if errors.Is(err, ErrSpaceExhausted) {
		return &registered{err: err}, nil
	}
	return nil, err
}

// settle runs a statement that gives the item its row. No row, or a key that
// somebody else stored meanwhile, gives nil: try again.
func (r *Registry) settle(ctx context.Context, item registering, sql string, args ...any) (*registered, error) {
	row := registered{created: true, generation: item.account.generation.id}
	err := r.db.QueryRow(ctx, sql, args...).Scan(&row.reference, &row.recurrent, &row.expiration)
	if errors.Is(err, pgx.ErrNoRows) || postgres.ConstraintName(err) == "registrations_pkey" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &row, nil
}

// exhausted tells when the next subject of a full space becomes free.
func (r *Registry) exhausted(ctx context.Context, a *Account) error {
	var seconds float64
	err := r.db.QueryRow(ctx, `
		SELECT extract(epoch FROM expiration - now())::float8 FROM registrations
		WHERE generation_id = $1 ORDER BY due_day LIMIT 1`, a.generation.id).Scan(&seconds)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	wait := time.Duration(seconds*float64(time.Second)) + a.Quarantine
	return &RetryLater{Err: ErrSpaceExhausted, After: min(max(wait, time.Minute), 24*time.Hour)}
}
