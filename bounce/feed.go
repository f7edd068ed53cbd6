package bounce

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/postgres"
	"github.com/shortwire/shortwire/subjects/taler"
)

// HistoryChannel is the PostgreSQL channel on which a numbering tells other
// replicas that an account has new credits. The payload is the account's id.
// It carries no news by itself: whoever hears it reads again.
const HistoryChannel = "shortwire_history"

// publishLock is the class of the advisory locks under which one publisher at
// a time numbers an account's credits (the second key is the account's id).
const publishLock = 0x5357 // "SW"

// feed gives credits their numbers and reads them for the exchange.
type feed struct {
	db      *pgxpool.Pool
	limit   time.Duration
	credits *hub

	mu         sync.Mutex
	complete   map[int32]string // by account: no credit below this transaction lacks its number
	publishers map[int32]*postgres.Combiner[publishing, map[int64]int64]
}

// publishing is a caller who wants the credits he has committed numbered.
type publishing struct {
	accountID int32
	ids       []int64
}

// publish numbers every committed credit of the account and returns the row ids
// of the wanted ones. Callers that come together share one transaction; it
// begins after each of them called, so it sees what they committed.
func (f *feed) publish(ctx context.Context, accountID int32, ids []int64) (map[int64]int64, error) {
	return f.publisher(accountID).Do(ctx, publishing{accountID, ids})
}

func (f *feed) publisher(accountID int32) *postgres.Combiner[publishing, map[int64]int64] {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.publishers[accountID] == nil {
		f.publishers[accountID] = postgres.NewCombiner(
			postgres.CombinerConfig{MaxBatch: 256, Workers: 1, Timeout: f.limit}, nil, f.publishAll)
	}
	return f.publishers[accountID]
}

func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.publishers {
		p.Close()
	}
}

// publishAll numbers under the advisory lock, which is held until the commit:
// numbers become visible in their own order, so a reader never misses a row
// (T6). The lock is a statement of its own, since the numbering must see what
// its predecessor committed.
func (f *feed) publishAll(ctx context.Context, callers []publishing) ([]map[int64]int64, error) {
	account := callers[0].accountID
	var wanted []int64
	for _, c := range callers {
		wanted = append(wanted, c.ids...)
	}
	rows := map[int64]int64{}
	b := &pgx.Batch{}
	b.Queue(`SELECT pg_advisory_xact_lock($1, $2)`, publishLock, account)
	b.Queue(numberSQL, account, wanted)
	b.Queue(`SELECT transfer_id, row_id FROM history WHERE transfer_id = ANY($1)`, wanted).Query(func(found pgx.Rows) error {
		var transfer, row int64
		_, err := pgx.ForEachRow(found, []any{&transfer, &row}, func() error {
			rows[transfer] = row
			return nil
		})
		return err
	})
	b.Queue(`SELECT pg_notify($1, $2)`, HistoryChannel, strconv.Itoa(int(account)))
	if err := f.db.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	f.credits.wake(account)
	out := make([]map[int64]int64, len(callers))
	for i := range out {
		out[i] = rows
	}
	return out, nil
}

// numberSQL numbers what it sees and remembers how far that was complete: every
// transaction below the horizon of its snapshot has ended, so each credit of
// theirs is numbered now. Credits that a caller names are numbered in any case.
const numberSQL = `
	WITH unnumbered AS MATERIALIZED (
		SELECT transfer_id, row_number() OVER (ORDER BY transfer_id) AS n FROM (
			SELECT h.transfer_id FROM history h
			WHERE h.account_id = $1 AND h.row_id IS NULL AND h.xact >= (SELECT numbered_below FROM accounts WHERE account_id = $1)
			UNION
			SELECT h.transfer_id FROM unnest($2::bigint[]) AS wanted (transfer_id) CROSS JOIN LATERAL (
				SELECT transfer_id FROM history h WHERE h.transfer_id = wanted.transfer_id AND h.row_id IS NULL LIMIT 1) AS h) AS found
	), base AS (
		UPDATE accounts SET last_row_id = last_row_id + (SELECT count(*) FROM unnumbered),
			numbered_below = pg_snapshot_xmin(pg_current_snapshot())
		WHERE account_id = $1
		RETURNING last_row_id - (SELECT count(*) FROM unnumbered) AS row_id
	)
	UPDATE history h SET row_id = base.row_id + unnumbered.n
	FROM unnumbered, base WHERE h.transfer_id = unnumbered.transfer_id`

