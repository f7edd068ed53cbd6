package pix

import (
	"fmt"
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// The limits of the fields of a BR Code (Banco Central do Brasil, Manual de
// Padrões para Iniciação do Pix; EMV merchant presented mode).
const (
	maxKey  = 77
	maxName = 25
	maxCity = 15

	maxAmount = 13 // characters, of which two are decimals
)

// brCode is a static BR Code without its txid and amount.
type brCode struct{ key, name, city string }

// text returns the code for a txid. Without an amount the payer chooses it.
func (c brCode) text(txid string, amount *taler.Amount) string {
	var b strings.Builder
	field(&b, "00", "01")
	field(&b, "26", nested("00", "br.gov.bcb.pix", "01", c.key))
	field(&b, "52", "0000")
	field(&b, "53", "986") // BRL (ISO 4217)
	if amount != nil {
		text, _ := amount.Decimal()
		field(&b, "54", text)
	}
	field(&b, "58", "BR")
	field(&b, "59", c.name)
	field(&b, "60", c.city)
	field(&b, "62", nested("05", txid))
	b.WriteString("6304")
	return b.String() + fmt.Sprintf("%04X", wire.CRC16(b.String()))
}

// field writes an id, the length of the value in two digits, and the value.
func field(b *strings.Builder, id, value string) { fmt.Fprintf(b, "%s%02d%s", id, len(value), value) }

func nested(idsAndValues ...string) string {
	var b strings.Builder
	for i := 0; i < len(idsAndValues); i += 2 {
		field(&b, idsAndValues[i], idsAndValues[i+1])
	}
	return b.String()
}

// fits tells that the field of the amount can hold an amount: whole cents, above zero.
func fits(a taler.Amount) bool {
	text, whole := a.Decimal()
	return whole && !a.IsZero() && len(text) <= maxAmount
}

// isPrintable tells that s has 1 to limit characters of ASCII, whose length in a
// BR Code nobody counts differently.
func isPrintable(s string, limit int) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return len(s) > 0 && len(s) <= limit && strings.TrimSpace(s) == s
}
