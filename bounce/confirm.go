package bounce

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/postgres"
)

// Confirmation is what the bank, or its job, says about one payment.
type Confirmation struct {
	ID        int64
	Status    PaymentStatus // sent, success, transient_failure or permanent_failure
	Detail    string
	MessageID string // the lease that the speaker had: whoever lost it may tell of a success only; "" is for one job that works alone
}

// final tells a status that nothing changes any more.
func (s PaymentStatus) final() bool { return s == PaymentSuccess || s == PaymentPermanent }

// Confirm stores what is said about a payment. success and permanent_failure
// are final: the same again is answered alike, another status gives
// ErrPaymentFinal. After a transient failure the payment is offered again when
// its lease is over. The detail belongs to the status: the same status again
// without one keeps the former. A lost lease gives ErrLeaseLost, and so does a
// transient failure that names no lease, of what was sent after one had run out;
// an unknown number gives ErrUnknownPayment.
func (d *Desk) Confirm(ctx context.Context, a *subjects.Account, c Confirmation) (Payment, error) {
	confirmed, err := d.confirm(ctx, a, []Confirmation{c})
	if err != nil {
		return Payment{}, err
	}
	if p, done := confirmed[c.ID]; done {
		return p, nil
	}
	return Payment{}, d.whyNotConfirmed(ctx, a, &c)
}

func (d *Desk) whyNotConfirmed(ctx context.Context, a *subjects.Account, c *Confirmation) error {
	var status PaymentStatus
	err := d.db.QueryRow(ctx, `SELECT status FROM payments WHERE account_id = $1 AND payment_id = $2`, a.ID(), c.ID).Scan(&status)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrUnknownPayment
	case err != nil:
		return err
	case status.final():
		return ErrPaymentFinal
	}
	return ErrLeaseLost
}

// confirm stores confirmations of different payments and what follows from
// them, in one transaction. It returns the payments that now stand as was said.
func (d *Desk) confirm(ctx context.Context, a *subjects.Account, said []Confirmation) (map[int64]Payment, error) {
	var confirmed map[int64]Payment
	numbered := false
	err := postgres.InTx(ctx, d.db, func(tx pgx.Tx) (err error) {
		if confirmed, err = d.confirmIn(ctx, tx, a, said); err != nil {
			return err
		}
		if err := failBounces(ctx, tx, a, said); err != nil {
			return err
		}
		numbered, err = numberOutgoing(ctx, tx, a, said)
		return err
	})
	if numbered {
		d.paid.wake(a.ID())
	}
	return confirmed, err
}

// confirmSQL locks the payments in the order of their numbers, so that two
// confirmations of several wait for each other and do not block each other,
// and judges each by what it is once it is locked. Without the name of a lease
// nobody knows which of several jobs speaks: once a lease has run out, what one has
// sent, a failure of another must not offer again.
const confirmSQL = `
	WITH said AS (
		SELECT * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS said (payment_id, status, detail, message_id)
	), locked AS MATERIALIZED (
		SELECT payment_id FROM payments WHERE account_id = $1 AND payment_id = ANY($2) ORDER BY payment_id FOR UPDATE
	), confirmed AS (
		UPDATE payments p SET status = said.status, changed = now(), leased_until = now() + $6 * interval '1 second',
			detail = coalesce(nullif(said.detail, ''), CASE WHEN p.status = said.status THEN p.detail END),
			paid = CASE WHEN said.status = 'success' THEN coalesce(p.paid, now()) END,
			given_back = said.status = 'transient_failure'
		FROM said JOIN locked USING (payment_id)
		WHERE p.payment_id = said.payment_id
			AND (p.status NOT IN ('success', 'permanent_failure') OR p.status = said.status)
			AND (said.message_id = '' OR said.message_id = p.message_id OR said.status = 'success' OR p.status IN ('success', 'permanent_failure'))
			AND NOT (said.message_id = '' AND said.status = 'transient_failure' AND p.status = 'sent' AND p.lapsed)
		RETURNING p.*
	) SELECT ` + paymentSQL + ` FROM confirmed`

func (d *Desk) confirmIn(ctx context.Context, tx pgx.Tx, a *subjects.Account, said []Confirmation) (map[int64]Payment, error) {
	var ids []int64
	var statuses, details, messages []string
	for _, c := range said {
		if !storable(c.Detail) {
			c.Detail = "" // not worth refusing a confirmation for
		}
		ids = append(ids, c.ID)
		statuses, details, messages = append(statuses, string(c.Status)), append(details, c.Detail), append(messages, c.MessageID)
	}
	rows, err := tx.Query(ctx, confirmSQL, a.ID(), ids, statuses, details, messages, d.config.Lease.Seconds())
	if err != nil {
		return nil, err
	}
	payments, err := pgx.CollectRows(rows, scanPayment)
	confirmed := make(map[int64]Payment, len(payments))
	for _, p := range payments {
		confirmed[p.ID] = p
	}
	return confirmed, err
}

// numberOutgoing gives the transfers that became a success their rows in the
// outgoing history (T6). It tells whether there were any.
func numberOutgoing(ctx context.Context, tx pgx.Tx, a *subjects.Account, said []Confirmation) (bool, error) {
	ids := idsWith(said, PaymentSuccess)
	if len(ids) == 0 {
		return false, nil
	}
	tag, err := tx.Exec(ctx, `
		WITH unnumbered AS MATERIALIZED (
			SELECT payment_id, row_number() OVER (ORDER BY payment_id) AS n FROM payments
			WHERE account_id = $1 AND payment_id = ANY($2) AND kind = 'transfer' AND status = 'success' AND row_id IS NULL
		), base AS (
			INSERT INTO outgoing_rows AS o (account_id, last_row_id) SELECT $1, count(*) FROM unnumbered HAVING count(*) > 0
			ON CONFLICT (account_id) DO UPDATE SET last_row_id = o.last_row_id + excluded.last_row_id
			RETURNING last_row_id - (SELECT count(*) FROM unnumbered) AS row_id
		)
		UPDATE payments p SET row_id = base.row_id + unnumbered.n
		FROM unnumbered, base WHERE p.payment_id = unnumbered.payment_id`, a.ID(), ids)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `SELECT pg_notify($1, $2)`, PaymentsChannel, strconv.Itoa(int(a.ID())))
	return true, err
}

// failBounces hands the transfers whose bounce failed for good to a person. One
// that is on its way again since, by a later payment, stays bounced.
func failBounces(ctx context.Context, tx pgx.Tx, a *subjects.Account, said []Confirmation) error {
	ids := idsWith(said, PaymentPermanent)
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		UPDATE transfers t SET state = 'manual', reason = $3, settled = now()
		FROM payments p
		WHERE p.account_id = $1 AND p.payment_id = ANY($2) AND p.kind = 'bounce' AND p.status = 'permanent_failure'
			AND t.transfer_id = p.transfer_id AND t.state = 'bounced'
			AND NOT EXISTS (
				SELECT FROM payments later
				WHERE later.transfer_id = t.transfer_id AND later.kind = 'bounce' AND later.status <> 'permanent_failure')`,
		a.ID(), ids, string(ReasonBounceFailed))
	return err
}

func idsWith(said []Confirmation, status PaymentStatus) []int64 {
	var ids []int64
	for _, c := range said {
		if c.Status == status {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}
