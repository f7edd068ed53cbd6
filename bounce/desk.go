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

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/postgres"
)

// receiveTries bounds how often a batch starts anew because another job stored
// one of its transfers, or another way in credited one of its keys, first.
const receiveTries = 8

// receiveLimit bounds one try. A batch takes a fraction of a second; a server
// that does not answer for so long, although it ends statements earlier, is cut
// off or frozen, and the caller shall hear of it.
const receiveLimit = 12 * time.Second

// Config are the settings of the desk.
type Config struct {
	Retention    time.Duration // what ended longer ago is removed by Retain; 0: nothing ever
	Lease        time.Duration // a payment handed to a bank job is offered again after this
	PublishLimit time.Duration // bounds one numbering of new credits
	PollInterval time.Duration // long polls read again after this even when nobody woke them; 0: 5 s
	// HistoryInterval is the same for the histories, of which everything new is
	// told: it catches a lost notification, nothing else. 0: twelve times as long.
	HistoryInterval time.Duration
}

// Desk receives transfers for all accounts. It is safe for concurrent use and
// keeps nothing in memory that decides anything.
type Desk struct {
	db       *pgxpool.Pool
	registry *subjects.Registry
	config   Config
	feed     *feed
	revenue  *feed
	wakeups  *hub // new payments, by account
	paid     *hub // transfers of the exchange that were paid, by account

	unusual    sync.Map // by account id: whether it took credits from other messages lately
	remembered sync.Map // ids of accounts whose earlier transfers have sightings

	announcer *postgres.Combiner[int32, struct{}] // of transfers that no numbering tells of
}

// Open makes the desk. Call Wake when another replica tells of new credits.
func Open(db *pgxpool.Pool, registry *subjects.Registry, c Config) *Desk {
	c.PollInterval = cmp.Or(c.PollInterval, 5*time.Second)
	c.HistoryInterval = cmp.Or(c.HistoryInterval, 12*c.PollInterval)
	return &Desk{
		db: db, registry: registry, config: c, wakeups: newHub(), paid: newHub(),
		feed: newFeed(db, c.PublishLimit, creditBook), revenue: newFeed(db, c.PublishLimit, revenueBook),
		announcer: newAnnouncer(db),
	}
}

// Close waits for numberings that are under way.
func (d *Desk) Close() {
	d.feed.close()
	d.revenue.close()
	d.announcer.Close()
}

// Number gives row ids to every committed credit of the account (T6). The
// registry calls it after a mapping released held transfers.
func (d *Desk) Number(ctx context.Context, a *subjects.Account) error {
	_, err := d.feed.publish(ctx, a.ID(), nil)
	return err
}

// Wake makes long polls read again: those of one account when payload is its
// id, as sent on one of Channels, all of them when it is empty.
func (d *Desk) Wake(channel, payload string) {
	id, err := strconv.ParseInt(payload, 10, 32)
	switch {
	case err != nil:
		d.feed.forget()
		d.revenue.forget()
		d.feed.waiting.wakeAll()
		d.revenue.waiting.wakeAll()
		d.wakeups.wakeAll()
		d.paid.wakeAll()
	case channel == PaymentsChannel:
		d.wakeups.wake(int32(id))
		d.paid.wake(int32(id))
	case channel == RevenueChannel:
		d.revenue.waiting.wake(int32(id))
	default:
		d.feed.waiting.wake(int32(id))
		d.revenue.waiting.wake(int32(id))
	}
}

// Receive decides and stores a batch of transfers of one account, in one
// transaction, and answers one result per transfer in the same order. Items
// that cannot be stored have Err set and do not disturb the others. An error
// means that nothing is known to be stored: post the same batch again.
func (d *Desk) Receive(ctx context.Context, a *subjects.Account, transfers []Transfer) ([]Result, error) {
	b := newBatch(a, transfers)
	if err := d.openLedger(ctx, b); err != nil {
		return nil, fmt.Errorf("looking up what other messages told: %w", err)
	}
	for try := 1; ; try++ {
		err := postgres.Retry(ctx, func() error { return d.receiveOnce(ctx, b) })
		if err == nil {
			break
		}
		if !lostRace(err) || try == receiveTries {
			return nil, fmt.Errorf("receiving %d transfers: %w", len(transfers), err)
		}
	}
	if b.hasBounce() {
		d.wakeups.wake(a.ID())
	}
	if err := d.number(ctx, a, b); err != nil {
		return nil, fmt.Errorf("numbering new credits: %w", err)
	}
	d.announce(ctx, a, b)
	if words := b.returns(); len(words) > 0 {
		if _, err := d.Report(ctx, a, words); err != nil {
			return nil, fmt.Errorf("confirming returned payments: %w", err)
		}
	}
	return b.results, nil
}

// lostRace tells that somebody else stored the same transfer or credited the
// same reserve key between our reading and our writing. Reading again gives the
// right answer.
func lostRace(err error) bool {
	switch postgres.ConstraintName(err) {
	case "transfers_bank_ref", "transfers_reserve_pub", "sightings_pkey":
		return true
	}
	return false
}

// receiveOnce runs the transaction: one round trip reads and locks, one
// writes and commits.
func (d *Desk) receiveOnce(ctx context.Context, b *batch) error {
	ctx, cancel := context.WithTimeout(ctx, receiveLimit)
	defer cancel()
	conn, err := d.db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	err = d.runBatch(ctx, conn, b)
	if err != nil && conn.Conn().PgConn().TxStatus() != 'I' {
		// The request may be over; the connection must come back clean.
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, _ = conn.Exec(cleanup, "rollback") // on failure Release destroys the connection
	}
	return err
}

func (d *Desk) runBatch(ctx context.Context, conn *pgxpool.Conn, b *batch) error {
	b.reset()
	read := &pgx.Batch{}
	read.Queue("begin")
	b.queueLedger(read)
	b.queueReads(read)
	d.registry.QueueResolve(read, b.account, b.references(), b.keys(), b.found)
	if err := conn.SendBatch(ctx, read).Close(); err != nil {
		return err
	}
	b.decide()
	write := &pgx.Batch{}
	if err := b.queueWrites(write); err != nil {
		return err
	}
	if err := b.queueSightings(write); err != nil {
		return err
	}
	d.registry.QueueUses(write, b.account, b.uses())
	write.Queue("commit")
	return conn.SendBatch(ctx, write).Close()
}

// number gives the credits of the batch their row ids and puts them into the
// results (T6).
func (d *Desk) number(ctx context.Context, a *subjects.Account, b *batch) error {
	ids := b.unnumbered()
	if len(ids) == 0 {
		return nil
	}
	rows, err := d.feed.publish(ctx, a.ID(), ids)
	if err != nil {
		return err
	}
	b.setRowIDs(rows)
	return nil
}

// candidatesOf scans a transfer once, before any lock is taken (T3, T4).
func candidatesOf(a *subjects.Account, r wire.Remittance) []wire.Candidate {
	return wire.Candidates(a.Method, r, a.LegacySubjects)
}
