package bounce

import (
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
)

// transferColumns are the new rows of transfers, one slice per column, so that
// a batch of any size is one statement.
type transferColumns struct {
	ids                                  []int64
	refs, currencies, remittances, state []string
	hashes                               [][]byte
	values                               []int64
	fractions                            []int32
	debtors, reasons                     []*string
	valueDates                           []*time.Time
	authorizationPubs, signatures        [][]byte
	creditTypes                          []*string
	accountPubs, wads                    [][]byte
	urls                                 []*string
	mapped                               []*int64
}

// queueWrites stores what was decided. Nothing here decides: a row that is in
// the way is a constraint violation, which undoes the whole transaction.
func (b *batch) queueWrites(write *pgx.Batch) error {
	var c transferColumns
	var failed error
	b.fresh(func(it *item) {
		if err := c.add(it); err != nil {
			failed = err
		}
	})
	if failed != nil || len(c.ids) == 0 {
		return failed
	}
	write.Queue(insertTransfersSQL, b.account.ID(), b.holdUntil(), c.ids, c.refs, c.hashes, c.currencies, c.values, c.fractions,
		c.debtors, c.valueDates, c.remittances, c.state, c.reasons, c.authorizationPubs, c.signatures,
		c.creditTypes, c.accountPubs, c.wads, c.urls, c.mapped)
	if ids := b.creditedIDs(); len(ids) > 0 {
		write.Queue(`INSERT INTO history_queue (account_id, transfer_ids) VALUES ($1, $2)`, b.account.ID(), ids)
	}
	if ids := b.revenueIDs(); len(ids) > 0 {
		write.Queue(`INSERT INTO revenue_queue (account_id, transfer_ids) VALUES ($1, $2)`, b.account.ID(), ids)
	}
	b.queueBounces(write)
	return nil
}

const insertTransfersSQL = `
	INSERT INTO transfers (account_id, transfer_id, bank_ref, content_hash, currency, value, fraction,
		debtor, value_date, remittance, received, state, reason, hold_until, settled, authorization_pub, authorization_sig,
		credit_type, account_pub, wad_id, origin_exchange_url, mapped)
	SELECT $1, id, bank_ref, hash, currency, value, fraction, debtor, value_date, remittance, now(), state, reason,
		CASE WHEN state = 'held' THEN $2::timestamptz END, CASE WHEN state <> 'held' THEN now() END,
		authorization_pub, signature, credit_type, account_pub, wad_id, url, mapped
	FROM unnest($3::bigint[], $4::text[], $5::bytea[], $6::text[], $7::bigint[], $8::int[], $9::text[], $10::date[], $11::json[],
			$12::text[], $13::text[], $14::bytea[], $15::bytea[], $16::text[], $17::bytea[], $18::bytea[], $19::text[], $20::bigint[])
		AS t (id, bank_ref, hash, currency, value, fraction, debtor, value_date, remittance,
			state, reason, authorization_pub, signature, credit_type, account_pub, wad_id, url, mapped)`

func (c *transferColumns) add(it *item) error {
	t := it.transfer
	remittance, err := encodeRemittance(t.Remittance)
	if err != nil {
		return err
	}
	c.ids = append(c.ids, it.id)
	c.refs = append(c.refs, t.BankRef)
	c.hashes = append(c.hashes, it.hash)
	c.currencies = append(c.currencies, t.Amount.Currency)
	c.values = append(c.values, int64(t.Amount.Value))
	c.fractions = append(c.fractions, int32(t.Amount.Fraction))
	c.remittances = append(c.remittances, remittance)
	c.state = append(c.state, string(it.outcome.State))
	c.reasons = append(c.reasons, optional(string(it.outcome.Reason)))
	var debtor *string
	if t.Debtor != nil {
		debtor = optional(t.Debtor.String())
	}
	c.debtors = append(c.debtors, debtor)
	var date *time.Time
	if !t.ValueDate.IsZero() {
		date = &t.ValueDate
	}
	c.valueDates = append(c.valueDates, date)
	c.addOutcome(it.outcome)
	return nil
}

// addOutcome fills the columns that only held and credited transfers have.
func (c *transferColumns) addOutcome(o Outcome) {
	var pub, signature, account, wad []byte
	var kind, url *string
	var mapped *int64
	if o.Match != nil {
		pub = o.Match.AuthorizationPub[:]
	}
	if o.State == Credited {
		kind = optional(string(o.Target.Type))
		if o.Target.Type == subjects.CreditWAD {
			wad, url = o.Target.WadID[:], &o.Target.OriginExchangeURL
		} else {
			account = o.Target.AccountPub[:]
		}
		if o.Match != nil {
			seconds := o.Match.Pending.Timestamp.Unix()
			signature, mapped = o.Match.Pending.Signature[:], &seconds
		}
	}
	c.authorizationPubs = append(c.authorizationPubs, pub)
	c.signatures = append(c.signatures, signature)
	c.creditTypes = append(c.creditTypes, kind)
	c.accountPubs = append(c.accountPubs, account)
	c.wads = append(c.wads, wad)
	c.urls = append(c.urls, url)
	c.mapped = append(c.mapped, mapped)
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// paymentColumns are the new rows of payments.
type paymentColumns struct {
	ids                                       []int64
	endToEndIDs, currencies, creditors, texts []string
	values                                    []int64
	fractions                                 []int32
}

// queueBounces writes the payments that send bounced transfers back, in the
// transaction of the decision (T5). payments_bounce refuses a second one.
func (b *batch) queueBounces(write *pgx.Batch) {
	var c paymentColumns
	b.fresh(func(it *item) {
		if it.outcome.State != Bounced {
			return
		}
		c.add(it.id, endToEndID(b.account.Name, it.transfer.BankRef), it.transfer, it.outcome.Reason)
	})
	c.queue(write, b.account.ID())
}

func (c *paymentColumns) add(id int64, endToEnd string, t *Transfer, reason Reason) {
	c.ids = append(c.ids, id)
	c.endToEndIDs = append(c.endToEndIDs, endToEnd)
	c.currencies = append(c.currencies, t.Amount.Currency)
	c.values = append(c.values, int64(t.Amount.Value))
	c.fractions = append(c.fractions, int32(t.Amount.Fraction))
	c.creditors = append(c.creditors, t.Debtor.String())
	c.texts = append(c.texts, bounceSubject(t.BankRef, reason))
}

func (c *paymentColumns) queue(write *pgx.Batch, accountID int32) {
	if len(c.ids) == 0 {
		return
	}
	write.Queue(`
		INSERT INTO payments (account_id, kind, transfer_id, end_to_end_id, currency, value, fraction, creditor, subject)
		SELECT $1, 'bounce', * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::int[], $7::text[], $8::text[])`,
		accountID, c.ids, c.endToEndIDs, c.currencies, c.values, c.fractions, c.creditors, c.texts)
}
