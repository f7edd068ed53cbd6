// Package chqrr is the wire method ch-qrr: QR references on Swiss and
// Liechtenstein QR-IBANs, and the same subjects as ISO 11649 creditor references
// on the plain IBAN of the account, for payers abroad.
//
// A QR reference has 27 digits (SIX, Implementation Guidelines for the QR-bill
// v2.3, annex B):
//
//	prefix | payload | inner check | check
//	6..11    18..13    2             1
//
// The prefix is the number that the bank reserves for its customer, filled with
// zeros on the right up to six digits. The payload is the slot. The inner check
// is MOD 97-10 over prefix and payload; it is ours (S7), because the check of
// the format, modulo 10 recursive over all before it, misses 2.2 % of the swaps
// of neighbours and a tenth of gross errors. The creditor reference has payload
// and inner check as its body, always in full length.
package chqrr

import (
	"fmt"
	"math"
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Name is the name of this method in configurations.
const Name = "ch-qrr"

const (
	referenceDigits = 27
	innerDigits     = 2
	minPrefix       = 6  // shorter ones are filled with zeros
	maxPrefix       = 11 // the longest customer number of a Swiss bank
	maxPayload      = 18 // 10^19 does not fit PostgreSQL's bigint
)

// Factory makes the method from an account with a plain IBAN and the parameters
// qr_iban, prefix where the bank reserves leading digits, and the address of the
// holder where QR-bills are to be drawn.
func Factory() wire.Factory { return wire.Factory{Name: Name, New: newMethod} }

// method is immutable.
type method struct {
	account   taler.Payto // plain IBAN
	qrAccount taler.Payto // QR-IBAN
	address   *wire.Address
	prefix    string
	payload   int // digits
	size      uint64
}

var (
	_ wire.Method    = (*method)(nil)
	_ wire.Presenter = (*method)(nil)
)

// Spec returns the constants of the method.
func (m *method) Spec() wire.Spec {
	return wire.Spec{
		Name:     Name,
		Formats:  []string{"CH_QR_BILL", "RF"},
		Size:     m.size,
		Prefix:   m.prefix,
		Alphabet: "0123456789",
	}
}

// Encode returns the 27 digits of a slot.
func (m *method) Encode(slot wire.Slot) (wire.Reference, error) {
	if slot.Index >= m.size {
		return "", wire.ErrSlotRange
	}
	return m.seal(fmt.Sprintf("%s%0*d", m.prefix, m.payload, slot.Index)), nil
}

// seal appends both checks to prefix and payload.
func (m *method) seal(digits string) wire.Reference {
	digits += wire.Mod97(digits)
	return wire.Reference(digits + string(wire.Mod10Recursive(digits)))
}

// Present returns the QR-bill for payers in Switzerland and Liechtenstein and
// the creditor reference for everybody else. The latter must go to the plain
// IBAN: banks refuse it on a QR-IBAN, and QR references elsewhere.
func (m *method) Present(reference wire.Reference, in wire.Instruction) []wire.Subject {
	return []wire.Subject{{
		Type:          "CH_QR_BILL",
		CreditAccount: m.qrAccount.String(),
		CreditAmount:  in.CreditAmount,
		QRReference:   string(reference),
		Address:       m.address,
	}, {
		Type:          "RF",
		CreditAccount: m.account.String(),
		CreditAmount:  in.CreditAmount,
		Reference:     m.creditorReference(reference),
		Address:       m.address,
	}}
}

// creditorReference is the ISO 11649 form of a reference.
func (m *method) creditorReference(reference wire.Reference) string {
	body := string(reference[len(m.prefix) : referenceDigits-1])
	return "RF" + wire.ISO11649Check(body) + body
}

// newMethod checks the settings. See Factory.
func newMethod(s wire.Settings) (wire.Method, error) {
	if err := s.CheckParameters(append([]string{"qr_iban", "prefix"}, wire.AddressParameters...)...); err != nil {
		return nil, err
	}
	if err := checkAccount(s); err != nil {
		return nil, err
	}
	qrAccount, err := qrAccountOf(s)
	if err != nil {
		return nil, err
	}
	prefix, err := prefixOf(s)
	if err != nil {
		return nil, err
	}
	address, err := s.Address()
	if err != nil {
		return nil, err
	}
	m := &method{account: s.Payto, qrAccount: qrAccount, address: address, prefix: prefix}
	m.payload = min(maxPayload, referenceDigits-1-innerDigits-len(prefix))
	m.size = uint64(math.Pow10(m.payload))
	return m, nil
}

func checkAccount(s wire.Settings) error {
	switch {
	case s.Payto.IBAN() == "" || !wire.IsSwissIBAN(s.Payto.IBAN()):
		return s.Refuse("payto must be a Swiss or Liechtenstein IBAN: payto://iban/CH...")
	case wire.IsQRIBAN(s.Payto.IBAN()):
		return s.Refuse("payto must be the plain IBAN of the account; put the QR-IBAN into qr_iban")
	case !s.Payto.IsFull():
		return s.Refuse("payto must name the holder, whom a QR-bill shows: append ?receiver-name=...")
	case s.Currency != "CHF" && s.Currency != "EUR":
		return s.Refuse("currency must be CHF or EUR, the currencies of the QR-bill")
	}
	return nil
}

// qrAccountOf reads the QR-IBAN, which cannot be derived from the plain one.
func qrAccountOf(s wire.Settings) (taler.Payto, error) {
	iban := s.Parameters["qr_iban"]
	if strings.TrimSpace(iban) == "" {
		return taler.Payto{}, s.Refuse("set qr_iban to the QR-IBAN that the bank gave for this account")
	}
	qrAccount, err := taler.NewIBANPayto(strings.TrimSpace(iban), s.Payto.ReceiverName())
	if err != nil {
		return taler.Payto{}, s.Refuse("qr_iban is no valid IBAN: check its digits")
	}
	if !wire.IsQRIBAN(qrAccount.IBAN()) {
		return taler.Payto{}, s.Refuse("qr_iban is no QR-IBAN: it must begin with CH or LI and have 30000 to 31999 in places 5 to 9")
	}
	return qrAccount, nil
}

// prefixOf reads the digits that the bank reserves.
func prefixOf(s wire.Settings) (string, error) {
	prefix := s.Parameters["prefix"]
	if len(prefix) > maxPrefix || !isDigits(prefix) {
		return "", s.Refuse("prefix must be 0 to %d digits", maxPrefix)
	}
	if missing := minPrefix - len(prefix); missing > 0 {
		prefix += strings.Repeat("0", missing)
	}
	return prefix, nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
