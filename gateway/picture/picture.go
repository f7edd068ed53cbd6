package picture

import (
	"fmt"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Request says what is to be drawn.
type Request struct {
	Subjects []wire.Subject // of a registration, best first
	Currency string         // of the account
	Amount   *taler.Amount  // nil: the payer chooses
	Language string         // de, fr, it, en; "": en
	Receipt  bool           // a Swiss bill with its receipt, as it is printed
}

// Picture is what one payer scans.
type Picture struct {
	payment *payment
	kind    kind
	words   words
	receipt bool
	payload string
	code    *code
}

// New chooses the first subject for which there is a code that banking apps read,
// one with a structured reference before others, else the first one as a payto URI.
// It may return ErrAmount, ErrLanguage, ErrNoAddress or ErrTooLong.
func New(r Request) (*Picture, error) {
	w, err := wordsOf(r.Language)
	if err != nil {
		return nil, err
	}
	payments := make([]*payment, len(r.Subjects))
	for i, subject := range r.Subjects {
		if payments[i], err = newPayment(subject, r); err != nil {
			return nil, err
		}
	}
	for _, k := range kinds {
		for _, p := range payments {
			if k.fits(p) {
				return draw(p, k, w, r.Receipt)
			}
		}
	}
	return nil, fmt.Errorf("%w: there is no subject", ErrTooLong)
}

func newPayment(subject wire.Subject, r Request) (*payment, error) {
	if subject.Type == "CH_QR_BILL" && subject.Address == nil {
		return nil, ErrNoAddress
	}
	payee, err := taler.ParsePayto(subject.CreditAccount)
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	text, err := decimal(r.Amount, r.Currency)
	if err != nil {
		return nil, err
	}
	return &payment{subject: subject, payee: payee, currency: r.Currency, amount: r.Amount, decimal: text}, nil
}

func draw(p *payment, k kind, w words, receipt bool) (*Picture, error) {
	text, c, err := k.encode(p)
	if err != nil {
		return nil, err
	}
	return &Picture{payment: p, kind: k, words: w, receipt: receipt && k.swiss, payload: text, code: c}, nil
}

// Payload is what the code holds.
func (p *Picture) Payload() string { return p.payload }

// ScreenOnly tells that this is a bill without its receipt, which is for e-banking
// and must not be printed.
func (p *Picture) ScreenOnly() bool { return p.kind.swiss && !p.receipt }

// size is that of the whole picture.
func (p *Picture) size() (width, height float64) {
	switch {
	case p.receipt:
		return receiptWidth + partWidth, partHeight
	case p.kind.swiss:
		return partWidth, partHeight
	}
	return cardWidth, cardHeight
}

// drawOn draws the whole picture.
func (p *Picture) drawOn(c canvas) {
	d := drawing{c}
	switch {
	case p.receipt:
		p.drawReceipt(d)
		p.drawSeparation(d)
		p.drawPart(d, receiptWidth)
	case p.kind.swiss:
		p.drawPart(d, 0)
	default:
		p.drawCard(d)
	}
}
