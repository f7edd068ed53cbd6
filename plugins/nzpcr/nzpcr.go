// Package nzpcr is the wire method nz-pcr: one token of twelve characters for
// the three short fields of a New Zealand payment, Particulars, Code and
// Reference.
//
//	T | 9 symbols of the slot | 2 check symbols
//
// The symbols are Crockford's base32, 45 bits; the check is Reed-Solomon over
// GF(32) over the ten symbols before it (S7), since the format has none. Any two
// wrong symbols and any swap are refused, and other errors but one in 1024.
//
// Banks in New Zealand cut fields at twelve characters, change the case, strip
// the leading zeros of numbers, and some merge the three fields into one; payers
// put the text into the wrong field or into two. So the token fits one field,
// tells what it is by itself, and is accepted in any of them.
package nzpcr

import (
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Name is the name of this method in configurations.
const Name = "nz-pcr"

// label is the Particulars of every payment, for the payer's eyes only.
const label = "TALER"

// layout fills the twelve characters of one field. T keeps a token from being a
// number for a spreadsheet.
var layout = wire.Token{Letter: 'T', Slot: 9, Check: 2}

// Factory makes the method from an account with a New Zealand account number. It
// has no parameters.
func Factory() wire.Factory { return wire.Factory{Name: Name, New: newMethod} }

type method struct{ account taler.Payto }

var (
	_ wire.Method    = method{}
	_ wire.Presenter = method{}
)

func newMethod(s wire.Settings) (wire.Method, error) {
	if err := s.CheckParameters(); err != nil {
		return nil, err
	}
	if s.Payto.Kind() != taler.KindNZAccount {
		return nil, s.Refuse("payto must be a New Zealand account: payto://x-nz-account/BB-bbbb-AAAAAAA-SS")
	}
	return method{account: s.Payto}, nil
}

// Spec returns the constants of the method.
func (m method) Spec() wire.Spec {
	return wire.Spec{
		Name:     Name,
		Formats:  []string{"NZ_SBI"},
		Size:     layout.Size(),
		Prefix:   string(layout.Letter),
		Alphabet: wire.Crockford,
	}
}

// Encode returns the token of a slot.
func (m method) Encode(slot wire.Slot) (wire.Reference, error) { return layout.Encode(slot.Index) }

// Scan returns the tokens of all fields. Only when a structured reference is
// present are the others not read (T3).
func (m method) Scan(r wire.Remittance) []wire.Candidate { return r.SearchText(layout.Find) }

// Present returns the three fields of a payment.
func (m method) Present(reference wire.Reference, in wire.Instruction) []wire.Subject {
	return []wire.Subject{{
		Type:          "NZ_SBI",
		CreditAccount: m.account.String(),
		CreditAmount:  in.CreditAmount,
		Particulars:   label,
		Reference:     string(reference),
	}}
}
