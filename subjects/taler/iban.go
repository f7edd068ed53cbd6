package taler

import "strings"

// ISO 13616-1 allows up to 34 characters; the shortest IBAN in use has 15
// (Norway).
const (
	minIBAN = 15
	maxIBAN = 34
)

// ValidIBAN tells whether s is an IBAN in electronic form: two capital
// letters, two check digits, and digits or capital letters, 15 to 34
// characters without separators, with the right check digits (ISO 7064
// MOD 97-10). The length is not compared with the country's.
func ValidIBAN(s string) bool {
	if len(s) < minIBAN || len(s) > maxIBAN || !isCapital(s[0]) || !isCapital(s[1]) || !isDigits(s[2:4]) {
		return false
	}
	// 00, 01 and 99 pass the division but are never issued: check digits are
	// 98 minus a remainder.
	if check := s[2:4]; check < "02" || check > "98" {
		return false
	}
	remainder := 0
	for _, c := range []byte(s[4:] + s[:4]) {
		switch {
		case c >= '0' && c <= '9':
			remainder = (remainder*10 + int(c-'0')) % 97
		case isCapital(c): // A is 10, Z is 35
			remainder = (remainder*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return remainder == 1
}

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }

// ibanOf brings a typed IBAN into electronic form: capital letters without
// blanks and hyphens.
func ibanOf(s string) string {
	return strings.ToUpper(ibanGaps.Replace(s))
}

// ibanGaps is kept because building it costs more than using it.
var ibanGaps = strings.NewReplacer(" ", "", "-", "")

// isBIC tells whether s has the form of a business identifier code (ISO
// 9362): party prefix 4, country 2, party suffix 2, optional branch 3.
func isBIC(s string) bool {
	if len(s) != 8 && len(s) != 11 {
		return false
	}
	for i := range len(s) {
		letter := isCapital(s[i])
		if !letter && (i == 4 || i == 5 || s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}
