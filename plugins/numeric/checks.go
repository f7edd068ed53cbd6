package numeric

import (
	"strconv"

	"github.com/shortwire/shortwire/plugins/wire"
)

// A seal adds the check of a national scheme to the digits before it. It is
// false when the check would be no digit, or a digit that stands for two
// results of its calculation: such bodies are not used.
type seal func(body string) (string, bool)

// luhn appends the modulo 10 digit that everybody's cards have (KID modulo 10,
// OCR reference, FIK, BPAY MOD10V01). It misses swaps of 0 and 9.
func luhn(body string) (string, bool) {
	sum := 0
	for i := range len(body) {
		d := digit(body, len(body)-1-i)
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return body + string('0'+byte((10-sum%10)%10)), true
}

// luhnWithLength appends the last digit of the whole length and then the Luhn
// digit (OCR reference with a length digit).
func luhnWithLength(body string) (string, bool) {
	return luhn(body + string('0'+byte((len(body)+2)%10)))
}

// sevenThreeOne appends the digit of the Finnish and Estonian references:
// weights 7, 3, 1 from the right. It misses swaps of digits five apart.
func sevenThreeOne(body string) (string, bool) {
	sum := 0
	for i := range len(body) {
		sum += digit(body, len(body)-1-i) * [3]int{7, 3, 1}[i%3]
	}
	return body + string('0'+byte((10-sum%10)%10)), true
}

// remainder97 appends the remainder modulo 97, 97 in the place of 00 (Belgian
// structured communication).
func remainder97(body string) (string, bool) {
	remainder := 0
	for i := range len(body) {
		remainder = (remainder*10 + digit(body, i)) % 97
	}
	if remainder == 0 {
		remainder = 97
	}
	return body + twoDigits(remainder), true
}

// mod97InFront puts the two digits of ISO 7064 MOD 97-10 in front (Serbian
// model 97).
func mod97InFront(body string) (string, bool) { return wire.Mod97(body) + body, true }

// The weights of checks modulo 11, from the right.
var (
	kidWeights   = []int{2, 3, 4, 5, 6, 7}                 // Norway; repeated
	dutchWeights = []int{2, 4, 8, 5, 10, 9, 7, 3, 6, 1}    // the Netherlands; repeated
	risingWeight = []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1} // Croatia, Slovenia: 2, 3, 4 ... as they are modulo 11
)

// mod11 appends the digit that brings the weighted sum to a multiple of 11. Of
// its eleven values 10 is none: Norway writes a hyphen for it, the Netherlands
// write 1, Croatia and Slovenia 0, which lets other errors through.
func mod11(weights []int) seal {
	return func(body string) (string, bool) {
		check, ok := mod11Digit(body, weights)
		return body + string(check), ok
	}
}

// mod11InFront puts it in front.
func mod11InFront(weights []int) seal {
	return func(body string) (string, bool) {
		check, ok := mod11Digit(body, weights)
		return string(check) + body, ok
	}
}

func mod11Digit(body string, weights []int) (byte, bool) {
	sum := 0
	for i := range len(body) {
		sum += digit(body, len(body)-1-i) * weights[i%len(weights)]
	}
	check := (11 - sum%11) % 11
	return '0' + byte(check), check < 10
}

// unchecked is the seal of schemes without a check.
func unchecked(body string) (string, bool) { return body, true }

func digit(s string, i int) int { return int(s[i] - '0') }

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
