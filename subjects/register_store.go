package subjects

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects/postgres"
)

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
	return r.settle(ctx, item, reviveSQL)
}

// What a new life of a row that is there already begins with. The arguments are
// those of settle.
const (
	newLifeSQL = `
	WITH want AS (
		SELECT $1::int AS account_id, $2::bytea AS authorization_pub, $7::int AS epoch, $8::bigint AS paid,
			CASE WHEN crowded THEN $5::float8 ELSE $4::float8 END AS term,
			CASE WHEN crowded THEN $5::float8 - $6::float8 ELSE $4::float8 END AS due
		FROM pricing WHERE account_id = $1
	), done AS (
		UPDATE registrations r SET authorization_pub = want.authorization_pub, recurrent = NOT $3::bool, used = false, since = now(),
			unregistered = CASE WHEN r.authorization_pub = want.authorization_pub THEN r.unregistered END,
			expiration = date_trunc('second', now() + want.term * interval '1 second'),
			due_day = ((now() + want.due * interval '1 second') AT TIME ZONE 'UTC')::date
		FROM want `
	oneDoneSQL = `
		RETURNING r.account_id, r.authorization_pub, r.subject, r.recurrent, r.expiration
	)` + keepSQL + `
	SELECT subject, recurrent, expiration FROM done`

	reviveSQL = newLifeSQL + `
		WHERE r.account_id = want.account_id AND r.authorization_pub = want.authorization_pub AND r.expiration <= now()` + oneDoneSQL
	recycleSQL = newLifeSQL + `
		WHERE (r.account_id, r.authorization_pub) = (
			SELECT account_id, authorization_pub FROM registrations
			WHERE account_id = $1 AND generation_id = $9
				AND due_day < ((now() - $10 * interval '1 second') AT TIME ZONE 'UTC')::date
			ORDER BY due_day LIMIT 1 FOR UPDATE SKIP LOCKED)` + oneDoneSQL
)

// recycle gives the item the slot whose quarantine ended, oldest day first
// (S5). Whole days only: no row of the index is looked at in vain, so the cost
// does not depend on how full the space is (S6); a subject stays blocked up to a
// day longer than its quarantine. A full space is an outcome of this item alone.
func (r *Registry) recycle(ctx context.Context, item registering) (*registered, error) {
	row, err := r.settle(ctx, item, recycleSQL, item.account.generation.id, item.account.Quarantine.Seconds())
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

// settle runs a statement that gives the item its row; more are its arguments
// from $9 on. No row, or a key that somebody else stored meanwhile, gives nil: try
// again.
func (r *Registry) settle(ctx context.Context, item registering, sql string, more ...any) (*registered, error) {
	row := registered{created: true, generation: item.account.generation.id}
	a := item.account
	args := append([]any{a.id, item.pub[:], item.oneShot, a.RegistrationLifetime.Seconds(), a.firstLife().Seconds(),
		a.earlier().Seconds(), item.ticket.epoch, item.ticket.difficulty}, more...)
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
		SELECT extract(epoch FROM (due_day + 1)::timestamp AT TIME ZONE 'UTC' - now())::float8 FROM registrations
		WHERE generation_id = $1 ORDER BY due_day LIMIT 1`, a.generation.id).Scan(&seconds)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	wait := time.Duration(seconds*float64(time.Second)) + a.Quarantine
	return &RetryLater{Err: ErrSpaceExhausted, After: min(max(wait, time.Minute), 24*time.Hour)}
}
