// Package pix is the wire method pix: the transaction id (txid) of a static BR
// Code of Brazil's Pix, which the payer's app carries to the payee without
// anybody typing it.
//
//	T | 12 symbols of the slot | 3 check symbols
//
// The symbols are Crockford's base32; the check is Reed-Solomon over GF(32) over
// the symbols before it (S7). A txid of a static code has up to 25 letters and
// digits. Ours may as well be typed as the message of a payment by key.
package pix

import (
	"fmt"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Name is the name of this method in configurations.
const Name = "pix"

// scheme is the scheme of the subjects.
const scheme = "br-pix"

var layout = wire.Token{Letter: 'T', Slot: 12, Check: 3}

// Factory makes the method from an account in Brazil and the parameters pix_key,
// city and, where the holder's name does not fit into a BR Code, merchant_name.
func Factory() wire.Factory { return wire.Factory{Name: Name, New: newMethod} }

// method is immutable.
type method struct {
	account taler.Payto
	code    brCode
}

var (
	_ wire.Method    = method{}
	_ wire.Presenter = method{}

	_ wire.AmountChecker = method{}
)

func newMethod(s wire.Settings) (wire.Method, error) {
	if err := s.CheckParameters("pix_key", "city", "merchant_name"); err != nil {
		return nil, err
	}
	if iban := s.Payto.IBAN(); len(iban) < 2 || iban[:2] != "BR" {
		return nil, s.Refuse("payto must be an account in Brazil: payto://iban/BR...")
	}
	if s.Currency != "BRL" {
		return nil, s.Refuse("currency must be BRL, the only one of Pix")
	}
	code := brCode{key: s.Parameters["pix_key"], city: s.Parameters["city"], name: s.Parameters["merchant_name"]}
	if code.name == "" {
		code.name = s.Payto.ReceiverName()
	}
	switch {
	case !isPrintable(code.key, maxKey):
		return nil, s.Refuse("pix_key must be a key of this account: an e-mail address, a telephone number, a CPF or CNPJ, or a random key")
	case !isPrintable(code.name, maxName):
		return nil, s.Refuse("merchant_name must be the name of the holder in up to %d characters without accents", maxName)
	case !isPrintable(code.city, maxCity):
		return nil, s.Refuse("city must be the town of the holder in up to %d characters without accents", maxCity)
	}
	return method{account: s.Payto, code: code}, nil
}

// Spec returns the constants of the method.
func (m method) Spec() wire.Spec {
	return wire.Spec{
		Name:     Name,
		Formats:  []string{"NATIONAL"},
		Size:     layout.Size(),
		Prefix:   string(layout.Letter),
		Alphabet: wire.Crockford,
	}
}

// Encode returns the txid of a slot.
func (m method) Encode(slot wire.Slot) (wire.Reference, error) { return layout.Encode(slot.Index) }

// Scan returns the txids of a remittance.
func (m method) Scan(r wire.Remittance) []wire.Candidate { return r.SearchText(layout.Find) }

// CheckAmount refuses what no app could read out of a BR Code.
func (m method) CheckAmount(a taler.Amount) error {
	if a.Currency != "BRL" || !fits(a) {
		return fmt.Errorf("%w: write BRL:0.01 to BRL:9999999999.99, without fractions of a cent", wire.ErrAmount)
	}
	return nil
}

// Present returns the txid, and as text of the subject the BR Code around it,
// which the payer's app scans or pastes.
func (m method) Present(reference wire.Reference, in wire.Instruction) []wire.Subject {
	amount := in.CreditAmount
	if amount != nil && m.CheckAmount(*amount) != nil {
		amount = nil
	}
	return []wire.Subject{{
		Type:          "NATIONAL",
		CreditAccount: m.account.String(),
		CreditAmount:  in.CreditAmount,
		Scheme:        scheme,
		Reference:     string(reference),
		Subject:       m.code.text(string(reference), amount),
	}}
}
