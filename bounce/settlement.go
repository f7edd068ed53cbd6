package bounce

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/postgres"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Action is what a person decided about a case.
type Action string

// The actions. A case that is written off stays manual and is no case any more.
const (
	ActionCredit   Action = "credit"
	ActionBounce   Action = "bounce"
	ActionWriteOff Action = "write_off"
)

// Decision is who decides, and why. Both are kept for good.
type Decision struct {
	Operator string // name of the token
	Reason   string
}

// Settled is what a decision made of a case.
type Settled struct {
	ID        int64
	State     State // manual for a write-off
	RowID     int64 // credit: row of the incoming history
	PaymentID int64 // bounce: the payment that sends it back
}

// CaseSettled tells a second operator that the case is decided, and by whom. It
// wraps ErrCaseSettled.
type CaseSettled struct {
	Action   Action
	Operator string
	Decided  time.Time
}

func (e *CaseSettled) Error() string {
	return fmt.Sprintf("%s decided %s at %s", e.Operator, e.Action, e.Decided.Format(time.RFC3339))
}

// Unwrap returns ErrCaseSettled.
func (e *CaseSettled) Unwrap() error { return ErrCaseSettled }

// Every decision is one statement: the case is taken if it still is one, and
// what follows from it and the entry of the log are written with it. Whoever
// comes second waits for the row and finds it taken.
const (
	takenSQL  = `t.transfer_id = $1 AND t.state = 'manual' AND t.written_off IS NULL`
	loggedSQL = `, logged AS (
		INSERT INTO manual_log (transfer_id, action, target, case_reason, reason, operator, account, bank_ref, amount)
		SELECT transfer_id, $2, $3, $4, $5, $6, $7, $8, $9 FROM taken)`
)

// decisionArgs are the first arguments of each statement.
func decisionArgs(c *Case, action Action, target string, d Decision) []any {
	return []any{c.ID, string(action), target, string(c.Reason), d.Reason, d.Operator, c.Account, c.BankRef, c.Amount.String()}
}

// CreditCase credits a reserve or a KYC account with a case: it appears in the
// exchange's history, as nobody's mapping even if it was held for one. Errors:
// ErrUnknownCase, *CaseSettled, subjects.ErrReserveReused, subjects.ErrCurrency
// when the money is in another currency than the account's.
func (d *Desk) CreditCase(ctx context.Context, id int64, decision Decision, target subjects.Target) (Settled, error) {
	c, a, err := d.caseOf(ctx, id)
	switch {
	case err != nil:
		return Settled{}, err
	case c.Amount.Currency != a.Currency:
		return Settled{}, subjects.ErrCurrency
	}
	args := append(decisionArgs(&c, ActionCredit, string(target.Type)+" "+target.AccountPub.String(), decision), string(target.Type), target.AccountPub[:])
	err = d.decideCase(ctx, id, `
		WITH taken AS (
			UPDATE transfers t SET state = 'credited', reason = NULL, settled = now(), credit_type = $10, account_pub = $11,
				authorization_pub = NULL
			WHERE `+takenSQL+` RETURNING t.transfer_id, t.account_id
		), listed AS (
			INSERT INTO history_queue (account_id, transfer_ids) SELECT account_id, ARRAY[transfer_id] FROM taken
		)`+loggedSQL+` SELECT transfer_id FROM taken`, args...)
	if postgres.ConstraintName(err) == "transfers_reserve_pub" {
		return Settled{}, subjects.ErrReserveReused
	}
	if err != nil {
		return Settled{}, err
	}
	rows, err := d.feed.publish(ctx, a.ID(), []int64{id})
	return Settled{ID: id, State: Credited, RowID: rows[id]}, err
}