// read returns one page. Credits that were committed but not numbered, because
// their gateway died in between, are numbered first. Once is enough: what others
// commit meanwhile they number themselves before they acknowledge it.
func (f *feed) read(ctx context.Context, a *subjects.Account, p Page) ([]Credit, error) {
	credits, pending, err := f.page(ctx, a, p)
	if err != nil || !pending {
		return credits, err
	}
	if _, err := f.publish(ctx, a.ID(), nil); err != nil {
		return nil, err
	}
	credits, _, err = f.page(ctx, a, p)
	return credits, err
}

func (f *feed) page(ctx context.Context, a *subjects.Account, p Page) (credits []Credit, pending bool, err error) {
	sql, limit := ascendingSQL, p.Limit
	if p.Limit < 0 {
		sql, limit = descendingSQL, -p.Limit
	}
	var offset *int64
	if p.HasOffset {
		offset = &p.Offset
	}
	b := &pgx.Batch{}
	var horizon string
	b.Queue(pendingSQL, a.ID(), f.completeBelow(a.ID())).
		QueryRow(func(row pgx.Row) error { return row.Scan(&pending, &horizon) })
	// The limit stands in the text: the planner takes a parameter for a tenth of
	// the table, and sorts that. Pages have few sizes, so there are few texts.
	b.Queue(fmt.Sprintf(sql, limit), a.ID(), offset).Query(func(rows pgx.Rows) error {
		credits, err = pgx.CollectRows(rows, scanCredit)
		return err
	})
	err = f.db.SendBatch(ctx, b).Close()
	if err == nil && !pending {
		f.setComplete(a.ID(), horizon)
	}
	return credits, pending, err
}

// completeBelow is what this process has seen for itself beyond the horizon that
// the last publisher wrote down. It only saves looking there again.
func (f *feed) completeBelow(accountID int32) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return cmp.Or(f.complete[accountID], "0")
}

func (f *feed) setComplete(accountID int32, horizon string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.complete[accountID] = horizon
}

// forget drops what was seen: the connection was lost, and it may be another
// server that answers now.
func (f *feed) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.complete)
}

// pendingSQL tells whether a credit waits for its number, and below which
// transaction this snapshot knows that.
const pendingSQL = `
	SELECT EXISTS (
		SELECT FROM history h
		WHERE h.account_id = $1 AND h.row_id IS NULL
			AND h.xact >= (SELECT greatest(numbered_below, $2::text::xid8) FROM accounts WHERE account_id = $1)),
		pg_snapshot_xmin(pg_current_snapshot())::text`

// The rows of a page are found in the order of the index first and looked up one
// by one then, whatever the planner thinks of their number.
const (
	ascendingSQL = creditSQL + `SELECT transfer_id, row_id FROM history
		WHERE account_id = $1 AND row_id > coalesce($2::bigint, 0) ORDER BY row_id LIMIT %d` + pageSQL + ` ORDER BY h.row_id`
	descendingSQL = creditSQL + `SELECT transfer_id, row_id FROM history
		WHERE account_id = $1 AND row_id < coalesce($2::bigint, 9223372036854775807) ORDER BY row_id DESC LIMIT %d` + pageSQL + ` ORDER BY h.row_id DESC`

	creditSQL = `
	SELECT h.row_id, t.settled, t.currency, t.value, t.fraction, coalesce(t.debtor, ''), t.credit_type,
		t.account_pub, t.wad_id, coalesce(t.origin_exchange_url, ''), t.authorization_pub, t.authorization_sig
	FROM (`
	pageSQL = `) AS h CROSS JOIN LATERAL (SELECT * FROM transfers t WHERE t.transfer_id = h.transfer_id LIMIT 1) AS t`
)

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
