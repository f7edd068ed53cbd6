package subjects

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// lookup asks what is stored of a key before anything is asked of its wallet.
// Look-ups share statements, so that a flood of them takes one connection.
type lookup struct {
	account *Account
	pub     taler.EddsaPublicKey
}

// looked is what is stored of a key.
type looked struct {
	live bool
	row  registered // when live

	epoch      *int32 // of the proof with which it was registered last
	difficulty *int64
}

// paid tells whether the key was registered with this proof before. What is
// compared is what the price depends on; that the solution fits the key, the
// epoch and the difficulty has been checked, but for Argon2id.
func (l *looked) paid(p *Proof) bool {
	return l.epoch != nil && uint32(*l.epoch) == p.Epoch && uint64(*l.difficulty) == p.Difficulty
}

// An unknown key gives no row: a flood of them shall not be carried back.
const lookupSQL = `
	SELECT want.ordinal::int, r.subject, r.recurrent, r.expiration, r.generation_id, p.epoch, p.difficulty
	FROM unnest($1::int[], $2::bytea[]) WITH ORDINALITY AS want (account_id, authorization_pub, ordinal)
		LEFT JOIN registrations r ON r.account_id = want.account_id AND r.authorization_pub = want.authorization_pub AND r.expiration > now()
		LEFT JOIN proofs p ON p.account_id = want.account_id AND p.authorization_pub = want.authorization_pub
	WHERE r.account_id IS NOT NULL OR p.account_id IS NOT NULL`

// lookupAll serves a batch with one statement.
func (r *Registry) lookupAll(ctx context.Context, items []lookup) ([]looked, error) {
	accounts, pubs := make([]int32, len(items)), make([][]byte, len(items))
	for i := range items {
		accounts[i], pubs[i] = items[i].account.id, items[i].pub[:]
	}
	rows, err := r.db.Query(ctx, lookupSQL, accounts, pubs)
	if err != nil {
		return nil, err
	}
	out := make([]looked, len(items))
	var (
		ordinal    int32
		subject    *string
		recurrent  *bool
		expiration *time.Time
		generation *int32
		found      looked
	)
	_, err = pgx.ForEachRow(rows, []any{&ordinal, &subject, &recurrent, &expiration, &generation, &found.epoch, &found.difficulty}, func() error {
		l := looked{epoch: found.epoch, difficulty: found.difficulty}
		if subject != nil {
			l.live = true
			l.row = registered{reference: wire.Reference(*subject), recurrent: *recurrent, expiration: *expiration, generation: *generation}
		}
		out[ordinal-1] = l
		return nil
	})
	return out, err
}
