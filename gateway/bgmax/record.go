package bgmax

import (
	"strconv"
	"strings"
)

// record is one line of 80 characters. Places are counted from one, as the
// manual of Bankgirot does.
type record []rune

// text returns what stands from one place to another, without the blanks around.
func (r record) text(from, to int) string { return strings.TrimSpace(string(r[from-1 : to])) }

// number reads digits that fill their places.
func (r record) number(from, to int) (uint64, bool) {
	digits := string(r[from-1 : to])
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil && digits[0] != '+'
}

// bankgiro returns a number of Bankgirot in one spelling.
func bankgiro(text string) string {
	return strings.TrimLeft(strings.ReplaceAll(strings.TrimSpace(text), "-", ""), "0")
}
