package bounce

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// sightingLock is the class of the advisory locks under which one batch at a time
// compares the sightings of an account: what two jobs post of one payment has
// nothing in common that could be locked. It is taken before any row.
const sightingLock = 0x5353 // "SS"

// queueLedger takes the lock and asks for what the items may be. The lock is a
// statement of its own, since those after it must see what its last holder
// committed.
func (b *batch) queueLedger(read *pgx.Batch) {
	if b.ledger == nil {
		return
	}
	refs, amounts, from, to := b.wanted()
	read.Queue(`SELECT pg_advisory_xact_lock($1, $2)`, sightingLock, b.account.ID())
	if !from.IsZero() {
		read.Queue(alikeSQL, b.account.ID(), b.ledger.source, amounts, from, to, nearby).Query(b.ledger.collectAlike)
	}
	read.Queue(toldSQL, b.account.ID(), b.ledger.source, refs).Query(b.ledger.collectTold)
}

// wanted are the references of the items, their amounts, and the days from the
// first to the last.
func (b *batch) wanted() (refs, amounts []string, from, to time.Time) {
	b.valid(func(_ int, it *item) {
		s := b.ledger.items[it]
		if s == nil {
			return
		}
		refs = append(refs, it.transfer.BankRef)
		day := s.marks.day()
		if day.IsZero() {
			return
		}
		amounts = append(amounts, it.transfer.Amount.String())
		if from.IsZero() || day.Before(from) {
			from = day
		}
		if day.After(to) {
			to = day
		}
	})
	return refs, slices.Compact(slices.Sorted(slices.Values(amounts))), from, to
}

// alikeSQL finds transfers of the same amounts that this kind of message has not
// told of. NOT IN is one hash of those that it has, however many they are.
const alikeSQL = `
	SELECT s.amount, s.marks, ` + storedColumns + `
	FROM sightings s JOIN transfers t ON t.transfer_id = s.transfer_id` + storedDue + `
	WHERE s.account_id = $1 AND s.amount = ANY($3) AND s.day BETWEEN $4::date - $6::int AND $5::date + $6 AND s.marks IS NOT NULL
		AND s.transfer_id NOT IN (
			SELECT x.transfer_id FROM sightings x
			WHERE x.account_id = $1 AND x.source = $2 AND x.amount = ANY($3) AND x.day BETWEEN $4::date - 2 * $6 AND $5::date + 2 * $6 AND x.marks IS NOT NULL)
	ORDER BY s.transfer_id`

func (l *ledger) collectAlike(rows pgx.Rows) error {
	var (
		amount    string
		text      []byte
		s         storedTransfer
		holdUntil *time.Time
	)
	_, err := pgx.ForEachRow(rows, append([]any{&amount, &text}, s.columns(&holdUntil)...), func() error {
		m := &marks{}
		if err := json.Unmarshal(text, m); err != nil {
			return err
		}
		_, listed := l.rows[s.id]
		row := l.row(s.clone(holdUntil))
		if !listed {
			l.list(amount, row)
		}
		row.marks = append(row.marks, m)
		return nil
	})
	return err
}

const toldSQL = `
	SELECT s.bank_ref, s.content_hash, ` + storedColumns + `
	FROM unnest($3::text[]) AS want (bank_ref)
		CROSS JOIN LATERAL (
			SELECT * FROM sightings s WHERE s.account_id = $1 AND s.source = $2 AND s.bank_ref = want.bank_ref LIMIT 1) AS s
		JOIN transfers t ON t.transfer_id = s.transfer_id` + storedDue

func (l *ledger) collectTold(rows pgx.Rows) error {
	var (
		ref       string
		hash      []byte
		s         storedTransfer
		holdUntil *time.Time
	)
	_, err := pgx.ForEachRow(rows, append([]any{&ref, &hash}, s.columns(&holdUntil)...), func() error {
		l.told[ref] = teller{l.row(s.clone(holdUntil)), bytes.Clone(hash)}
		return nil
	})
	return err
}

// sightingColumns are the new rows of sightings.
type sightingColumns struct {
	refs, amounts, marks []string
	ids                  []int64
	hashes               [][]byte
	days                 []*time.Time
	perhaps              []*int64
}

// queueSightings stores where the items were told, in the transaction that
// decides them. sightings_pkey refuses a second word about the same place.
func (b *batch) queueSightings(write *pgx.Batch) error {
	if b.ledger == nil || len(b.ledger.added) == 0 {
		return nil
	}
	var c sightingColumns
	for _, a := range b.ledger.added {
		s := b.ledger.items[a.it]
		if err := c.add(a.ref, a.id, a.it.transfer.Amount.String(), a.it.hash, s.marks); err != nil {
			return err
		}
		var perhaps *int64
		if s.doubt && s.of != nil {
			perhaps = &s.of.id
		}
		c.perhaps = append(c.perhaps, perhaps)
	}
	c.queue(write, insertSightingsSQL, b.account.ID(), b.ledger.source)
	return nil
}

func (c *sightingColumns) add(ref string, id int64, amount string, hash []byte, m *marks) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	var day *time.Time
	if d := m.day(); !d.IsZero() {
		day = &d
	}
	c.refs, c.ids, c.hashes = append(c.refs, ref), append(c.ids, id), append(c.hashes, hash)
	c.amounts, c.days, c.marks = append(c.amounts, amount), append(c.days, day), append(c.marks, string(text))
	return nil
}

const insertSightingsSQL = `
	INSERT INTO sightings (account_id, source, bank_ref, transfer_id, content_hash, amount, day, marks, perhaps)
	SELECT $1, $2, bank_ref, id, hash, amount, coalesce(day, now()::date), marks::json, perhaps
	FROM unnest($3::text[], $4::bigint[], $5::bytea[], $6::text[], $7::date[], $8::text[], $9::bigint[])
		AS s (bank_ref, id, hash, amount, day, marks, perhaps)`

func (c *sightingColumns) queue(write *pgx.Batch, sql string, accountID int32, source string) {
	write.Queue(sql, accountID, source, c.refs, c.ids, c.hashes, c.amounts, c.days, c.marks, c.perhaps)
}
