package bounce

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Backlog is what waits on an account for somebody: a person, a wallet, a bank.
type Backlog struct {
	Account string
	Cases   int           // open cases, which wait for a person
	Held    int           // transfers that wait for their wallet
	Overdue time.Duration // how long the first of them is past its deadline: a sweeper comes every 30 s
	Pending int           // payments that wait for a bank job
	Sent    int           // payments that wait for the bank's word
	Oldest  time.Duration // age of the oldest payment of both kinds
}

// Backlogs tells what waits, by account, in the order of the names. It moves
// nothing.
func (d *Desk) Backlogs(ctx context.Context) ([]Backlog, error) {
	rows, err := d.db.Query(ctx, `
		SELECT a.name,
			(SELECT count(*) FROM transfers t WHERE t.account_id = a.account_id AND t.state = 'manual' AND t.written_off IS NULL),
			(SELECT count(*) FROM transfers t WHERE t.account_id = a.account_id AND t.state = 'held'),
			coalesce((SELECT extract(epoch FROM now() - min(t.hold_until)) FROM transfers t
				WHERE t.account_id = a.account_id AND t.state = 'held' AND t.hold_until <= now()), 0)::float8,
			p.pending, p.sent, coalesce(p.oldest, 0)::float8
		FROM accounts a CROSS JOIN LATERAL (
			SELECT count(*) FILTER (WHERE status <> 'sent') AS pending, count(*) FILTER (WHERE status = 'sent') AS sent,
				extract(epoch FROM now() - min(created)) AS oldest
			FROM payments WHERE account_id = a.account_id AND status IN ('pending', 'sent', 'transient_failure')) AS p
		ORDER BY a.name`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Backlog, error) {
		var b Backlog
		var overdue, oldest float64
		err := row.Scan(&b.Account, &b.Cases, &b.Held, &overdue, &b.Pending, &b.Sent, &oldest)
		b.Overdue, b.Oldest = seconds(overdue), seconds(oldest)
		return b, err
	})
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
