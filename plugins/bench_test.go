package plugins_test

import (
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
)

// BenchmarkEncode is the cost of a subject when it is given out.
func BenchmarkEncode(b *testing.B) {
	for _, m := range everyMethod(b) {
		if m.Spec().Size == 0 {
			continue
		}
		b.Run(m.name, func(b *testing.B) {
			for i := uint64(0); b.Loop(); i++ {
				_, _ = m.Encode(wire.Slot{Index: i * 2718281 % m.Spec().Size})
			}
		})
	}
}

// BenchmarkScan140 is the cost of 140 characters of free text when a transfer
// arrives: the account's method and the legacy subjects, as the desk asks for
// them. It should stay below 20 us.
func BenchmarkScan140(b *testing.B) {
	const prose = "Rueckzahlung fuer die Reise nach Bern im September, Rechnung 2025-117 vom 12.09., danke "
	for _, m := range everyMethod(b) {
		subject, _ := m.draw(b, 2718281828)
		text := (prose[:max(0, (140-len(subject))/2)] + " " + subject + " " + strings.Repeat(prose, 2))[:140]
		r := wire.Remittance{Unstructured: []string{text[:70], text[70:]}}
		b.Run(m.name, func(b *testing.B) {
			for b.Loop() {
				wire.Candidates(m.Method, r, true)
			}
		})
	}
}
