package bounce

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
)

// How many readers share one round trip, how many round trips may be under way,
// and how many readers may queue up.
const (
	pageBatch   = 1024
	pageWorkers = 4
	pageQueue   = 64 << 10
)

// pageRequest is a reader who wants a page of one account. The columns are
// those of the transfer that follow row_id.
type pageRequest struct {
	accountID int32
	page      Page // without its timeout
	columns   string
	collect   func(pgx.Rows) (rows any, found int, err error)
}

func (r *pageRequest) key() pageKey { return pageKey{r.page, r.columns} }

// pageAnswer is what several readers may share: nobody changes it.
type pageAnswer struct {
	rows    any  // a slice
	found   int  // its length
	pending bool // rows of the account wait for their numbers
	horizon string
}

// read returns one page. Rows that were committed but not numbered, because
// their gateway died in between, are numbered first. Once is enough: what others
// commit meanwhile they number themselves before they acknowledge it.
//
// Readers who come together share a round trip, which begins after each of them
// has asked; few enough do not wait for others.
func (f *feed) read(ctx context.Context, r pageRequest) (pageAnswer, error) {
	answer, err := f.pages.Do(ctx, r)
	if err != nil || !answer.pending {
		return answer, err
	}
	if _, err := f.publish(ctx, r.accountID, nil); err != nil {
		return pageAnswer{}, err
	}
	return f.pages.Do(ctx, r)
}

// look is read for all who wait at an account.
func (f *feed) look(account int32, requests []pageRequest) ([]pageAnswer, error) {
	var all []pageAnswer
	for some := range slices.Chunk(requests, pageBatch) {
		answers, err := f.lookAt(account, some)
		if err != nil {
			return nil, err
		}
		all = append(all, answers...)
	}
	return all, nil
}

func (f *feed) lookAt(account int32, requests []pageRequest) ([]pageAnswer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), f.limit)
	defer cancel()
	answers, err := f.readPages(ctx, requests)
	if err != nil || !slices.ContainsFunc(answers, func(a pageAnswer) bool { return a.pending }) {
		return answers, err
	}
	if _, err := f.publish(ctx, account, nil); err != nil {
		return nil, err
	}
	return f.readPages(ctx, requests)
}

// readPages reads each different page once, in one round trip.
func (f *feed) readPages(ctx context.Context, requests []pageRequest) ([]pageAnswer, error) {
	type page struct {
		accountID int32
		pageKey
	}
	b, asked := &pgx.Batch{}, map[page]*pageAnswer{}
	which := make([]*pageAnswer, len(requests))
	for i := range requests {
		key := page{requests[i].accountID, requests[i].key()}
		if asked[key] == nil {
			asked[key] = &pageAnswer{}
			f.queuePage(b, &requests[i], asked[key])
		}
		which[i] = asked[key]
	}
	if err := f.db.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	for key, answer := range asked {
		if !answer.pending {
			f.setComplete(key.accountID, answer.horizon)
		}
	}
	out := make([]pageAnswer, len(requests))
	for i := range which {
		out[i] = *which[i]
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
		into.rows, into.found, err = r.collect(rows)
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

// readPage waits for a page as poll does, together with all who wait for the same
// one, and gives its rows their type. The rows may be shared: nobody changes them.
func readPage[T any](ctx context.Context, d *Desk, f *feed, a *subjects.Account, p Page, columns string, scan func(pgx.CollectableRow) (T, error)) ([]T, error) {
	wait := p.Timeout
	if p.Limit < 0 {
		wait = 0
	}
	p.Timeout = 0
	request := pageRequest{accountID: a.ID(), page: p, columns: columns, collect: func(rows pgx.Rows) (any, int, error) {
		typed, err := pgx.CollectRows(rows, scan)
		return typed, len(typed), err
	}}
	answer, err := f.readOrWait(ctx, request, wait, d.config.HistoryInterval)
	if err != nil || answer.found == 0 {
		return nil, err
	}
	return answer.rows.([]T), nil
}

// readOrWait reads, and waits at a seat while there is nothing. Beside what wakes
// the seat it reads again at an interval, like poll.
func (f *feed) readOrWait(ctx context.Context, r pageRequest, wait, interval time.Duration) (pageAnswer, error) {
	if wait <= 0 {
		return f.read(ctx, r)
	}
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	for {
		answer, over, err := f.sit(ctx, r, deadline.C, interval)
		if err != nil || over || answer.found > 0 {
			return answer, err
		}
	}
}

// sit takes a seat, reads, and waits there once. over tells that there is nothing
// to wait for any more.
func (f *feed) sit(ctx context.Context, r pageRequest, deadline <-chan time.Time, interval time.Duration) (answer pageAnswer, over bool, err error) {
	s := f.waiting.take(r)
	defer f.waiting.leave(s)
	answer, err = f.read(ctx, r)
	if err != nil || answer.found > 0 {
		return answer, false, err
	}
	again := time.NewTimer(interval)
	defer again.Stop()
	select {
	case <-s.ready:
		return s.answer, false, nil
	case <-again.C:
		return pageAnswer{}, false, nil
	case <-deadline:
	case <-ctx.Done():
	}
	return pageAnswer{}, true, nil
}
