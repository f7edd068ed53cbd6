package bounce

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/postgres"
	"github.com/shortwire/shortwire/subjects/taler"
)

// RevenueChannel is the PostgreSQL channel on which a gateway tells others of
// transfers that were not credited; of credits, HistoryChannel tells. The payload
// is the account's id.
const RevenueChannel = "shortwire_revenue"

// Channels are those whose notifications Wake wants to hear.
func Channels() []string { return []string{HistoryChannel, PaymentsChannel, RevenueChannel} }

// revenueBook is the list of everything that arrived in the account's currency,
// whatever became of it. It is numbered when somebody reads it, or by the
// schedule: to number it with every transfer would slow all of them down for
// readers that most accounts never have.
var revenueBook = book{table: "revenue", queue: "revenue_queue", last: "last_revenue_id", below: "revenue_below", lock: 0x5352} // "SR"

// Receipt is one row of an account's revenue.
type Receipt struct {
	RowID   int64 // a number space of its own
	Date    time.Time
	Amount  taler.Amount
	Debtor  string // full payto as reported, "" when unknown
	Subject string // as reported, see subjectText
}

// Revenue returns one page of what arrived on the account, and waits like
// History. Money in another currency is not in it: readers refuse a whole page
// for one amount in a currency that is not theirs.
func (d *Desk) Revenue(ctx context.Context, a *subjects.Account, p Page) ([]Receipt, error) {
	return readPage(ctx, d, d.revenue, a, p, receiptColumns, scanReceipt)
}

const receiptColumns = `t.received, t.currency, t.value, t.fraction, coalesce(t.debtor, ''), t.remittance::text`

func scanReceipt(row pgx.CollectableRow) (Receipt, error) {
	var (
		r          Receipt
		value      int64
		fraction   int32
		remittance string
	)
	err := row.Scan(&r.RowID, &r.Date, &r.Amount.Currency, &value, &fraction, &r.Debtor, &remittance)
	if err != nil {
		return Receipt{}, err
	}
	r.Date = r.Date.UTC()
	r.Amount.Value, r.Amount.Fraction = uint64(value), uint32(fraction)
	r.Subject, err = subjectText(remittance)
	return r, err
}

// subjectText writes a remittance in one line. Lines of free text are joined
// without a blank, as Taler does: banks break a text wherever a line is full, and
// a reader could not tell a blank of theirs from one of the payer.
func subjectText(stored string) (string, error) {
	var r remittanceJSON
	if err := json.Unmarshal([]byte(stored), &r); err != nil {
		return "", err
	}
	parts := append(r.Structured, strings.Join(r.Unstructured, ""), r.Particulars, r.Code, r.Reference)
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " "), nil
}

// revenueIDs are the new transfers that belong into the revenue.
func (b *batch) revenueIDs() []int64 {
	var ids []int64
	b.fresh(func(it *item) {
		if it.transfer.Amount.Currency == b.account.Currency {
			ids = append(ids, it.id)
		}
	})
	return ids
}

// NumberAll numbers what waits for it on every account, so that the first reader
// after a long time finds little to do, and tells waiting readers of credits
// whose gateway died before it numbered them.
func (d *Desk) NumberAll(ctx context.Context) error {
	var errs []error
	nothing := func(rows pgx.Rows) (any, int, error) {
		rows.Close()
		return nil, 0, rows.Err()
	}
	for _, f := range []*feed{d.feed, d.revenue} {
		for _, a := range d.registry.Accounts() {
			_, err := f.read(ctx, pageRequest{accountID: a.ID(), page: Page{Limit: 1}, columns: `0`, collect: nothing})
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func newAnnouncer(db *pgxpool.Pool) *postgres.Combiner[int32, struct{}] {
	return postgres.NewCombiner(postgres.CombinerConfig{MaxBatch: 256}, nil, func(ctx context.Context, accounts []int32) ([]struct{}, error) {
		_, err := db.Exec(ctx, `SELECT pg_notify($1, account_id::text) FROM (SELECT DISTINCT unnest($2::int[]) AS account_id) AS a`, RevenueChannel, accounts)
		return make([]struct{}, len(accounts)), err
	})
}

// announce wakes who waits for revenue, here and on other replicas. Of credits,
// their numbering has told already. A failure does not spoil what is stored:
// waiting readers look by themselves at times.
func (d *Desk) announce(ctx context.Context, a *subjects.Account, b *batch) {
	if len(b.revenueIDs()) == 0 {
		return
	}
	d.revenue.waiting.wake(a.ID())
	if len(b.creditedIDs()) == 0 {
		_, _ = d.announcer.Do(ctx, a.ID())
	}
}
