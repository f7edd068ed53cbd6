// Package iso11649 is the wire method iso11649: creditor references of ISO 11649,
// which every SEPA bank accepts as structured remittance information, and which
// Swiss banks accept on plain IBANs (type SCOR).
//
//	RF | check | payload | inner check
//	     2       digits    1
//
// The standard allows letters in the body. Ours has digits only: with letters
// among them 0.34 % of single errors pass its check, MOD 97-10, since a letter
// counts as two digits. The first digit is never 0, because leading zeros do not
// change the check, so that some software drops or adds them. The inner check is
// ISO 7064 MOD 11-2 (S7); a second MOD 97-10 would reveal nothing new.
package iso11649

import (
	"strconv"
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Name is the name of this method in configurations.
const Name = "iso11649"

const (
	head        = "RF"
	headSymbols = 4 // RF and the check digits
	usualDigits = 12
	minDigits   = 10
	maxDigits   = 20 // 21 do not fit PostgreSQL's bigint
)

// Factory makes the method from an account with an IBAN and the optional
// parameters digits, the length of the body, and on a Swiss IBAN the address of
// the holder, for QR-bills.
func Factory() wire.Factory { return wire.Factory{Name: Name, New: newMethod} }

// method is immutable.
type method struct {
	account taler.Payto
	address *wire.Address
	body    wire.Number
}

var (
	_ wire.Method    = method{}
	_ wire.Presenter = method{}
)

func newMethod(s wire.Settings) (wire.Method, error) {
	if err := s.CheckParameters(append([]string{"digits"}, wire.AddressParameters...)...); err != nil {
		return nil, err
	}
	switch {
	case s.Payto.IBAN() == "":
		return nil, s.Refuse("payto must be an IBAN: payto://iban/...")
	case wire.IsQRIBAN(s.Payto.IBAN()):
		return nil, s.Refuse("payto must be a plain IBAN: banks refuse creditor references on a QR-IBAN; use the method ch-qrr for it")
	}
	address, err := s.Address()
	if err != nil {
		return nil, err
	}
	m := method{account: s.Payto, address: address, body: wire.Number{Digits: usualDigits, Inner: wire.Inner112}}
	if text := s.Parameters["digits"]; text != "" {
		digits, err := strconv.Atoi(text)
		if err != nil || digits < minDigits || digits > maxDigits {
			return nil, s.Refuse("digits must be %d to %d: the length of a reference after RF and its check digits", minDigits, maxDigits)
		}
		m.body.Digits = digits
	}
	return m, nil
}

// Spec returns the constants of the method.
func (m method) Spec() wire.Spec {
	return wire.Spec{
		Name:     Name,
		Formats:  []string{"RF"},
		Size:     m.body.Size(),
		Prefix:   head,
		Alphabet: "0123456789",
	}
}

// Encode returns the creditor reference of a slot.
func (m method) Encode(slot wire.Slot) (wire.Reference, error) {
	body, err := m.body.Encode(slot.Index)
	if err != nil {
		return "", err
	}
	return seal(body), nil
}

func seal(body string) wire.Reference { return wire.Reference(head + wire.ISO11649Check(body) + body) }

// Scan returns the creditor references of this account.
func (m method) Scan(r wire.Remittance) []wire.Candidate { return r.Search(m.structured, m.text) }

// structured reads one reference. It may have got leading zeros, up to the full
// length of the standard.
func (m method) structured(entry string) []wire.Candidate {
	if rf, ok := wire.Compact(entry); ok && wire.ISO11649(rf) {
		entry = rf[:headSymbols] + strings.TrimLeft(rf[headSymbols:], "0")
	}
	return m.text(entry)
}

func (m method) text(lines ...string) []wire.Candidate {
	return wire.ReadText(lines...).References(headSymbols+m.body.Digits, head[0], m.read)
}

// read tells whether symbols are a reference that Encode may have given.
func (m method) read(window []byte) (wire.Reference, bool) {
	body := string(window[headSymbols:])
	return wire.Reference(window), m.body.Valid(body) && string(seal(body)) == string(window)
}

// Present returns the creditor reference.
func (m method) Present(reference wire.Reference, in wire.Instruction) []wire.Subject {
	return []wire.Subject{{
		Type:          "RF",
		CreditAccount: m.account.String(),
		CreditAmount:  in.CreditAmount,
		Reference:     string(reference),
		Address:       m.address,
	}}
}
