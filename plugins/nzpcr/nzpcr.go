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

const (
	letter       = 'T' // keeps a token from being a number for a spreadsheet
	slotSymbols  = 9
	checkSymbols = 2
	tokenSymbols = 1 + slotSymbols + checkSymbols
	symbolBits   = 5
	label        = "TALER" // Particulars of every payment, for the payer's eyes only
)

// size is the number of slots: 32^9.
const size = 1 << (slotSymbols * symbolBits)

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
		Size:     size,
		Prefix:   string(letter),
		Alphabet: wire.Crockford,
	}
}

// Encode returns the token of a slot.
func (m method) Encode(slot wire.Slot) (wire.Reference, error) {
	if slot.Index >= size {
		return "", wire.ErrSlotRange
	}
	text := append(make([]byte, 0, tokenSymbols), letter)
	for i := range slotSymbols {
		text = wire.CrockfordText(text, byte(slot.Index>>(symbolBits*(slotSymbols-1-i))&31))
	}
	values, _ := wire.CrockfordValues(nil, text)
	return wire.Reference(wire.CrockfordText(text, wire.ReedSolomon(values, checkSymbols)...)), nil
}

// Scan returns the tokens of all fields, in the order structured references,
// Particulars, Code, Reference, free text. Only when a structured reference is
// present are the others not read (T3).
func (m method) Scan(r wire.Remittance) []wire.Candidate {
	var found []wire.Candidate
	if entries := r.StructuredReferences(); len(entries) > 0 {
		for _, entry := range entries {
			found = wire.AddCandidates(found, tokens(entry)...)
		}
		return found
	}
	for _, field := range []string{r.Particulars, r.Code, r.Reference} {
		found = wire.AddCandidates(found, tokens(field)...)
	}
	return wire.AddCandidates(found, tokens(r.Unstructured...)...)
}

func tokens(lines ...string) []wire.Candidate {
	return wire.ReadText(lines...).References(tokenSymbols, letter, readToken)
}

// readToken tells whether twelve symbols, the first being T, are a token, and
// returns it with look-alikes replaced.
func readToken(window []byte) (wire.Reference, bool) {
	values, ok := wire.CrockfordValues(make([]byte, 0, tokenSymbols), window)
	if !ok {
		return "", false
	}
	data := values[:tokenSymbols-checkSymbols]
	if string(wire.ReedSolomon(data, checkSymbols)) != string(values[len(data):]) {
		return "", false
	}
	return wire.Reference(wire.CrockfordText(nil, values...)), true
}

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
