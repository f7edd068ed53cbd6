package wiretest

import (
	"math/rand/v2"
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
)

// noise is what a mutation puts into a text: symbols, separators, and bytes that
// are no UTF-8.
const noise = typed + "abcdefghijklmnopqrstuvwxyz +-/.:,<*%20\t\u00a0\uff11\uff34\xef\xbc\x91\xff"

// Mutate returns a text with one to four changes of the kinds that payers, forms
// and banks make: a symbol exchanged, lost or added, neighbours swapped, a part
// cut off or repeated, the case changed.
func Mutate(random *rand.Rand, text string) string {
	for range 1 + random.IntN(4) {
		if text == "" {
			return text
		}
		at := random.IntN(len(text))
		symbol := noise[random.IntN(len(noise)):][:1]
		switch random.IntN(8) {
		case 0, 1:
			text = text[:at] + symbol + text[at+1:]
		case 2:
			text = text[:at] + text[at+1:]
		case 3:
			text = text[:at] + symbol + text[at:]
		case 4:
			if at > 0 {
				text = text[:at-1] + text[at:at+1] + text[at-1:at] + text[at+1:]
			}
		case 5:
			text = text[:at]
		case 6:
			text += symbol + text[at:]
		case 7:
			text = strings.ToLower(text[:at]) + text[at:]
		}
	}
	return text
}

// Spread puts a text into one of the fields where banks report it, or breaks it
// over two.
func Spread(random *rand.Rand, text string) wire.Remittance {
	at := random.IntN(len(text) + 1)
	switch random.IntN(6) {
	case 0:
		return wire.Remittance{Structured: []string{text}}
	case 1:
		return wire.Remittance{Particulars: text[:at], Code: text[at:]}
	case 2:
		return wire.Remittance{Reference: text}
	case 3:
		return wire.Remittance{Unstructured: []string{"Zahlung " + text[:at], text[at:] + " danke"}}
	case 4:
		return wire.Remittance{EndToEndID: text}
	}
	return wire.Remittance{Unstructured: []string{text}}
}
