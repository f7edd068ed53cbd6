package bounce

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
)

const paymentSQL = `payment_id, end_to_end_id, kind, currency, value, fraction, creditor, subject, status, coalesce(detail, ''), created,
	coalesce(message_id, ''), paid, coalesce(row_id, 0)`

// leasePayments hands out payments that nobody else holds. SKIP LOCKED keeps
// two jobs that ask together from getting the same one; the lease keeps the
// next one from getting it while the first is at work. What is due is read
// once, apart from the update: inside it, a plan that reads it anew for every
// row would lease more than the limit. What a payment order (pain.001) cannot
// carry, by its account, its currency or more than five decimals, waits for a
// job that asks for everything; so does what a direct credit cannot.
func (d *Desk) leasePayments(ctx context.Context, a *subjects.Account, q PaymentQuery) ([]Payment, error) {
	rows, err := d.db.Query(ctx, `
		WITH due AS MATERIALIZED (
			SELECT payment_id FROM payments
			WHERE account_id = $1 AND status IN ('pending', 'transient_failure')
				AND (leased_until IS NULL OR leased_until <= now())
				AND ($4 = '' OR creditor ILIKE 'payto://' || $4 || '/%' AND length(currency) = 3 AND fraction % 1000 = 0 AND value < 10000000000000)
				AND ($5 = '' OR kind = 'bounce' AND currency = $5 AND fraction % 1000000 = 0 AND value < $6)
			ORDER BY payment_id LIMIT $2 FOR UPDATE SKIP LOCKED
		), lease AS MATERIALIZED (
			SELECT 'SW' || upper(replace(gen_random_uuid()::text, '-', '')) AS id
		), leased AS (
			UPDATE payments p SET leased_until = now() + $3 * interval '1 second', message_id = lease.id,
				lapsed = p.lapsed OR p.message_id IS NOT NULL AND NOT p.given_back, given_back = false
			FROM due, lease WHERE p.payment_id = due.payment_id
			RETURNING p.*
		) SELECT `+paymentSQL+` FROM leased ORDER BY payment_id`, a.ID(), q.Limit, d.config.Lease.Seconds(), q.PaytoKind,
		q.Bounces, int64(q.BouncesBelow))
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

// paymentRow takes the columns of paymentSQL.
type paymentRow struct {
	Payment
	value    int64
	fraction int32
	paid     *time.Time
}

func (r *paymentRow) columns() []any {
	return []any{&r.ID, &r.EndToEndID, &r.Kind, &r.Amount.Currency, &r.value, &r.fraction, &r.Creditor, &r.Subject, &r.Status, &r.Detail,
		&r.Created, &r.MessageID, &r.paid, &r.RowID}
}

func (r *paymentRow) payment() Payment {
	p := r.Payment
	p.Amount.Value, p.Amount.Fraction = uint64(r.value), uint32(r.fraction)
	p.Created = p.Created.UTC()
	if r.paid != nil {
		p.Paid = r.paid.UTC()
	}
	return p
}

func scanPayment(row pgx.CollectableRow) (Payment, error) {
	var r paymentRow
	err := row.Scan(r.columns()...)
	return r.payment(), err
}
