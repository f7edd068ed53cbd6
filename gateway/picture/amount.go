package picture

import (
	"fmt"
	"strings"

	"github.com/shortwire/shortwire/subjects/taler"
)

// maxAmountDigits before the point: 999999999.99 is the largest amount of a
// QR-bill and of an EPC code.
const maxAmountDigits = 9

// decimal writes an amount with two digits behind the point, "" for none.
func decimal(a *taler.Amount, currency string) (string, error) {
	if a == nil {
		return "", nil
	}
	text, whole := a.Decimal()
	switch {
	case a.Currency != currency:
		return "", fmt.Errorf("%w: write it in %s", ErrAmount, currency)
	case !whole:
		return "", fmt.Errorf("%w: it has fractions of a cent", ErrAmount)
	case len(text) > maxAmountDigits+len(".00") || a.IsZero():
		return "", fmt.Errorf("%w: write 0.01 to 999999999.99", ErrAmount)
	}
	return text, nil
}

// printed writes a decimal with blanks between the thousands, as bills show it.
func printed(decimal string) string {
	whole, fraction, _ := strings.Cut(decimal, ".")
	return groups(whole, 3) + "." + fraction
}

// groups puts a blank before every nth character from the right.
func groups(s string, n int) string {
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && (len(s)-i)%n == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// blocks puts a blank after every nth character.
func blocks(s string, n int) string {
	var parts []string
	for len(s) > n {
		parts, s = append(parts, s[:n]), s[n:]
	}
	return strings.Join(append(parts, s), " ")
}
