package chqrr

import (
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
)

// maxReference bounds a structured reference as delivered, blanks included: 35
// characters in ISO 20022, and some more for blanks and full-width digits.
const maxReference = 105

// Scan returns the references of this account.
func (m *method) Scan(r wire.Remittance) []wire.Candidate { return r.Search(m.structured, m.text) }

func (m *method) structured(entry string) []wire.Candidate {
	reference, ok := m.readStructured(entry)
	if !ok {
		return nil
	}
	return []wire.Candidate{{Kind: wire.KindReference, Reference: reference}}
}

// readStructured reads a creditor reference by its shape, since not every bank
// tells the type: digits are a QR reference, RF begins a creditor reference.
// Both may have lost leading zeros, which change neither check.
func (m *method) readStructured(entry string) (wire.Reference, bool) {
	if len(entry) > maxReference {
		return "", false
	}
	compact, ok := wire.Compact(entry)
	switch {
	case !ok:
		return "", false
	case strings.HasPrefix(compact, "RF"):
		return m.readCreditorReference(compact)
	case len(compact) <= referenceDigits:
		return m.readDigits(strings.Repeat("0", referenceDigits-len(compact)) + compact)
	}
	return "", false
}

// text finds 27 digits in runs of digits, or a creditor reference in its full
// length.
func (m *method) text(lines ...string) []wire.Candidate {
	text := wire.ReadText(lines...)
	found := text.References(referenceDigits, m.prefix[0], func(window []byte) (wire.Reference, bool) {
		return m.readDigits(string(window))
	})
	const head = len("RF00")
	more := text.References(head+m.payload+innerDigits, 'R', func(window []byte) (wire.Reference, bool) {
		return m.readCreditorReference(string(window))
	})
	return wire.AddCandidates(found, more...)
}

// readDigits tells whether 27 symbols are a reference that Encode may have
// given: digits, our prefix, both checks right. The reference of zeros only,
// which the guidelines forbid, fails the inner check.
func (m *method) readDigits(digits string) (wire.Reference, bool) {
	if !strings.HasPrefix(digits, m.prefix) || !isDigits(digits) {
		return "", false
	}
	reference := m.seal(digits[:len(m.prefix)+m.payload])
	return reference, string(reference) == digits
}

// readCreditorReference reads RF, two check digits and the body, which gets its
// full length back first.
func (m *method) readCreditorReference(rf string) (wire.Reference, bool) {
	if !wire.ISO11649(rf) || !isDigits(rf[2:]) {
		return "", false
	}
	body, length := strings.TrimLeft(rf[4:], "0"), m.payload+innerDigits
	if len(body) > length {
		return "", false
	}
	body = strings.Repeat("0", length-len(body)) + body
	reference := m.seal(m.prefix + body[:m.payload])
	return reference, string(reference[len(m.prefix):referenceDigits-1]) == body
}