// BounceCase sends a case back: to creditor, or to its debtor when creditor is
// nil. Errors: ErrUnknownCase, *CaseSettled, ErrNoCreditor when neither is an
// account that this one can pay to.
func (d *Desk) BounceCase(ctx context.Context, id int64, decision Decision, creditor *taler.Payto) (Settled, error) {
	c, a, err := d.caseOf(ctx, id)
	if err != nil {
		return Settled{}, err
	}
	if creditor == nil {
		debtor, _ := taler.ParsePayto(c.Debtor)
		creditor = &debtor
	}
	if creditor.IsZero() || creditor.Kind() != a.Payto.Kind() {
		return Settled{}, ErrNoCreditor
	}
	var earlier int
	err = d.db.QueryRow(ctx, `SELECT count(*) FROM payments WHERE transfer_id = $1 AND kind = 'bounce'`, id).Scan(&earlier)
	if err != nil {
		return Settled{}, err
	}
	args := append(decisionArgs(&c, ActionBounce, creditor.String(), decision),
		furtherID(a.Name, c.BankRef, earlier), bounceSubject(c.BankRef, c.Reason))
	settled := Settled{ID: id, State: Bounced}
	err = d.decideCaseInto(ctx, id, &settled.PaymentID, `
		WITH taken AS (
			UPDATE transfers t SET state = 'bounced', settled = now() WHERE `+takenSQL+`
			RETURNING t.transfer_id, t.account_id, t.currency, t.value, t.fraction
		), paid AS (
			INSERT INTO payments (account_id, kind, transfer_id, end_to_end_id, currency, value, fraction, creditor, subject)
			SELECT account_id, 'bounce', transfer_id, $10, currency, value, fraction, $3, $11 FROM taken RETURNING payment_id
		)`+loggedSQL+` SELECT payment_id FROM paid`, args...)
	if err != nil {
		return Settled{}, err
	}
	d.wakeups.wake(a.ID())
	_, err = d.db.Exec(ctx, `SELECT pg_notify($1, $2)`, PaymentsChannel, strconv.Itoa(int(a.ID())))
	return settled, err
}

// WriteOffCase ends a case without moving money: it was dealt with elsewhere.
// Errors: ErrUnknownCase, *CaseSettled.
func (d *Desk) WriteOffCase(ctx context.Context, id int64, decision Decision) (Settled, error) {
	c, err := d.openCase(ctx, id)
	if err != nil {
		return Settled{}, err
	}
	err = d.decideCase(ctx, id, `
		WITH taken AS (
			UPDATE transfers t SET written_off = now() WHERE `+takenSQL+` RETURNING t.transfer_id
		)`+loggedSQL+` SELECT transfer_id FROM taken`, decisionArgs(&c, ActionWriteOff, "", decision)...)
	return Settled{ID: id, State: Manual}, err
}

// caseOf returns an open case and its account, which must be served still.
func (d *Desk) caseOf(ctx context.Context, id int64) (Case, *subjects.Account, error) {
	c, err := d.openCase(ctx, id)
	if err != nil {
		return c, nil, err
	}
	a, err := d.registry.Account(c.Account)
	return c, a, err
}

func (d *Desk) decideCase(ctx context.Context, id int64, sql string, args ...any) error {
	var taken int64
	return d.decideCaseInto(ctx, id, &taken, sql, args...)
}

// decideCaseInto runs the statement of a decision. No row: somebody else has
// decided between our reading and our writing; an end-to-end id that is there:
// even so that the bounce has failed again since.
func (d *Desk) decideCaseInto(ctx context.Context, id int64, result *int64, sql string, args ...any) error {
	err := postgres.Retry(ctx, func() error { return d.db.QueryRow(ctx, sql, args...).Scan(result) })
	if errors.Is(err, pgx.ErrNoRows) || postgres.ConstraintName(err) == "payments_end_to_end_id" {
		return d.whyNotOpen(ctx, id)
	}
	return err
}

// whyNotOpen tells a transfer that was never a case from one that is decided.
func (d *Desk) whyNotOpen(ctx context.Context, id int64) error {
	var settled CaseSettled
	err := d.db.QueryRow(ctx, `
		SELECT action, operator, decided FROM manual_log WHERE transfer_id = $1 ORDER BY log_id DESC LIMIT 1`, id).
		Scan(&settled.Action, &settled.Operator, &settled.Decided)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrUnknownCase
	}
	if err != nil {
		return err
	}
	settled.Decided = settled.Decided.UTC()
	return &settled
}

// furtherID is the end-to-end id of a bounce after so many others of the same
// transfer: the first one has that of rule T5, the others one of their own.
func furtherID(account, bankRef string, earlier int) string {
	if earlier == 0 {
		return endToEndID(account, bankRef)
	}
	return endToEndText(sha256.Sum256([]byte("shortwire-bounce-again-1\n" + account + "\n" + bankRef + "\n" + strconv.Itoa(earlier))))
}
