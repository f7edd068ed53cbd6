package bounce

import (
	"bytes"
	"context"
	"fmt"
)

// ledger is what a batch from a bank file knows of the sightings of its account,
// and those that it adds. A batch without sightings has none.
type ledger struct {
	source string // kind of the message
	items  map[*item]*sight

	// Read anew at every try.
	told     map[string]teller // here, by reference
	rows     map[int64]*known
	byAmount map[string][]*known // in the order of their numbers
	added    []addition
}

// sight is what an item is recognised by.
type sight struct {
	marks *marks
	doubt bool   // it may be a transfer that is known
	of    *known // which one; nil: none in particular
}

// teller is what was told under a reference.
type teller struct {
	row  *known
	hash []byte
}

type addition struct {
	ref string
	it  *item
	id  int64
}

// openLedger makes the ledger of a batch that has sightings. A batch of the usual
// messages has none, unless others were taken lately.
func (d *Desk) openLedger(ctx context.Context, b *batch) error {
	s := b.sighting()
	if s == nil {
		return nil
	}
	if s.Usual {
		if unusual, err := d.tookOthers(ctx, b.account, s.Source); err != nil || !unusual {
			return err
		}
	}
	if err := b.fillLedger(s.Source); err != nil {
		return err
	}
	return d.rememberAll(ctx, b.account)
}

// sighting is the first of the batch, which has them of one kind.
func (b *batch) sighting() *Sighting {
	for i := range b.items {
		if t := b.items[i].transfer; t != nil && t.Sighting != nil {
			return t.Sighting
		}
	}
	return nil
}

func (b *batch) fillLedger(source string) (err error) {
	b.ledger = &ledger{source: source, items: map[*item]*sight{}}
	b.valid(func(_ int, it *item) {
		s := it.transfer.Sighting
		switch {
		case s == nil:
		case s.Source != source:
			err = fmt.Errorf("a batch holds sightings of %s and %s", source, s.Source)
		default:
			b.ledger.items[it] = &sight{marks: marksOf(it.transfer, s, it.candidates)}
		}
	})
	return err
}

func (l *ledger) reset() {
	if l == nil {
		return
	}
	l.told, l.rows, l.byAmount, l.added = map[string]teller{}, map[int64]*known{}, map[string][]*known{}, nil
	for _, s := range l.items {
		s.doubt, s.of = false, nil
	}
}

// row returns a transfer, which is new to the ledger or not.
func (l *ledger) row(stored storedTransfer) *known {
	k := l.rows[stored.id]
	if k == nil {
		k = &known{storedTransfer: stored}
		l.rows[stored.id] = k
	}
	return k
}

// list makes a transfer one that is compared with others of its amount.
func (l *ledger) list(amount string, k *known) {
	l.byAmount[amount] = append(l.byAmount[amount], k)
}

// add notes that an item was told here, as this transfer.
func (l *ledger) add(it *item, row *known) {
	ref := it.transfer.BankRef
	row.here, row.marks = true, append(row.marks, l.items[it].marks)
	l.told[ref] = teller{row, it.hash}
	l.added = append(l.added, addition{ref, it, row.id})
}

// recognise tells that an item is a payment that is known, and answers it. Else
// the item is to be decided: doubts about it are kept with it.
func (b *batch) recognise(i int, it *item) bool {
	s := b.ledger.items[it]
	if s == nil {
		return false
	}
	if told, again := b.ledger.told[it.transfer.BankRef]; again {
		b.answer(i, it, told.row.storedTransfer, told.hash)
		return true
	}
	if stored, named := b.stored[it.transfer.BankRef]; named && bytes.Equal(stored.hash, it.hash) {
		b.ledger.add(it, b.ledger.row(stored))
		return false // a replay like any other
	}
	of, like := recognise(s.marks, b.ledger.byAmount[it.transfer.Amount.String()], b.now)
	if like == same {
		b.ledger.add(it, of)
		b.answer(i, it, of.storedTransfer, it.hash)
		return true
	}
	s.doubt, s.of = like == doubtful, of
	return false
}

// answer tells an item as what is stored of its payment, perhaps under another
// reference. hash is that of what was told here before.
func (b *batch) answer(i int, it *item, stored storedTransfer, hash []byte) {
	stored.hash, stored.result.BankRef = hash, it.transfer.BankRef
	b.results[i] = stored.replay(it.hash)
	b.stored[it.transfer.BankRef] = stored
}

// doubts tells that an item, which was not recognised, may be known all the same.
func (l *ledger) doubts(it *item) bool {
	return l != nil && l.items[it] != nil && l.items[it].doubt
}

// keep takes an item that was decided now.
func (l *ledger) keep(it *item, stored storedTransfer) {
	if l == nil || l.items[it] == nil {
		return
	}
	row := l.row(stored)
	l.list(it.transfer.Amount.String(), row)
	l.add(it, row)
}
