package numeric

import (
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
)

// rfSymbols is RF and its check.
const rfSymbols = 4

// Scan returns the numbers of this account. Within text they must stand alone;
// what belongs to an IBAN is none.
func (m *method) Scan(r wire.Remittance) []wire.Candidate { return r.Search(m.structured, m.text) }

// structured reads one structured reference, which may carry zeros in front
// where these do not count.
func (m *method) structured(entry string) []wire.Candidate {
	compact, ok := wire.Compact(entry)
	switch {
	case !ok || !m.scheme.zeros:
	case wire.Digits(compact):
		entry = strings.TrimLeft(compact, "0")
	case m.scheme.rf && wire.ISO11649(compact):
		entry = compact[:rfSymbols] + strings.TrimLeft(compact[rfSymbols:], "0")
	}
	return m.text(entry)
}

// text finds numbers, with their model or RF glued in front or not.
func (m *method) text(lines ...string) []wire.Candidate {
	text := wire.ReadText(lines...)
	found := text.Numbers(m.digits, m.read)
	if model := m.scheme.model; model != "" {
		found = wire.AddCandidates(found, text.References(len(model)+m.digits, model[0], func(window []byte) (wire.Reference, bool) {
			if !strings.HasPrefix(string(window), model) {
				return "", false
			}
			return m.read(window[len(model):])
		})...)
	}
	if m.scheme.rf {
		found = wire.AddCandidates(found, text.References(rfSymbols+m.digits, 'R', func(window []byte) (wire.Reference, bool) {
			if !wire.ISO11649(string(window)) {
				return "", false
			}
			return m.read(window[rfSymbols:])
		})...)
	}
	return found
}

// read tells whether symbols are a number that Encode may have given.
func (m *method) read(window []byte) (wire.Reference, bool) {
	number := string(window)
	own := number[m.scheme.front : m.scheme.front+m.own.Digits]
	return wire.Reference(number), m.own.Valid(own) && m.scheme.whole(own) == number
}
