package picture

import (
	"strings"

	"github.com/shortwire/shortwire/subjects/taler"
)

// The measures of a card: A7, with a code as large as on a bill.
const (
	cardWidth  = 105.0
	cardHeight = 74.0
)

// drawCard draws a code with what it holds beside it.
func (p *Picture) drawCard(d drawing) {
	d.text(margin, margin+titleSize*ascent*mmPerPoint, titleSize, true, p.words.scan)
	d.modules(p.code, margin, codeTop, codeSize)
	const column = margin + codeSize + margin
	const width = cardWidth - column - margin
	all := p.cardParagraphs()
	d.column(column, codeTop, width, styleFor(width, cardHeight-codeTop-margin/2, all...), all...)
}

func (p *Picture) cardParagraphs() []paragraph {
	s := &p.payment.subject
	payee := []string{accountLine(p.payment.payee)}
	if name := p.payment.payee.ReceiverName(); name != "" {
		payee = append(payee, clip(name, cardWidth-codeSize-3*margin, wide.value, 4)...)
	}
	all := []paragraph{{p.words.account, payee}}
	switch {
	case s.Type == "NZ_SBI":
		all = append(all, paragraph{p.words.reference, []string{s.Reference}})
	case s.Type == "RF":
		all = append(all, paragraph{p.words.reference, []string{blocks(s.Reference, 4)}})
	case s.Type == "NATIONAL":
		all = append(all, paragraph{p.words.reference, []string{s.Reference}})
	case p.payment.message() != "":
		all = append(all, paragraph{p.words.message, []string{blocks(p.payment.message(), 4)}})
	}
	if p.payment.decimal != "" {
		all = append(all, paragraph{p.words.amount, []string{p.payment.currency + " " + printed(p.payment.decimal)}})
	}
	return all
}

// accountLine is an account as people write it.
func accountLine(payee taler.Payto) string {
	switch payee.Kind() {
	case taler.KindIBAN:
		return blocks(payee.IBAN(), 4)
	case taler.KindTalerBank, taler.KindBiller:
		return strings.TrimPrefix(payee.Canonical(), "payto://"+payee.Kind()+"/")
	}
	return payee.Account()
}
