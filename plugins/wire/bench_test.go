package wire

import (
	"math/rand/v2"
	"strings"
	"testing"
)

const page = 10_000

// words are those of honestText.
var words = strings.Fields(`Rueckzahlung fuer die Reise nach Bern im September, Rechnung 2025-117 vom 12.09., vielen Dank!
	Ich wuensche Ihnen und Ihrer Familie alles Gute; bis bald in Zuerich. Mit freundlichen Gruessen, Anna Muster (Kunde 12345)`)

// honestText is n bytes of prose with one key. The words come in no order, as no
// processor can foresee those of a text it meets for the first time.
func honestText(n int) string {
	random, half := rand.New(rand.NewPCG(7, 8)), ""
	for len(half) < n/2 {
		half += words[random.IntN(len(words))] + " "
	}
	half = half[:n/2-30]
	return half + " " + keyGLS + " " + half
}

// hostileTexts cost a careless scanner far more than prose does.
func hostileTexts(n int) map[string]string {
	fill := func(piece string) string { return strings.Repeat(piece, n/len(piece)+1)[:n] }
	keys := ""
	for i := 0; len(keys) < n; i++ {
		keys += keySplit[:i%50] + "Z" + keySplit[i%50+1:] + " "
	}
	return map[string]string{
		"single symbols":   fill("G "),
		"uneven symbols":   fill("G GG G 0G G0 "),
		"nearly groups":    fill(strings.Repeat("G ", 50) + "GG "),
		"zeros":            fill("0 "),
		"prefixes":         fill("MAP "),
		"KYC prefixes":     fill("KYC 0 "),
		"subjects":         fill("MAP" + keyGLS + "ZZZZZZ "),
		"one key repeated": fill(keyGLS + " "),
		"many keys":        keys[:n],
		"lines":            fill("0\n"),
		"as many runs":     fill("0 G KYC 0000000 "),
		"lines and blanks": fill("0000 000 KYC\n"),
		"KYC subjects":     fill("KYC" + keyGLS[:24] + " " + keyGLS[24:] + " "),
		"two halves":       fill(keySplit[:26] + "O " + keySplit[26:51] + " "),
	}
}

func BenchmarkScanKeys(b *testing.B) {
	texts := map[string]string{
		"honest 140":    honestText(140),
		"honest 10k":    honestText(page),
		"no key, 10k":   strings.ReplaceAll(honestText(page), keyGLS, "nothing"),
		"unchecked 140": "MAP" + keyGLS,
	}
	for name, text := range hostileTexts(page) {
		texts["hostile "+name] = text
	}
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			split := lines(text)
			b.ReportAllocs()
			for b.Loop() {
				ScanKeys(split...)
			}
		})
	}
}
