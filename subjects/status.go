package subjects

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Status tells a wallet what is known of its key: the grant again, the state of
// the newest mapping, and how many transfers wait. Errors: ErrUnknownRegistration,
// ErrExpired.
func (r *Registry) Status(ctx context.Context, a *Account, pub taler.EddsaPublicKey) (Status, error) {
	var (
		row     registered
		subject *string
		s       Status
	)
	err := r.db.QueryRow(ctx, `
		SELECT r.subject, r.recurrent, r.expiration, r.expiration <= now(),
			CASE WHEN m.stored IS NULL OR m.stored < r.since THEN 'none'
				WHEN m.transfer_id IS NULL THEN 'pending' ELSE 'used' END,
			(SELECT count(*) FROM transfers t
				WHERE t.account_id = r.account_id AND t.authorization_pub = r.authorization_pub
					AND t.state = 'held' AND t.hold_until > now())
		FROM registrations r LEFT JOIN mappings m USING (account_id, authorization_pub)
		WHERE r.account_id = $1 AND r.authorization_pub = $2`, a.id, pub[:]).
		Scan(&subject, &row.recurrent, &row.expiration, &row.stale, &s.Mapping, &s.Held)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return a.unstored(pub)
	case err != nil:
		return Status{}, err
	case a.StoresNothing():
		return a.anchored(pub, row, s), nil
	case row.stale:
		return Status{}, ErrExpired
	}
	row.reference = wire.Reference(*subject)
	s.Grant = a.grant(Request{AuthorizationPub: pub}, row)
	return s, nil
}

// unstored is the status of a key without a row: unknown, unless the method
// stores nothing (S8).
func (a *Account) unstored(pub taler.EddsaPublicKey) (Status, error) {
	if !a.StoresNothing() {
		return Status{}, ErrUnknownRegistration
	}
	return a.anchored(pub, registered{stale: true}, Status{}), nil
}

// anchored is the status of a key that is its own subject: it never expires,
// only what is mapped to it does.
func (a *Account) anchored(pub taler.EddsaPublicKey, row registered, s Status) Status {
	if row.stale {
		s.Mapping = MappingNone
	}
	row = registered{reference: a.Method.(wire.KeyCarrier).EncodeKey(pub), recurrent: row.stale || row.recurrent}
	s.Grant = a.grant(Request{AuthorizationPub: pub}, row)
	return s
}
