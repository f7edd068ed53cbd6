package wire

import (
	"slices"

	"github.com/shortwire/shortwire/subjects/taler"
)

const (
	maxIBAN  = 34 // characters of the longest IBAN (ISO 13616-1)
	ibanHead = 4  // country and check digits
)

// ibanAround returns the symbols of a valid IBAN between the edges of runs that
// holds a number, none when there is none.
func (t Text) ibanAround(number span) span {
	first, _ := slices.BinarySearch(t.broken, number.to-maxIBAN)
	for _, start := range t.broken[first:] {
		if start >= number.from {
			break
		}
		if end := t.ibanFrom(start, number.to); end > 0 {
			return span{start, end}
		}
	}
	return span{}
}

// ibanFrom returns the end of a valid IBAN that begins at start and ends at to or
// later, 0 when there is none. It takes one step for each symbol.
func (t Text) ibanFrom(start, to int) int {
	var text [maxIBAN]byte
	symbols := t.symbols[start:min(start+maxIBAN, len(t.symbols))]
	if len(symbols) < ibanHead || isDigit(symbols[0]) || isDigit(symbols[1]) || !isDigit(symbols[2]) || !isDigit(symbols[3]) {
		return 0
	}
	for i, c := range symbols {
		text[i] = upper(c)
	}
	head, at, remainder := remainder97(0, text[:ibanHead]), ibanHead, 0
	edge, _ := slices.BinarySearch(t.broken, max(to, start+ibanHead))
	for _, end := range t.broken[edge:] {
		if end-start > len(symbols) {
			break
		}
		remainder = remainder97(remainder, text[at:end-start])
		at = end - start
		// The head moves to the end, where it takes six digits.
		if (remainder*1_000_000+head)%97 == 1 && taler.ValidIBAN(string(text[:at])) {
			return end
		}
	}
	return 0
}
