package subjects

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects/postgres"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Unregistration ends a registration before its time.
type Unregistration struct {
	AuthorizationPub taler.EddsaPublicKey
	Timestamp        time.Time            // whole seconds; not before the registration began
	Signature        taler.EddsaSignature // over UnregistrationText, by AuthorizationPub
}

// Unregistered is what an unregistration answers.
type Unregistered struct {
	Returned int  // held transfers that go back to their payers
	Repeated bool // the very same one had ended the registration already
}

// Unregister ends a live registration: its mapping is void, its subject goes to
// quarantine, and its held transfers bounce in the same transaction. The same
// unregistration again changes nothing and is answered alike. Errors:
// ErrBadSignature, and those of End.
func (r *Registry) Unregister(ctx context.Context, a *Account, u Unregistration) (Unregistered, error) {
	if !u.AuthorizationPub.Verify(a.UnregistrationText(u.AuthorizationPub, u.Timestamp), u.Signature) {
		return Unregistered{}, ErrBadSignature
	}
	return r.End(ctx, a, u.AuthorizationPub, u.Timestamp)
}

// End is Unregister for a dialect whose signature the caller has checked. at is
// the signed time: one from before the present life of the registration, or not
// after the last that ended one, ends nothing, so that no signature works for a
// life it was not made for. Errors: ErrFutureTimestamp, ErrUnknownRegistration,
// ErrExpired, ErrOldTimestamp.
func (r *Registry) End(ctx context.Context, a *Account, pub taler.EddsaPublicKey, at time.Time) (Unregistered, error) {
	if at.After(r.options.Now().Add(futureLimit)) {
		return Unregistered{}, ErrFutureTimestamp
	}
	var done Unregistered
	err := postgres.InTxContext(ctx, r.db, func(ctx context.Context, tx pgx.Tx) error {
		life, err := a.lockLife(ctx, tx, pub, at)
		if err != nil {
			return err
		}
		done.Repeated, err = life.mayEnd(a.StoresNothing())
		if done.Repeated || err != nil {
			return err
		}
		if err := a.endLife(ctx, tx, pub, at); err != nil {
			return err
		}
		done.Returned, err = r.options.Releaser.ReturnHeld(ctx, tx, a, pub)
		return err
	})
	if err != nil {
		return Unregistered{}, err
	}
	return done, nil
}

// life is what an unregistration must know of a registration.
type life struct {
	live  bool
	older bool // the unregistration was signed before this life began
	spent bool // one with a later timestamp was accepted before
	same  bool // this very one was accepted before
}

// mayEnd decides. A key that is its own subject has no life that could be over:
// ending what is mapped to it works at any time.
func (l life) mayEnd(storesNothing bool) (repeated bool, err error) {
	switch {
	case l.same && !l.live:
		return true, nil
	case !l.live && !storesNothing:
		return false, ErrExpired
	case l.older || l.spent || l.same:
		return false, ErrOldTimestamp
	}
	return false, nil
}

// lockLife locks the row of the key and reads it. A key that is its own subject
// gets its row here, ended, for the timestamp to be kept in.
func (a *Account) lockLife(ctx context.Context, tx pgx.Tx, pub taler.EddsaPublicKey, at time.Time) (life, error) {
	if a.StoresNothing() {
		_, err := tx.Exec(ctx, `
			INSERT INTO registrations (account_id, authorization_pub, recurrent, since, expiration, due_day)
			VALUES ($1, $2, true, 'epoch', 'epoch', (now() AT TIME ZONE 'UTC')::date) ON CONFLICT DO NOTHING`, a.id, pub[:])
		if err != nil {
			return life{}, err
		}
	}
	var l life
	err := tx.QueryRow(ctx, `
		SELECT expiration > now(), extract(epoch FROM date_trunc('second', since)) > $3::bigint,
			coalesce(unregistered > $3, false), coalesce(unregistered = $3, false)
		FROM registrations WHERE account_id = $1 AND authorization_pub = $2 FOR NO KEY UPDATE`,
		a.id, pub[:], at.Unix()).Scan(&l.live, &l.older, &l.spent, &l.same)
	if errors.Is(err, pgx.ErrNoRows) {
		return l, ErrUnknownRegistration
	}
	return l, err
}

// endLife sets the end to the beginning, so that the life is over for every
// transaction that began within it, whenever it looks. The quarantine counts
// from today. A pending mapping is kept for its timestamp (M1) and dated before
// every life.
func (a *Account) endLife(ctx context.Context, tx pgx.Tx, pub taler.EddsaPublicKey, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE registrations SET expiration = since, unregistered = $3::bigint,
			due_day = (greatest(now(), to_timestamp($3::bigint)) AT TIME ZONE 'UTC')::date
		WHERE account_id = $1 AND authorization_pub = $2`, a.id, pub[:], at.Unix())
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE mappings SET stored = '-infinity'
		WHERE account_id = $1 AND authorization_pub = $2 AND transfer_id IS NULL`, a.id, pub[:])
	return err
}
