package plugins_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
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

const page = 10_000

// pageOf is 10 kB of words in no order, as no processor can foresee those of a
// text it meets for the first time, with a subject in the middle.
func pageOf(subject string) wire.Remittance {
	words := strings.Fields(`Rueckzahlung fuer die Reise nach Bern im September, Rechnung 2025-117 vom 12.09., vielen Dank! Ich
		wuensche Ihnen und Ihrer Familie alles Gute; bis bald in Zuerich. Mit freundlichen Gruessen, Anna Muster`)
	random, half := rand.New(rand.NewPCG(7, 8)), ""
	for len(half) < page/2 {
		half += words[random.IntN(len(words))] + " "
	}
	return wire.Remittance{Unstructured: []string{half + ": " + subject + " " + half}}
}

// hostilePages are 10 kB each that a careless scanner of this subject would choke on.
func hostilePages(subject string) map[string]wire.Remittance {
	pages := map[string]wire.Remittance{}
	for name, piece := range map[string]string{
		"single symbols":     "0 ",
		"lines":              "0\n",
		"lines and blanks":   "0000 000 KYC\n",
		"first symbols":      subject[:1] + " ",
		"as many runs":       subject[:1] + " 0 KYC 0000000 ",
		"far apart":          "00    0    ",
		"the subject":        subject + " ",
		"the subject, lines": subject + "\n0\n",
		"halves":             subject[:len(subject)/2] + " ",
		"beginning":          subject + " " + subject[:len(subject)-1] + "0 ",
		"among letters":      "D E 7 5 A A A A A A " + subject + " A A A A A A A A ",
		"an IBAN":            "DE75 5121 0800 1245 1261 99 " + subject + " ",
		"keys":               "KYC" + wiretest.Key(1).String() + " " + wiretest.Key(2).String()[:26] + " " + wiretest.Key(2).String()[26:] + " ",
	} {
		pages[name] = wire.Remittance{Unstructured: strings.Split(strings.Repeat(piece, page/len(piece)+1)[:page], "\n")}
	}
	return pages
}

// BenchmarkScan10k is what the desk asks for, for 10 kB of text.
func BenchmarkScan10k(b *testing.B) {
	for _, m := range everyMethod(b) {
		subject, _ := m.draw(b, 2718281828)
		pages := hostilePages(subject)
		pages["honest"] = pageOf(subject)
		for name, r := range pages {
			b.Run(m.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					wire.Candidates(m.Method, r, true)
				}
			})
		}
	}
}

// T3: a hostile text costs an account no more than a small multiple of an honest
// one. The factor here is generous, for busy machines: the log shows less than
// three.
func TestT3_HostileTextIsBounded(t *testing.T) {
	// Not parallel: it measures.
	for _, m := range everyMethod(t) {
		fastest := func(r wire.Remittance) time.Duration {
			best := time.Hour
			for range 40 {
				start := time.Now()
				wire.Candidates(m.Method, r, true)
				best = min(best, time.Since(start))
			}
			return best
		}
		subject, _ := m.draw(t, 2718281828)
		honest, worst, worstName := fastest(pageOf(subject)), time.Duration(0), ""
		for name, r := range hostilePages(subject) {
			if cost := fastest(r); cost > worst {
				worst, worstName = cost, name
			}
		}
		t.Logf("%s: %s costs %.1f times as much as honest text", m.name, worstName, float64(worst)/float64(honest))
		if worst > 8*honest {
			t.Errorf("%s, %s: %v, honest text costs %v", m.name, worstName, worst, honest)
		}
	}
}
