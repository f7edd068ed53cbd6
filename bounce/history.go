package bounce

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// HistoryChannel is the PostgreSQL channel on which a numbering tells other
// replicas that an account has new credits. The payload is the account's id.
// It carries no news by itself: whoever hears it reads again.
const HistoryChannel = "shortwire_history"

// creditBook is the exchange's incoming history.
var creditBook = book{table: "history", queue: "history_queue", last: "last_row_id", below: "numbered_below", lock: 0x5357, channel: HistoryChannel} // "SW"

// History returns one page of the exchange's incoming history. With a positive
// limit and a timeout it waits for the first row after the offset; paging
// backwards never waits. An empty page is not an error. No database connection
// is held while waiting.
func (d *Desk) History(ctx context.Context, a *subjects.Account, p Page) ([]Credit, error) {
	return readPage(ctx, d, d.feed, a, p, creditColumns, scanCredit)
}

// ReserveUsed tells whether a reserve key was credited, on any account (M3).
func (d *Desk) ReserveUsed(ctx context.Context, key taler.EddsaPublicKey) (used bool, err error) {
	err = d.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM transfers WHERE account_pub = $1 AND credit_type = 'reserve')`, key[:]).Scan(&used)
	return used, err
}

const creditColumns = `t.settled, t.currency, t.value, t.fraction, coalesce(t.debtor, ''), t.credit_type,
		t.account_pub, t.wad_id, coalesce(t.origin_exchange_url, ''), t.authorization_pub, t.authorization_sig`

func scanCredit(row pgx.CollectableRow) (Credit, error) {
	var (
		c                      Credit
		account, wad, pub, sig []byte
		value                  int64
		fraction               int32
	)
	err := row.Scan(&c.RowID, &c.Date, &c.Amount.Currency, &value, &fraction, &c.Debtor, &c.Target.Type,
		&account, &wad, &c.Target.OriginExchangeURL, &pub, &sig)
	if err != nil {
		return Credit{}, err
	}
	c.Date = c.Date.UTC()
	c.Amount.Value, c.Amount.Fraction = uint64(value), uint32(fraction)
	copy(c.Target.AccountPub[:], account)
	copy(c.Target.WadID[:], wad)
	if pub != nil {
		c.AuthorizationPub, c.AuthorizationSig = new(taler.EddsaPublicKey), new(taler.EddsaSignature)
		copy(c.AuthorizationPub[:], pub)
		copy(c.AuthorizationSig[:], sig)
	}
	return c, nil
}
