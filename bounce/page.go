package bounce

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
)

// How many waiting readers share one round trip, and how many may queue up.
const (
	pageBatch = 1024
	pageQueue = 64 << 10
)

// pageRequest is a reader who wants a page of one account. The columns are
// those of the transfer that follow row_id.
type pageRequest struct {
	accountID int32
	page      Page // without its timeout
	columns   string
	scan      func(pgx.CollectableRow) (any, error)
}

func (r *pageRequest) same(other *pageRequest) bool {
	return r.accountID == other.accountID && r.page == other.page && r.columns == other.columns
}

// pageAnswer is what several readers may share: nobody changes it.
type pageAnswer struct {
	rows    []any
	pending bool // rows of the account wait for their numbers
	horizon string
}

// read returns one page. Rows that were committed but not numbered, because
// their gateway died in between, are numbered first. Once is enough: what others
// commit meanwhile they number themselves before they acknowledge it.
//
// A reader who was woken, as many were by the same credit, shares the round trip
// with them; it begins after each of them has asked. A new one does not wait for
// others.
func (f *feed) read(ctx context.Context, r pageRequest, woken bool) ([]any, error) {
	ask := func() (pageAnswer, error) {
		if woken {
			return f.pages.Do(ctx, r)
		}
		answers, err := f.readPages(ctx, []pageRequest{r})
		if err != nil {
			return pageAnswer{}, err
		}
		return answers[0], nil
	}
	answer, err := ask()
	if err != nil || !answer.pending {
		return answer.rows, err
	}
	if _, err := f.publish(ctx, r.accountID, nil); err != nil {
		return nil, err
	}
	answer, err = ask()
	return answer.rows, err
}

// readPages reads each different page once, in one round trip.
func (f *feed) readPages(ctx context.Context, requests []pageRequest) ([]pageAnswer, error) {
	b := &pgx.Batch{}
	var asked []*pageRequest
	var found []*pageAnswer
	which := make([]int, len(requests))
	for i := range requests {
		n := 0
		for n < len(asked) && !asked[n].same(&requests[i]) {
			n++
		}
		if n == len(asked) {
			asked, found = append(asked, &requests[i]), append(found, &pageAnswer{})
			f.queuePage(b, &requests[i], found[n])
		}
		which[i] = n
	}
	if err := f.db.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	out := make([]pageAnswer, len(requests))
	for i, n := range which {
		out[i] = *found[n]
		if !out[i].pending {
			f.setComplete(requests[i].accountID, out[i].horizon)
		}
	}
	return out, nil
}

func (f *feed) queuePage(b *pgx.Batch, r *pageRequest, into *pageAnswer) {
	b.Queue(f.sql(pendingSQL), r.accountID, f.completeBelow(r.accountID)).
		QueryRow(func(row pgx.Row) error { return row.Scan(&into.pending, &into.horizon) })
	sql, limit := ascendingSQL, r.page.Limit
	if r.page.Limit < 0 {
		sql, limit = descendingSQL, -r.page.Limit
	}
	var offset *int64
	if r.page.HasOffset {
		offset = &r.page.Offset
	}
	// The limit stands in the text: the planner takes a parameter for a tenth of
	// the table, and sorts that. Pages have few sizes, so there are few texts.
	b.Queue(f.sql(fmt.Sprintf(sql, r.columns, limit)), r.accountID, offset).Query(func(rows pgx.Rows) (err error) {
		into.rows, err = pgx.CollectRows(rows, r.scan)
		return err
	})
}

// pendingSQL tells whether a row waits for its number, and below which
// transaction this snapshot knows that.
const pendingSQL = `
	SELECT EXISTS (
		SELECT FROM {queue} q
		WHERE q.account_id = $1
			AND q.xact >= (SELECT greatest({below}, $2::text::xid8) FROM accounts WHERE account_id = $1)),
		pg_snapshot_xmin(pg_current_snapshot())::text`

// The rows of a page are found in the order of the index first and looked up one
// by one then, whatever the planner thinks of their number.
const (
	ascendingSQL = `SELECT h.row_id, %s FROM (SELECT transfer_id, row_id FROM {table}
		WHERE account_id = $1 AND row_id > coalesce($2::bigint, 0) ORDER BY row_id LIMIT %d` + pageSQL + ` ORDER BY h.row_id`
	descendingSQL = `SELECT h.row_id, %s FROM (SELECT transfer_id, row_id FROM {table}
		WHERE account_id = $1 AND row_id < coalesce($2::bigint, 9223372036854775807) ORDER BY row_id DESC LIMIT %d` + pageSQL + ` ORDER BY h.row_id DESC`
	pageSQL = `) AS h CROSS JOIN LATERAL (SELECT * FROM transfers t WHERE t.transfer_id = h.transfer_id LIMIT 1) AS t`
)

// readPage waits for a page as poll does, and gives its rows their type.
func readPage[T any](ctx context.Context, d *Desk, f *feed, a *subjects.Account, p Page, columns string, scan func(pgx.CollectableRow) (T, error)) ([]T, error) {
	wait := p.Timeout
	if p.Limit < 0 {
		wait = 0
	}
	p.Timeout = 0
	request := pageRequest{accountID: a.ID(), page: p, columns: columns, scan: func(row pgx.CollectableRow) (any, error) { return scan(row) }}
	woken := false
	rows, err := poll(ctx, f.credits, a.ID(), wait, d.config.HistoryInterval, func() ([]any, error) {
		rows, err := f.read(ctx, request, woken)
		woken = true
		return rows, err
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	typed := make([]T, len(rows))
	for i := range rows {
		typed[i] = rows[i].(T)
	}
	return typed, nil
}
