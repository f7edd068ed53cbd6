package picture

import (
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
)

// isSwiss tells that a payment fits a QR-bill: an IBAN of Switzerland or
// Liechtenstein, francs or euros, and the address of the holder.
func (p *payment) isSwiss() bool {
	return wire.IsSwissIBAN(p.payee.IBAN()) && (p.currency == "CHF" || p.currency == "EUR") && p.subject.Address != nil
}

// swissText is the payload of version 0200 (SIX, Implementation Guidelines for
// the QR-bill v2.3, section 4): one element on each line, empty ones too.
func (p *payment) swissText() string {
	a := p.subject.Address
	lines := []string{"SPC", "0200", "1", p.payee.IBAN()}
	lines = append(lines, "S", p.payee.ReceiverName(), a.Street, a.House, a.Postcode, a.Town, a.Country)
	lines = append(lines, make([]string, 7)...) // ultimate creditor, for future use
	lines = append(lines, p.decimal, p.currency)
	lines = append(lines, make([]string, 7)...) // ultimate debtor: the payer fills it in
	referenceType, reference, message := p.swissReference()
	lines = append(lines, referenceType, reference, message, "EPD")
	return strings.Join(lines, "\n")
}

// swissReference returns type, reference and message. Which types are allowed
// depends on the account: QRR on a QR-IBAN, the others on any other.
func (p *payment) swissReference() (referenceType, reference, message string) {
	switch p.subject.Type {
	case "CH_QR_BILL":
		return "QRR", p.subject.QRReference, ""
	case "RF":
		return "SCOR", p.subject.Reference, ""
	}
	return "NON", "", p.message()
}

// holderLines are name and address as a bill shows them.
func (p *payment) holderLines() []string {
	lines := []string{blocks(p.payee.IBAN(), 4), p.payee.ReceiverName()}
	a := p.subject.Address
	if street := strings.TrimSpace(a.Street + " " + a.House); street != "" {
		lines = append(lines, street)
	}
	return append(lines, p.townLine())
}

func (p *payment) townLine() string { return p.subject.Address.Postcode + " " + p.subject.Address.Town }

// referenceLine is the reference as a bill shows it, "" for none.
func (p *payment) referenceLine() string {
	switch p.subject.Type {
	case "CH_QR_BILL":
		return groups(p.subject.QRReference, 5)
	case "RF":
		return blocks(p.subject.Reference, 4)
	}
	return ""
}
