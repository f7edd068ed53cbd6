package bounce

import (
	"context"
	"crypto/sha256"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/postgres"
	"github.com/shortwire/shortwire/subjects/taler"
)

// PaymentsChannel is the PostgreSQL channel on which other replicas are told
// that there is something to pay, or that a transfer of the exchange was paid.
// The payload is the account's id, as on HistoryChannel.
const PaymentsChannel = "shortwire_payments"

// Order is a transfer that the exchange asks for.
type Order struct {
	RequestUID      taler.HashCode // the same again is the same order
	Amount          taler.Amount
	ExchangeBaseURL string
	Metadata        string // "" for none
	Wtid            taler.ShortHashCode
	Creditor        taler.Payto
}

// Subject is what the payee's bank shows: the form in which other Taler
// software finds wtid and exchange. UNCONFIRMED is only the place of the
// metadata; it is put in front here and nowhere else.
func (o *Order) Subject() string {
	subject := o.Wtid.String() + " " + o.ExchangeBaseURL
	if o.Metadata != "" {
		subject = o.Metadata + " " + subject
	}
	return subject
}

// Outgoing is a transfer of the exchange as it stands.
type Outgoing struct {
	Payment
	Order Order
}

// Transfer puts an order into the queue of payments. The same order again
// gives the payment that it has already; the same request_uid with anything
// else gives ErrRequestUIDReused, its wtid in another order ErrWtidReused.
func (d *Desk) Transfer(ctx context.Context, a *subjects.Account, o Order) (Outgoing, error) {
	for {
		// Looking first: an insert that finds a row in its way uses up a number.
		stored, err := d.sameOrder(ctx, a, &o)
		if !errors.Is(err, pgx.ErrNoRows) {
			return stored, err
		}
		stored, err = d.insertOrder(ctx, a, &o)
		if !errors.Is(err, pgx.ErrNoRows) {
			return stored, err
		}
		// Somebody else was faster; now the order is there to be found.
	}
}

// insertOrder gives pgx.ErrNoRows when request_uid or wtid are taken by now. It
// waits for whoever is about to take them.
func (d *Desk) insertOrder(ctx context.Context, a *subjects.Account, o *Order) (stored Outgoing, err error) {
	b := &pgx.Batch{}
	b.Queue(`
		INSERT INTO payments (account_id, kind, end_to_end_id, currency, value, fraction, creditor, subject,
			request_uid, wtid, exchange_base_url, metadata)
		VALUES ($1, 'transfer', $2, $3, $4, $5, $6, $7, $8, $9, $10, nullif($11, ''))
		ON CONFLICT DO NOTHING RETURNING `+outgoingSQL,
		a.ID(), orderID(a.Name, o.RequestUID), o.Amount.Currency, int64(o.Amount.Value), int32(o.Amount.Fraction), o.Creditor.String(),
		o.Subject(), o.RequestUID[:], o.Wtid[:], o.ExchangeBaseURL, o.Metadata).Query(func(rows pgx.Rows) error {
		stored, err = pgx.CollectExactlyOneRow(rows, scanOutgoing)
		return err
	})
	b.Queue(`SELECT pg_notify($1, $2)`, PaymentsChannel, strconv.Itoa(int(a.ID())))
	if err := postgres.Retry(ctx, func() error { return d.db.SendBatch(ctx, b).Close() }); err != nil {
		return Outgoing{}, err
	}
	d.wakeups.wake(a.ID())
	return stored, nil
}

// sameOrder finds what stands in the way of an order and tells whether it is
// the same one, or gives pgx.ErrNoRows. A request_uid says more than a wtid.
func (d *Desk) sameOrder(ctx context.Context, a *subjects.Account, o *Order) (Outgoing, error) {
	rows, err := d.db.Query(ctx, `
		SELECT `+outgoingSQL+` FROM payments
		WHERE account_id = $1 AND kind = 'transfer' AND (request_uid = $2 OR wtid = $3)
		ORDER BY request_uid = $2 DESC LIMIT 1`, a.ID(), o.RequestUID[:], o.Wtid[:])
	if err != nil {
		return Outgoing{}, err
	}
	stored, err := pgx.CollectExactlyOneRow(rows, scanOutgoing)
	switch {
	case err != nil:
		return Outgoing{}, err
	case stored.Order.RequestUID != o.RequestUID:
		return Outgoing{}, ErrWtidReused
	case !stored.Order.equal(o):
		return Outgoing{}, ErrRequestUIDReused
	}
	return stored, nil
}

// equal compares all that the exchange said.
func (o *Order) equal(other *Order) bool {
	return o.Amount == other.Amount && o.ExchangeBaseURL == other.ExchangeBaseURL && o.Metadata == other.Metadata &&
		o.Wtid == other.Wtid && o.Creditor.String() == other.Creditor.String()
}

// orderID is the end-to-end id of a transfer: it follows from account and
// request_uid alone (T5), in the form of those of bounces.
func orderID(account string, uid taler.HashCode) string {
	sum := sha256.Sum256([]byte("shortwire-order-1\n" + account + "\n" + uid.String()))
	return endToEndText(sum)
}
