// Package token is the wire methods whose subject is one short token with letters
// in a field of text, as a table: sepa-text, uk-18 and au-18.
//
//	T | symbols of the slot | 3 check symbols
//
// The symbols are Crockford's base32; the check is Reed-Solomon over GF(32) over
// the symbols before it (S7), since text has none. Three wrong symbols and every
// swap are refused, and other errors but one in 32768, so that tokens are hardly
// ever found by chance even in 140 characters.
//
// A token is shorter than the field allows: a payer types it, and what a bank
// puts in front of it must not push it out.
package token

import (
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// The names of these methods in configurations.
const (
	SEPAText = "sepa-text"
	UK18     = "uk-18"
	AU18     = "au-18"
)

// row is one method of the table.
type row struct {
	name    string
	layout  wire.Token
	accepts func(taler.Payto) bool
	advice  string // what payto must be
}

// SEPA makes sepa-text from an account with an IBAN: any text of 140 characters. On a
// Swiss IBAN it has the address of the holder as parameters, for QR-bills.
func SEPA() wire.Factory {
	return row{
		name:    SEPAText,
		layout:  wire.Token{Letter: 'T', Slot: 8, Check: 3},
		accepts: func(p taler.Payto) bool { return p.IBAN() != "" && !wire.IsQRIBAN(p.IBAN()) },
		advice:  "a plain IBAN, payto://iban/...: banks refuse free text on a QR-IBAN; use the method ch-qrr for it",
	}.factory()
}

// UK makes uk-18 from an account in the United Kingdom: a payment reference of
// 18 characters, which Bacs and Faster Payments carry.
func UK() wire.Factory {
	return row{
		name:    UK18,
		layout:  wire.Token{Letter: 'T', Slot: 10, Check: 3},
		accepts: func(p taler.Payto) bool { return strings.HasPrefix(p.IBAN(), "GB") },
		advice:  "an account in the United Kingdom: payto://iban/GB...",
	}.factory()
}

// AU makes au-18 from an account in Australia: a lodgement reference of 18
// characters, or the description of a payment through the NPP.
func AU() wire.Factory {
	return row{
		name:    AU18,
		layout:  wire.Token{Letter: 'T', Slot: 10, Check: 3},
		accepts: func(p taler.Payto) bool { return p.Kind() == taler.KindAUAccount },
		advice:  "an Australian account: payto://x-au-account/BBB-BBB/ACCOUNT",
	}.factory()
}

func (r row) factory() wire.Factory {
	return wire.Factory{Name: r.name, New: func(s wire.Settings) (wire.Method, error) {
		if err := s.CheckParameters(s.BillParameters()...); err != nil {
			return nil, err
		}
		if !r.accepts(s.Payto) {
			return nil, s.Refuse("payto must be %s", r.advice)
		}
		address, err := s.Address()
		if err != nil {
			return nil, err
		}
		return method{row: r, account: s.Payto, address: address}, nil
	}}
}

// method is immutable.
type method struct {
	row
	account taler.Payto
	address *wire.Address // nil: no QR-bill
}

var (
	_ wire.Method    = method{}
	_ wire.Presenter = method{}
)

// Spec returns the constants of the method.
func (m method) Spec() wire.Spec {
	return wire.Spec{
		Name:     m.name,
		Formats:  []string{"SIMPLE", "URI"},
		Size:     m.layout.Size(),
		Prefix:   string(m.layout.Letter),
		Alphabet: wire.Crockford,
	}
}

// Encode returns the token of a slot.
func (m method) Encode(slot wire.Slot) (wire.Reference, error) { return m.layout.Encode(slot.Index) }

// Scan returns the tokens of a remittance.
func (m method) Scan(r wire.Remittance) []wire.Candidate { return r.SearchText(m.layout.Find) }

// Present returns the token as text and as a payto URI that carries it.
func (m method) Present(reference wire.Reference, in wire.Instruction) []wire.Subject {
	return []wire.Subject{{
		Type:          "SIMPLE",
		CreditAccount: m.account.String(),
		CreditAmount:  in.CreditAmount,
		Subject:       string(reference),
		Address:       m.address,
	}, {
		Type:          "URI",
		CreditAccount: m.account.String(),
		CreditAmount:  in.CreditAmount,
		URI:           m.account.WithMessage(string(reference), in.CreditAmount),
	}}
}
