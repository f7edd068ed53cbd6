package bounce

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

const outgoingSQL = paymentSQL + `, request_uid, wtid, exchange_base_url, coalesce(metadata, '')`

// orderStatusSQL is the status as the exchange sees it, spelled as the index
// payments_transfers_status has it.
const orderStatusSQL = `(CASE status WHEN 'sent' THEN 'pending' ELSE status END)`

// OrderQuery selects transfers of the exchange by their numbers, not by their
// rows of the history. Status "" selects all; what is sent counts as pending.
type OrderQuery struct {
	Page
	Status PaymentStatus
}

// Transfers lists what the exchange ordered. An empty page is not an error.
func (d *Desk) Transfers(ctx context.Context, a *subjects.Account, q OrderQuery) ([]Outgoing, error) {
	where := `account_id = $1 AND kind = 'transfer'`
	args := []any{a.ID(), q.start()}
	if q.Status != "" {
		where += ` AND ` + orderStatusSQL + ` = $3`
		args = append(args, q.Status)
	}
	return d.outgoing(ctx, "payment_id", where, q.Page, args)
}

// OrderOf returns one transfer of the exchange, or ErrUnknownTransfer.
func (d *Desk) OrderOf(ctx context.Context, a *subjects.Account, id int64) (Outgoing, error) {
	rows, err := d.db.Query(ctx, `
		SELECT `+outgoingSQL+` FROM payments WHERE account_id = $1 AND kind = 'transfer' AND payment_id = $2`, a.ID(), id)
	if err != nil {
		return Outgoing{}, err
	}
	o, err := pgx.CollectExactlyOneRow(rows, scanOutgoing)
	if errors.Is(err, pgx.ErrNoRows) {
		return Outgoing{}, ErrUnknownTransfer
	}
	return o, err
}

// OutgoingHistory returns one page of the transfers that were paid, and waits
// like History.
func (d *Desk) OutgoingHistory(ctx context.Context, a *subjects.Account, p Page) ([]Outgoing, error) {
	wait := p.Timeout
	if p.Limit < 0 {
		wait = 0
	}
	return poll(ctx, d.paid, a.ID(), wait, d.config.PollInterval, func() ([]Outgoing, error) {
		return d.outgoing(ctx, "row_id", `account_id = $1`, p, []any{a.ID(), p.start()})
	})
}

// outgoing reads a page in the order of a column. The limit stands in the text
// for the reason that feed.page gives.
func (d *Desk) outgoing(ctx context.Context, column, where string, p Page, args []any) ([]Outgoing, error) {
	direction, limit := `%[1]s > $2 ORDER BY %[1]s`, p.Limit
	if limit < 0 {
		direction, limit = `%[1]s < $2 ORDER BY %[1]s DESC`, -limit
	}
	rows, err := d.db.Query(ctx, fmt.Sprintf(`
		SELECT `+outgoingSQL+` FROM payments WHERE `+where+` AND `+direction+` LIMIT %[2]d`, column, limit), args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanOutgoing)
}

// start is the exclusive end that a page begins at.
func (p *Page) start() int64 {
	switch {
	case p.HasOffset:
		return p.Offset
	case p.Limit < 0:
		return 1<<63 - 1
	}
	return 0
}

func scanOutgoing(row pgx.CollectableRow) (Outgoing, error) {
	var (
		r         paymentRow
		o         Order
		uid, wtid []byte
	)
	if err := row.Scan(append(r.columns(), &uid, &wtid, &o.ExchangeBaseURL, &o.Metadata)...); err != nil {
		return Outgoing{}, err
	}
	p := r.payment()
	creditor, err := taler.ParsePayto(p.Creditor)
	o.Amount, o.Creditor = p.Amount, creditor
	copy(o.RequestUID[:], uid)
	copy(o.Wtid[:], wtid)
	return Outgoing{Payment: p, Order: o}, err
}
