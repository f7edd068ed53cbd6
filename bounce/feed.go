package bounce

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/subjects/postgres"
)

// book names a numbered list of transfers: a table with the columns of history,
// the queue of what waits for its number, and the two columns of accounts that
// belong to it.
type book struct {
	table, queue, last, below string
	lock                      int    // class of the advisory locks under which one publisher at a time numbers an account's rows
	channel                   string // told of a numbering; "": nobody
}

// feed gives the rows of a book their numbers and reads them.
type feed struct {
	book
	names   *strings.Replacer
	db      *pgxpool.Pool
	limit   time.Duration
	waiting *watch
	pages   *postgres.Combiner[pageRequest, pageAnswer]

	mu         sync.Mutex
	complete   map[int32]string // by account: no row below this transaction lacks its number
	publishers map[int32]*postgres.Combiner[publishing, map[int64]int64]
}

func newFeed(db *pgxpool.Pool, limit time.Duration, b book) *feed {
	f := &feed{
		book: b, db: db, limit: limit,
		names:    strings.NewReplacer("{table}", b.table, "{queue}", b.queue, "{last}", b.last, "{below}", b.below),
		complete: map[int32]string{}, publishers: map[int32]*postgres.Combiner[publishing, map[int64]int64]{},
	}
	f.pages = postgres.NewCombiner(postgres.CombinerConfig{MaxBatch: pageBatch, Queue: pageQueue, Workers: pageWorkers, Timeout: limit}, nil, f.readPages)
	f.waiting = newWatch(f.look)
	return f
}

// sql fills the names of the book in.
func (f *feed) sql(text string) string { return f.names.Replace(text) }

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
	f.waiting.close()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.publishers {
		p.Close()
	}
	f.pages.Close()
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
	b.Queue(`SELECT pg_advisory_xact_lock($1, $2)`, f.lock, account)
	b.Queue(f.sql(numberSQL), account, wanted).Query(func(found pgx.Rows) error {
		var transfer, row int64
		_, err := pgx.ForEachRow(found, []any{&transfer, &row}, func() error {
			rows[transfer] = row
			return nil
		})
		return err
	})
	if f.channel != "" {
		b.Queue(`SELECT pg_notify($1, $2)`, f.channel, strconv.Itoa(int(account)))
	}
	if err := f.db.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	f.waiting.wake(account)
	out := make([]map[int64]int64, len(callers))
	for i := range out {
		out[i] = rows
	}
	return out, nil
}

// numberSQL numbers what it sees in the queue and remembers how far that was
// complete: every transaction below the horizon of its snapshot has ended, so
// each row of theirs is numbered now. It returns the numbers that it gave, and
// those of the wanted rows that somebody else gave.
const numberSQL = `
	WITH taken AS (
		DELETE FROM {queue} q WHERE q.account_id = $1 AND q.xact >= (SELECT {below} FROM accounts WHERE account_id = $1)
		RETURNING q.transfer_ids
	), waiting AS MATERIALIZED (
		SELECT transfer_id, row_number() OVER (ORDER BY transfer_id) AS n FROM taken CROSS JOIN LATERAL unnest(transfer_ids) AS transfer_id
	), base AS (
		UPDATE accounts SET {last} = {last} + (SELECT count(*) FROM waiting),
			{below} = pg_snapshot_xmin(pg_current_snapshot())
		WHERE account_id = $1
		RETURNING {last} - (SELECT count(*) FROM waiting) AS row_id
	), numbered AS (
		INSERT INTO {table} (transfer_id, account_id, row_id)
		SELECT transfer_id, $1, base.row_id + n FROM waiting, base
		RETURNING transfer_id, row_id
	)
	SELECT transfer_id, row_id FROM numbered
	UNION ALL
	SELECT h.transfer_id, h.row_id FROM (SELECT unnest($2::bigint[]) EXCEPT SELECT transfer_id FROM numbered) AS wanted (transfer_id)
		CROSS JOIN LATERAL (SELECT transfer_id, row_id FROM {table} h WHERE h.transfer_id = wanted.transfer_id LIMIT 1) AS h`

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
