package bounce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects/taler"
)

// Case is a transfer in state manual that nobody has decided about yet.
type Case struct {
	ID         int64
	Account    string
	BankRef    string
	Amount     taler.Amount
	Debtor     string // full payto as reported; "" when the bank told none
	Reason     Reason
	Received   time.Time
	Remittance json.RawMessage // as reported
	Perhaps    string          // perhaps_known: bank reference of the transfer that it may be; "" for none in particular

	// Payment is the payment of ours that failed, or that came back with this
	// transfer; nil for none.
	Payment *CasePayment
}

// CasePayment is what to know about the payment behind a case.
type CasePayment struct {
	ID         int64
	EndToEndID string
	Kind       PaymentKind
	Status     PaymentStatus
	Creditor   string
	Detail     string
	BankRef    string // kind bounce: the transfer that it sent back, "" for others
}

// CaseQuery asks for cases, oldest first, behind Offset.
type CaseQuery struct {
	Account string // "" for all
	Limit   int
	Offset  int64
}

// The payment behind a case is the last one that sent the transfer back, or the
// one whose end-to-end id the transfer bears.
const caseSQL = `
	SELECT t.transfer_id, a.name, t.bank_ref, t.currency, t.value, t.fraction, coalesce(t.debtor, ''), coalesce(t.reason, ''), t.received, t.remittance,
		coalesce((SELECT k.bank_ref FROM sightings s JOIN transfers k ON k.transfer_id = s.perhaps WHERE s.transfer_id = t.transfer_id LIMIT 1), ''),
		p.payment_id, p.end_to_end_id, p.kind, p.status, p.creditor, p.detail, p.bank_ref
	FROM transfers t JOIN accounts a USING (account_id)
		LEFT JOIN LATERAL (
			SELECT p.payment_id, p.end_to_end_id, p.kind, p.status, p.creditor, coalesce(p.detail, '') AS detail, coalesce(sent.bank_ref, '') AS bank_ref
			FROM (
				SELECT * FROM payments WHERE transfer_id = t.transfer_id AND kind = 'bounce'
				UNION ALL
				SELECT * FROM payments WHERE end_to_end_id = t.remittance ->> 'end_to_end_id' AND account_id = t.account_id) AS p
				LEFT JOIN transfers sent ON sent.transfer_id = p.transfer_id
			ORDER BY p.payment_id DESC LIMIT 1) AS p ON true
	WHERE t.state = 'manual' AND t.written_off IS NULL`

// Cases lists what waits for a person. A held transfer whose time is over and
// that cannot be sent back is one, whether or not a sweeper came by (C1).
func (d *Desk) Cases(ctx context.Context, q CaseQuery) ([]Case, error) {
	if _, err := d.Sweep(ctx); err != nil {
		return nil, err
	}
	rows, err := d.db.Query(ctx, fmt.Sprintf(caseSQL+`
		AND t.transfer_id > $1 AND ($2 = '' OR a.name = $2) ORDER BY t.transfer_id LIMIT %d`, q.Limit), q.Offset, q.Account)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanCase)
}

// openCase returns one case, or ErrUnknownCase or *CaseSettled.
func (d *Desk) openCase(ctx context.Context, id int64) (Case, error) {
	rows, err := d.db.Query(ctx, caseSQL+` AND t.transfer_id = $1`, id)
	if err != nil {
		return Case{}, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCase)
	if errors.Is(err, pgx.ErrNoRows) {
		return Case{}, d.whyNotOpen(ctx, id)
	}
	return c, err
}

func scanCase(row pgx.CollectableRow) (Case, error) {
	var (
		c                                                    Case
		value                                                int64
		fraction                                             int32
		id                                                   *int64
		endToEnd, kind, status, creditor, detail, paymentRef *string
	)
	err := row.Scan(&c.ID, &c.Account, &c.BankRef, &c.Amount.Currency, &value, &fraction, &c.Debtor, &c.Reason, &c.Received, &c.Remittance, &c.Perhaps,
		&id, &endToEnd, &kind, &status, &creditor, &detail, &paymentRef)
	c.Amount.Value, c.Amount.Fraction = uint64(value), uint32(fraction)
	c.Received = c.Received.UTC()
	if err == nil && id != nil {
		c.Payment = &CasePayment{*id, *endToEnd, PaymentKind(*kind), PaymentStatus(*status), *creditor, *detail, *paymentRef}
	}
	return c, err
}

// Entry is one decision in the log.
type Entry struct {
	ID         int64
	TransferID int64
	Account    string
	BankRef    string
	Amount     taler.Amount
	Action     Action
	Target     string // key or payto; "" for a write-off
	CaseReason Reason
	Decision
	Decided time.Time
}

// Log lists decisions, newest first, before Offset (0: from the end).
func (d *Desk) Log(ctx context.Context, q CaseQuery) ([]Entry, error) {
	rows, err := d.db.Query(ctx, fmt.Sprintf(`
		SELECT log_id, transfer_id, account, bank_ref, amount, action, target, case_reason, reason, operator, decided FROM manual_log
		WHERE ($1 = 0 OR log_id < $1) AND ($2 = '' OR account = $2) ORDER BY log_id DESC LIMIT %d`, q.Limit), q.Offset, q.Account)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Entry, error) {
		var e Entry
		var amount string
		err := row.Scan(&e.ID, &e.TransferID, &e.Account, &e.BankRef, &amount, &e.Action, &e.Target, &e.CaseReason, &e.Reason, &e.Operator, &e.Decided)
		if err != nil {
			return e, err
		}
		e.Decided = e.Decided.UTC()
		e.Amount, err = taler.ParseAmount(amount)
		return e, err
	})
}
