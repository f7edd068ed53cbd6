package bounce

import (
	"bytes"
	"cmp"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// item is one transfer on its way through a batch.
type item struct {
	transfer   *Transfer
	hash       []byte
	candidates []wire.Candidate
	id         int64
	outcome    Outcome
	fresh      bool // decided now, to be stored
}

// batch is one call of Receive: what was posted, what the database knows, and
// what is to become of each item.
type batch struct {
	account *subjects.Account
	items   []item
	results []Result
	ledger  *ledger // nil: none of the items has a sighting

	// Read anew at every try.
	now     time.Time
	stored  map[string]storedTransfer
	matches map[string]*subjects.Match // by reference, or by key where the key is the subject
	taken   map[taler.EddsaPublicKey]bool
	sent    map[string]bool // end-to-end ids of payments of ours
	ids     []int64
}

// storedTransfer is a transfer that was reported before.
type storedTransfer struct {
	id     int64
	hash   []byte
	result Result
}

func newBatch(a *subjects.Account, transfers []Transfer) *batch {
	b := &batch{account: a, items: make([]item, len(transfers)), results: make([]Result, len(transfers))}
	for i := range transfers {
		t := &transfers[i]
		b.results[i].BankRef = t.BankRef
		if err := t.check(); err != nil {
			b.results[i].Err = err
			continue
		}
		b.items[i] = item{transfer: t, hash: t.hash(), candidates: candidatesOf(a, t.Remittance)}
	}
	return b
}

// reset forgets what an earlier try read and decided.
func (b *batch) reset() {
	b.stored = map[string]storedTransfer{}
	b.matches = map[string]*subjects.Match{}
	b.taken = map[taler.EddsaPublicKey]bool{}
	b.sent = map[string]bool{}
	b.ids = b.ids[:0]
	b.ledger.reset()
	for i := range b.items {
		b.items[i].fresh = false
	}
}

// valid calls do for every item that passed the checks.
func (b *batch) valid(do func(i int, it *item)) {
	for i := range b.items {
		if b.items[i].transfer != nil {
			do(i, &b.items[i])
		}
	}
}

func (b *batch) references() []wire.Reference {
	var refs []wire.Reference
	b.candidates(wire.KindReference, func(c wire.Candidate) { refs = append(refs, c.Reference) })
	return refs
}

func (b *batch) keys() []taler.EddsaPublicKey {
	var keys []taler.EddsaPublicKey
	b.candidates(wire.KindAuthorization, func(c wire.Candidate) { keys = append(keys, c.Key) })
	return keys
}

func (b *batch) candidates(kind wire.Kind, do func(wire.Candidate)) {
	b.valid(func(_ int, it *item) {
		for _, c := range it.candidates {
			if c.Kind == kind {
				do(c)
			}
		}
	})
}

// found takes what the registry knows about one subject.
func (b *batch) found(ref wire.Reference, m subjects.Match) {
	key := string(ref)
	if key == "" {
		key = string(m.AuthorizationPub[:])
	}
	b.matches[key] = &m
	if m.Pending != nil && m.Taken {
		b.taken[m.Pending.Target.AccountPub] = true
	}
}

// queueReads asks for the time of the database, numbers for the new rows, what
// was reported before, and which legacy reserve keys are used up.
func (b *batch) queueReads(read *pgx.Batch) {
	var (
		refs   []string
		legacy [][]byte
	)
	b.valid(func(_ int, it *item) { refs = append(refs, it.transfer.BankRef) })
	b.candidates(wire.KindReserve, func(c wire.Candidate) { legacy = append(legacy, bytes.Clone(c.Key[:])) })
	read.Queue(`SELECT now(), array(SELECT nextval('transfers_transfer_id') FROM generate_series(1, $1::int))`, len(refs)).
		QueryRow(func(row pgx.Row) error { return row.Scan(&b.now, &b.ids) })
	read.Queue(storedSQL, b.account.ID(), refs).Query(b.collectStored)
	if own := b.ownIDs(); len(own) > 0 {
		read.Queue(`SELECT end_to_end_id FROM payments WHERE account_id = $1 AND end_to_end_id = ANY($2)`, b.account.ID(), own).Query(b.collectSent)
	}
	if len(legacy) > 0 {
		read.Queue(`
			SELECT t.account_pub FROM unnest($1::bytea[]) AS want (account_pub) CROSS JOIN LATERAL (
				SELECT account_pub FROM transfers t WHERE t.account_pub = want.account_pub AND t.credit_type = 'reserve' LIMIT 1) AS t`, legacy).Query(b.collectTaken)
	}
}

// ownIDs are the end-to-end ids of the batch that may be of payments of ours.
func (b *batch) ownIDs() []string {
	var own []string
	b.valid(func(_ int, it *item) {
		if id := it.transfer.Remittance.EndToEndID; isOwnID(id) {
			own = append(own, id)
		}
	})
	return own
}

func (b *batch) collectSent(rows pgx.Rows) error {
	var id string
	_, err := pgx.ForEachRow(rows, []any{&id}, func() error {
		b.sent[id] = true
		return nil
	})
	return err
}

// returns are words about the payments that the bank says it sent back: they
// had gone, and must not go again.
func (b *batch) returns() []Word {
	var words []Word
	b.valid(func(i int, it *item) {
		id := it.transfer.Remittance.EndToEndID
		if it.transfer.Exception == ReasonReturned && isOwnID(id) && b.results[i].Err == nil {
			words = append(words, Word{EndToEndID: id, Status: PaymentSuccess, Detail: "came back as " + it.transfer.BankRef})
		}
	})
	return words
}

// storedSQL tells a held transfer whose time is over as what the next sweep
// makes of it (C1).
const storedSQL = `
	SELECT ` + storedColumns + `
	FROM unnest($2::text[]) AS want (bank_ref)
		CROSS JOIN LATERAL (SELECT * FROM transfers t WHERE t.account_id = $1 AND t.bank_ref = want.bank_ref LIMIT 1) AS t` + storedDue

const (
	storedColumns = `t.transfer_id, t.bank_ref, t.content_hash,
		CASE WHEN NOT overdue THEN t.state WHEN t.debtor IS NULL THEN 'manual' ELSE 'bounced' END,
		CASE WHEN overdue THEN coalesce(t.reason, 'unmapped') WHEN t.state = 'held' THEN '' ELSE coalesce(t.reason, '') END,
		coalesce((SELECT row_id FROM history h WHERE h.transfer_id = t.transfer_id), 0), t.hold_until`
	storedDue = `
		CROSS JOIN LATERAL (SELECT t.state = 'held' AND t.hold_until <= now()) AS due (overdue)`
)

func (b *batch) collectStored(rows pgx.Rows) error {
	var (
		s         storedTransfer
		holdUntil *time.Time
	)
	_, err := pgx.ForEachRow(rows, s.columns(&holdUntil), func() error {
		b.stored[s.result.BankRef] = s.clone(holdUntil)
		return nil
	})
	return err
}

// columns are where storedColumns are read to.
func (s *storedTransfer) columns(holdUntil **time.Time) []any {
	return []any{&s.id, &s.result.BankRef, &s.hash, &s.result.State, &s.result.Reason, &s.result.RowID, holdUntil}
}

// clone takes what was read.
func (s *storedTransfer) clone(holdUntil *time.Time) storedTransfer {
	found := storedTransfer{id: s.id, hash: bytes.Clone(s.hash), result: s.result}
	if found.result.State == Held && holdUntil != nil {
		found.result.HoldUntil = *holdUntil
	}
	return found
}

func (b *batch) collectTaken(rows pgx.Rows) error {
	var key []byte
	_, err := pgx.ForEachRow(rows, []any{&key}, func() error {
		b.taken[taler.EddsaPublicKey(key)] = true
		return nil
	})
	return err
}

func (b *batch) result(it *item) Result {
	r := Result{BankRef: it.transfer.BankRef, State: it.outcome.State, Reason: it.outcome.Reason}
	if it.outcome.State == Held {
		r.HoldUntil = b.holdUntil()
	}
	return r
}

// holdUntil is the deadline of transfers that are held now, in whole seconds.
func (b *batch) holdUntil() time.Time {
	return b.now.Add(b.account.HoldDelay).Truncate(time.Second)
}

func (b *batch) fresh(do func(it *item)) {
	b.valid(func(_ int, it *item) {
		if it.fresh {
			do(it)
		}
	})
}

func (b *batch) uses() []subjects.Use {
	var uses []subjects.Use
	b.fresh(func(it *item) {
		if it.outcome.State == Credited && it.outcome.Match != nil {
			uses = append(uses, subjects.Use{AuthorizationPub: it.outcome.Match.AuthorizationPub, TransferID: it.id, Amount: it.transfer.Amount})
		}
	})
	return uses
}

func (b *batch) creditedIDs() []int64 {
	var ids []int64
	b.fresh(func(it *item) {
		if it.outcome.State == Credited {
			ids = append(ids, it.id)
		}
	})
	return ids
}

func (b *batch) hasBounce() bool {
	found := false
	b.fresh(func(it *item) { found = found || it.outcome.State == Bounced })
	return found
}

// unnumbered are the credits among the results that have no row id yet: the
// new ones, and replays of what another job has stored but not numbered.
func (b *batch) unnumbered() []int64 {
	var ids []int64
	for i := range b.results {
		if b.results[i].State == Credited && b.results[i].RowID == 0 {
			ids = append(ids, b.stored[b.results[i].BankRef].id)
		}
	}
	return ids
}

func (b *batch) setRowIDs(rows map[int64]int64) {
	for i := range b.results {
		if b.results[i].State == Credited {
			b.results[i].RowID = cmp.Or(b.results[i].RowID, rows[b.stored[b.results[i].BankRef].id])
		}
	}
}
