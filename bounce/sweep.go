package bounce

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects/postgres"
	"github.com/shortwire/shortwire/subjects/taler"
)

// sweepLimit is how many transfers one transaction of the sweeper moves: more
// would double the p99 of those who work beside it.
const sweepLimit = 500

// Swept tells what one run did.
type Swept struct {
	Unmapped int // held transfers whose hold delay had passed
}

// Sweep bounces held transfers whose time is over (C1). It may run anywhere,
// twice, or never: readers judge the deadlines themselves.
func (d *Desk) Sweep(ctx context.Context) (Swept, error) {
	var total Swept
	for {
		n, err := d.sweepUnmapped(ctx)
		total.Unmapped += n
		if err != nil || n < sweepLimit {
			return total, err
		}
	}
}

// overdue is a held transfer that waits no longer.
type overdue struct {
	id        int64
	accountID int32
	account   string
	transfer  Transfer
	debtor    string
	reason    Reason
}

// sweepUnmapped moves one batch. The rows are locked and skipped if locked, so
// two sweepers share the work. Around the deadline a release by mapping may want
// the same row, since each side goes by the time at which its transaction began:
// whoever locks it first has it, the other one finds it gone.
func (d *Desk) sweepUnmapped(ctx context.Context) (int, error) {
	n := 0
	err := postgres.InTx(ctx, d.db, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT `+overdueSQL+`, coalesce(t.reason, 'unmapped')
			FROM transfers t JOIN accounts a USING (account_id)
			WHERE t.state = 'held' AND t.hold_until <= now()
			ORDER BY t.hold_until LIMIT $1 FOR UPDATE OF t SKIP LOCKED`, sweepLimit)
		if err != nil {
			return err
		}
		due, err := pgx.CollectRows(rows, scanOverdue)
		if err != nil {
			return err
		}
		n = len(due)
		return tx.SendBatch(ctx, bounceOverdue(due)).Close()
	})
	if err == nil && n > 0 {
		d.wakeups.wakeAll()
	}
	return n, err
}

const overdueSQL = `t.transfer_id, t.account_id, a.name, t.bank_ref, t.currency, t.value, t.fraction, coalesce(t.debtor, '')`

func scanOverdue(row pgx.CollectableRow) (overdue, error) {
	var (
		o        overdue
		value    int64
		fraction int32
	)
	t := &o.transfer
	err := row.Scan(&o.id, &o.accountID, &o.account, &t.BankRef, &t.Amount.Currency, &value, &fraction, &o.debtor, &o.reason)
	t.Amount.Value, t.Amount.Fraction = uint64(value), uint32(fraction)
	return o, err
}

// bounceOverdue writes state and payment of each transfer. One without a usable
// debtor becomes manual, as in Decide.
func bounceOverdue(due []overdue) *pgx.Batch {
	var (
		b        = &pgx.Batch{}
		ids      []int64
		states   []string
		reasons  []string
		payments = map[int32]*paymentColumns{}
	)
	for i := range due {
		o := &due[i]
		state := Manual
		if debtor, err := taler.ParsePayto(o.debtor); err == nil {
			state = Bounced
			o.transfer.Debtor = &debtor
			if payments[o.accountID] == nil {
				payments[o.accountID] = &paymentColumns{}
			}
			payments[o.accountID].add(o.id, endToEndID(o.account, o.transfer.BankRef), &o.transfer, o.reason)
		}
		ids, states, reasons = append(ids, o.id), append(states, string(state)), append(reasons, string(o.reason))
	}
	b.Queue(`
		UPDATE transfers t SET state = due.state, reason = due.reason, settled = now()
		FROM unnest($1::bigint[], $2::text[], $3::text[]) AS due (transfer_id, state, reason)
		WHERE t.transfer_id = due.transfer_id`, ids, states, reasons)
	for accountID, columns := range payments {
		columns.queue(b, accountID)
	}
	return b
}
