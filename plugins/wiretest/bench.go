package wiretest

import (
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
)

const prose = "Rueckzahlung fuer die Reise nach Bern im September, Rechnung 2025-117, vielen Dank! "

// BenchmarkScan measures Scan on 140 characters, on 10 kB of prose with one
// subject, and on 10 kB of a piece that a careless scanner would choke on.
func BenchmarkScan(b *testing.B, m wire.Method, subject, piece string) {
	for name, r := range map[string]wire.Remittance{
		"structured":  {Structured: []string{subject}},
		"140":         unstructured(honestText(subject, 140)),
		"10k":         unstructured(honestText(subject, 10_000)),
		"10k hostile": unstructured(strings.Repeat(piece, 10_000/len(piece))),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Scan(r)
			}
		})
	}
}

// honestText is n characters of prose around a subject.
func honestText(subject string, n int) string {
	half := strings.Repeat(prose, n/len(prose)+1)[:(n-len(subject))/2-1]
	return half + " " + subject + " " + half
}

// BenchmarkEncode measures Encode.
func BenchmarkEncode(b *testing.B, m wire.Method) {
	size := m.Spec().Size
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		_, _ = m.Encode(wire.Slot{Index: i % size})
	}
}
