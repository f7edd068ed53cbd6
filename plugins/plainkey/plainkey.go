// Package plainkey is the wire method plain-key, for accounts whose transfers
// carry a long free text: the authorization key itself is the subject, nothing
// is stored for it and it never expires (S8).
//
//	MAP | 52 symbols of the key | 6 check symbols
//
// See wire.CheckedKey for the check and wire.ScanKeys for what is read.
package plainkey

import (
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Name is the name of this method in configurations.
const Name = "plain-key"

// Factory makes the method from an account whose transfers carry free text. On a
// Swiss IBAN it has the address of the holder as parameters, for QR-bills.
func Factory() wire.Factory { return wire.Factory{Name: Name, New: newMethod} }

type method struct {
	account taler.Payto
	address *wire.Address // nil: no QR-bill
}

var (
	_ wire.Method     = method{}
	_ wire.KeyCarrier = method{}
	_ wire.Presenter  = method{}
)

func newMethod(s wire.Settings) (wire.Method, error) {
	if err := s.CheckParameters(s.BillParameters()...); err != nil {
		return nil, err
	}
	switch kind := s.Payto.Kind(); {
	case kind != taler.KindIBAN && kind != taler.KindTalerBank:
		return nil, s.Refuse("payto must be an account whose transfers carry a text of 61 characters: payto://iban/... or payto://x-taler-bank/...")
	case wire.IsQRIBAN(s.Payto.IBAN()):
		return nil, s.Refuse("payto must be a plain IBAN: banks refuse free text on a QR-IBAN; use the method ch-qrr for it")
	}
	address, err := s.Address()
	if err != nil {
		return nil, err
	}
	return method{account: s.Payto, address: address}, nil
}

// Spec returns the constants of the method.
func (m method) Spec() wire.Spec {
	return wire.Spec{
		Name:     Name,
		Formats:  []string{"SIMPLE", "URI"},
		Prefix:   wire.Mark,
		Alphabet: wire.Crockford,
	}
}

// Encode answers ErrSlotRange: there are no slots.
func (m method) Encode(wire.Slot) (wire.Reference, error) { return "", wire.ErrSlotRange }

// EncodeKey returns the subject of an authorization key.
func (m method) EncodeKey(key taler.EddsaPublicKey) wire.Reference { return wire.CheckedKey(key) }

// Scan returns the authorization keys in the structured references when there
// is one, else in the fields and the free text (T3). It gives nothing when there
// is a legacy key of the same rank or in another field too: nobody can tell which
// one was meant.
func (m method) Scan(r wire.Remittance) []wire.Candidate {
	found := r.SearchKeys()
	for _, c := range found {
		if c.Kind != wire.KindAuthorization {
			return nil
		}
	}
	return found
}

// Present returns the subject as text and as a payto URI that carries it.
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
