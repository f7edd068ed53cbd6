package camt

import (
	"slices"
	"strings"
)

// beginEntry and the functions below turn closed elements into entries: they
// keep what belongs to the open Ntry and to the open TxDtls, and decide when a
// transaction is complete enough to be emitted.
func (p *parser) beginEntry() {
	p.info.Entries++
	p.inReport++
	p.entry = &entry{values: values{}, accountIBAN: p.report[accountIBAN]}
	p.entry.Position = p.here()
}

func (p *parser) beginTransaction() {
	p.entry.transactions++
	p.tx = &transaction{values: values{}}
	p.tx.Transaction = p.entry.transactions
	p.tx.Position = p.here()
}

// store keeps the text of an element.
func (p *parser) store(n *node) error {
	text := string(p.text)
	p.text = p.text[:0]
	if n.field != unstructured && n.field != additional {
		text = strings.TrimSpace(text)
	}
	if n.field == amount || n.field == transactionAmount {
		text = p.currency + ":" + text
	}
	if strings.TrimSpace(text) == "" && n.field != returned {
		return nil
	}
	if p.tooLate(n) {
		return at(p.here(), ErrStructure, n.name+" stands behind what it is about")
	}
	if !p.keep(n, text) {
		return at(p.here(), ErrStructure, n.name+" stands there twice")
	}
	if p.tx != nil && p.tx.size > maxTransaction {
		return at(p.here(), ErrTooLarge, "the texts of one transaction are more than 64 kB")
	}
	return nil
}

// tooLate tells that the meaning of n would change what was emitted before.
func (p *parser) tooLate(n *node) bool {
	switch n.level {
	case reportRole:
		return p.inReport > 0
	case entryRole:
		return p.entry.details
	}
	return false
}

func (p *parser) keep(n *node, text string) bool {
	switch n.level {
	case transactionRole:
		return p.tx.add(n.field, text)
	case entryRole:
		return p.entry.add(n.field, text)
	case reportRole:
		return p.report.add(n.field, text)
	}
	return p.header.add(n.field, text)
}

// endTransaction emits the transaction, unless it is the first of its entry:
// what the first means depends on whether a second follows.
func (p *parser) endTransaction() error {
	t, e := p.tx, p.entry
	p.tx = nil
	if e.transactions == 1 {
		e.first = t
		return nil
	}
	if e.first != nil {
		if err := p.tell(reading{e: e, t: e.first}); err != nil {
			return err
		}
		e.first = nil
	}
	return p.tell(reading{e: e, t: t})
}

func (p *parser) endEntry() error {
	e := p.entry
	p.entry = nil
	switch {
	case e.transactions == 0:
		return p.tell(reading{e: e, t: &transaction{Position: e.Position}, single: true})
	case e.first != nil:
		return p.tell(reading{e: e, t: e.first, single: true})
	}
	return nil
}

func (p *parser) tell(r reading) error {
	r.totals = p.info.Kind != Notification && slices.Contains(p.quirks, QuirkTotals)
	r.amounts = slices.Contains(p.quirks, QuirkAmounts)
	if p.onlyDebits && !r.namesDebit() {
		return nil
	}
	out, err := r.meaning()
	if err != nil {
		return err
	}
	p.info.Count(out.Kind)
	return p.emit(out)
}
