package bounce

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
)

const paymentSQL = `payment_id, end_to_end_id, kind, currency, value, fraction, creditor, subject, status, coalesce(detail, ''), created`

// leasePayments hands out payments that nobody else holds. SKIP LOCKED keeps
// two jobs that ask together from getting the same one; the lease keeps the
// next one from getting it while the first is at work.
func (d *Desk) leasePayments(ctx context.Context, a *subjects.Account, q PaymentQuery) ([]Payment, error) {
	rows, err := d.db.Query(ctx, `
		WITH leased AS (
			UPDATE payments SET leased_until = now() + $3 * interval '1 second'
			WHERE payment_id IN (
				SELECT payment_id FROM payments
				WHERE account_id = $1 AND status IN ('pending', 'transient_failure')
					AND (leased_until IS NULL OR leased_until <= now())
				ORDER BY payment_id LIMIT $2 FOR UPDATE SKIP LOCKED)
			RETURNING *
		) SELECT `+paymentSQL+` FROM leased ORDER BY payment_id`, a.ID(), q.Limit, d.config.Lease.Seconds())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPayment)
}

func (d *Desk) listPayments(ctx context.Context, a *subjects.Account, q PaymentQuery) ([]Payment, error) {
	rows, err := d.db.Query(ctx, `
		SELECT `+paymentSQL+` FROM payments WHERE account_id = $1 AND status = $2
		ORDER BY payment_id DESC LIMIT $3`, a.ID(), q.Status, q.Limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPayment)
}

func scanPayment(row pgx.CollectableRow) (Payment, error) {
	var (
		p        Payment
		value    int64
		fraction int32
	)
	err := row.Scan(&p.ID, &p.EndToEndID, &p.Kind, &p.Amount.Currency, &value, &fraction, &p.Creditor, &p.Subject, &p.Status, &p.Detail, &p.Created)
	p.Amount.Value, p.Amount.Fraction = uint64(value), uint32(fraction)
	p.Created = p.Created.UTC()
	return p, err
}

// Confirm stores what the bank job reports about a payment. success and
// permanent_failure are final: the same again is answered alike, another status
// gives ErrPaymentFinal. After a transient failure the payment is offered again
// when its lease is over. The detail belongs to the status: the same status
// again without one keeps the former. An unknown number gives ErrUnknownPayment.
func (d *Desk) Confirm(ctx context.Context, a *subjects.Account, id int64, status PaymentStatus, detail string) (Payment, error) {
	if !storable(detail) {
		detail = "" // not worth refusing a confirmation for
	}
	rows, err := d.db.Query(ctx, `
		UPDATE payments SET status = $3, changed = now(), leased_until = now() + $5 * interval '1 second',
			detail = coalesce(nullif($4, ''), CASE WHEN status = $3 THEN detail END)
		WHERE account_id = $1 AND payment_id = $2 AND (status NOT IN ('success', 'permanent_failure') OR status = $3)
		RETURNING `+paymentSQL, a.ID(), id, status, detail, d.config.Lease.Seconds())
	if err != nil {
		return Payment{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPayment)
	if errors.Is(err, pgx.ErrNoRows) {
		return Payment{}, d.whyNotConfirmed(ctx, a, id)
	}
	return p, err
}

func (d *Desk) whyNotConfirmed(ctx context.Context, a *subjects.Account, id int64) error {
	var exists bool
	err := d.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM payments WHERE account_id = $1 AND payment_id = $2)`, a.ID(), id).Scan(&exists)
	switch {
	case err != nil:
		return err
	case exists:
		return ErrPaymentFinal
	}
	return ErrUnknownPayment
}
