package camt

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	maxDepth       = 64       // ISO 20022 needs about 20
	maxText        = 10 << 10 // bytes of one text; ISO 20022 allows 500 characters (Max500Text)
	maxTransaction = 64 << 10 // bytes of all texts of one transaction
)

// parser follows the open elements down the tree of the message and collects
// the texts that mean something.
type parser struct {
	src  *source
	dec  *xml.Decoder
	emit func(Entry) error
	info Info

	kinds      []string // of messages that are read
	quirks     []string
	onlyDebits bool

	charset string   // a declared encoding that was refused
	msg     *message // nil before the root element
	space   string   // namespace of the message
	started bool     // a token was taken
	done    bool
	bodies  int
	reports int

	stack    []*node // the open elements that have a node, from Document on
	skipped  int     // the open elements below them that have none
	text     []byte  // of the innermost element, when it has a field
	length   int     // of the text of the innermost element, kept or not
	currency string  // attribute of the amount that is open

	header values // of the message
	report values // of the open Ntfctn

	inReport int          // entries of the open Ntfctn so far
	entry    *entry       // the open Ntry
	tx       *transaction // the open TxDtls
}

func (p *parser) here() Position {
	line, _ := p.dec.InputPos()
	pos := Position{Line: line}
	if p.entry != nil {
		pos.Entry = p.info.Entries
	}
	if p.tx != nil {
		pos.Transaction = p.tx.Transaction
	}
	return pos
}

// open takes a start tag.
func (p *parser) open(tag xml.StartElement) error {
	p.text, p.length = p.text[:0], 0
	if len(p.stack) == 0 {
		return p.openRoot(tag)
	}
	if len(p.stack)+p.skipped >= maxDepth {
		return at(p.here(), ErrTooLarge, "elements are nested deeper than 64")
	}
	if p.skipped > 0 {
		p.skipped++
		return nil
	}
	parent := p.stack[len(p.stack)-1]
	if tag.Name.Space != p.space {
		return at(p.here(), ErrStructure, parent.name+" holds an element of another namespace")
	}
	child := parent.children[tag.Name.Local]
	switch {
	case child != nil:
		p.stack = append(p.stack, child)
		return p.begin(child, tag.Attr)
	case parent.field != noField && parent.field != returned:
		return at(p.here(), ErrStructure, parent.name+" holds an element where a text belongs")
	}
	p.skipped++
	return nil
}

func (p *parser) openRoot(tag xml.StartElement) (err error) {
	if p.msg != nil {
		return at(p.here(), ErrNotXML, "a second root element")
	}
	if p.msg, err = recognise(tag.Name, p.kinds); err != nil {
		return fmt.Errorf("%s: %w", p.here(), err)
	}
	p.space = tag.Name.Space
	p.info.Message, p.info.Kind = p.msg.name, typeOf(p.msg.name)
	p.header = values{}
	p.stack = append(p.stack, p.msg.tree)
	return nil
}

// begin does what the start of an element means.
func (p *parser) begin(n *node, attrs []xml.Attr) error {
	switch n.role {
	case bodyRole:
		p.bodies++
	case reportRole:
		p.reports++
		p.report, p.inReport = values{}, 0
	case entryRole:
		p.beginEntry()
	case detailsRole:
		p.entry.details = true
	case transactionRole:
		p.beginTransaction()
	}
	if n.field == amount || n.field == transactionAmount {
		return p.readCurrency(attrs)
	}
	return nil
}

func (p *parser) readCurrency(attrs []xml.Attr) error {
	p.currency = ""
	for _, a := range attrs {
		if a.Name != (xml.Name{Local: "Ccy"}) {
			continue
		}
		if p.currency != "" { // the decoder lets attributes repeat, XML does not
			return at(p.here(), ErrNotXML, "the attribute Ccy stands there twice")
		}
		p.currency = a.Value
	}
	return nil
}

// close takes an end tag, which the decoder has matched with its start.
func (p *parser) close() error {
	p.length = 0
	if p.skipped > 0 {
		p.skipped--
		return nil
	}
	n := p.stack[len(p.stack)-1]
	p.stack = p.stack[:len(p.stack)-1]
	if n.field != noField {
		return p.store(n)
	}
	switch n.role {
	case bodyRole:
		p.info.MessageID = p.header[messageID]
		p.info.Test = strings.HasSuffix(p.header[headerInfo], "/TEST")
	case entryRole:
		return p.endEntry()
	case transactionRole:
		return p.endTransaction()
	}
	return nil
}

// characters takes a text or a piece of one: comments and CDATA sections
// divide it.
func (p *parser) characters(text []byte) error {
	if len(p.stack) == 0 {
		if len(bytes.TrimSpace(text)) > 0 {
			return at(p.here(), ErrNotXML, "text outside of the root element")
		}
		return nil
	}
	p.length += len(text)
	if p.length > maxText {
		return at(p.here(), ErrTooLarge, "a text of more than 10 kB")
	}
	if p.skipped == 0 && p.stack[len(p.stack)-1].field != noField {
		p.text = append(p.text, text...)
	}
	return nil
}

// aside checks comments and processing instructions, whose characters the
// decoder does not look at.
func (p *parser) aside(text []byte) error {
	if !utf8.Valid(text) {
		return at(p.here(), ErrEncoding, "some bytes are not")
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return at(p.here(), ErrNotXML, "it contains NUL")
	}
	return nil
}
