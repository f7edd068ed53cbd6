package bounce

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// ReturnHeld bounces the held transfers of a key whose registration ends in this
// transaction, and returns how many still waited. One whose hold delay has passed
// keeps the reason that readers were told already, and is not counted, whether or
// not a sweeper has come by (C1). Sweepers skip rows that are locked, so this may wait for
// one, but not the other way round.
func (Releaser) ReturnHeld(ctx context.Context, tx pgx.Tx, a *subjects.Account, key taler.EddsaPublicKey) (int, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+overdueSQL+`, CASE WHEN t.hold_until > now() THEN 'unregistered' ELSE coalesce(t.reason, 'unmapped') END
		FROM transfers t JOIN accounts a USING (account_id)
		WHERE t.account_id = $1 AND t.authorization_pub = $2 AND t.state = 'held'
		ORDER BY t.transfer_id FOR UPDATE OF t`, a.ID(), key[:])
	if err != nil {
		return 0, err
	}
	due, err := pgx.CollectRows(rows, scanOverdue)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	waited := 0
	for i := range due {
		if due[i].reason == ReasonUnregistered {
			waited++
		}
	}
	return waited, tx.SendBatch(ctx, bounceOverdue(due)).Close()
}
