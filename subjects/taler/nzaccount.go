package taler

import "strings"

// nzDigits is the number of digits of a New Zealand account number with a
// suffix of three: bank 2, branch 4, base 7, suffix 3.
const nzDigits = 16

// nzCheck is one of the check algorithms of the resident withholding tax
// specification of New Zealand's Inland Revenue. Each of the 16 digits is
// multiplied by its weight; the sum of the products must be divisible by
// modulus. Where reduce is set, a product counts as its repeated digit sum.
type nzCheck struct {
	weights [nzDigits]int
	modulus int
	reduce  bool
}

var (
	nzCheckA = nzCheck{weights: [nzDigits]int{0, 0, 6, 3, 7, 9, 0, 10, 5, 8, 4, 2, 1, 0, 0, 0}, modulus: 11}
	nzCheckB = nzCheck{weights: [nzDigits]int{0, 0, 0, 0, 0, 0, 0, 10, 5, 8, 4, 2, 1, 0, 0, 0}, modulus: 11}
	nzCheckD = nzCheck{weights: [nzDigits]int{0, 0, 0, 0, 0, 0, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0}, modulus: 11}
	nzCheckE = nzCheck{weights: [nzDigits]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 4, 3, 2, 0, 0, 1}, modulus: 11, reduce: true}
	nzCheckF = nzCheck{weights: [nzDigits]int{0, 0, 0, 0, 0, 0, 1, 7, 3, 1, 7, 3, 1, 0, 0, 0}, modulus: 10}
	nzCheckG = nzCheck{weights: [nzDigits]int{0, 0, 0, 0, 0, 0, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1}, modulus: 10, reduce: true}
	nzCheckX = nzCheck{modulus: 1} // no check
)

// nzCheckOf returns the algorithm of an account by the number of its bank. A
// bank that is not listed here is not refused: the list of banks grows, and an
// account that cannot be checked is better than money that cannot go back.
func nzCheckOf(bank, base string) nzCheck {
	switch bank {
	case "08":
		return nzCheckD
	case "09":
		return nzCheckE
	case "25", "33":
		return nzCheckF
	case "26", "28", "29":
		return nzCheckG
	case "01", "02", "03", "04", "06", "10", "11", "12", "13", "14", "15", "16", "17", "18",
		"19", "20", "21", "22", "23", "24", "27", "30", "35", "38":
		if base >= "0990000" {
			return nzCheckB
		}
		return nzCheckA
	}
	return nzCheckX
}

// passes tells whether 16 digits are divisible as the algorithm asks.
func (c nzCheck) passes(digits string) bool {
	sum := 0
	for i, weight := range c.weights {
		product := weight * int(digits[i]-'0')
		for c.reduce && product > 9 {
			product = product/10 + product%10
		}
		sum += product
	}
	return sum%c.modulus == 0
}

// readNZAccount reads BB-bbbb-AAAAAAA-SS or -SSS. A suffix of three digits with
// a leading zero is the same as one of two and becomes that.
func (p *Payto) readNZAccount(path []string) error {
	if len(path) != 1 {
		return paytoError("write payto://x-nz-account/BB-bbbb-AAAAAAA-SS")
	}
	parts := strings.Split(path[0], "-")
	if !isNZShape(parts) {
		return paytoError("write the account as BB-bbbb-AAAAAAA-SS: digits of bank, branch, account and suffix")
	}
	bank, branch, base, suffix := parts[0], parts[1], parts[2], parts[3]
	if len(suffix) == 2 {
		suffix = "0" + suffix
	}
	if !nzCheckOf(bank, base).passes(bank + branch + base + suffix) {
		return paytoError("the account number is wrong: check its digits")
	}
	if suffix[0] == '0' {
		suffix = suffix[1:]
	}
	p.account = bank + "-" + branch + "-" + base + "-" + suffix
	return nil
}

func isNZShape(parts []string) bool {
	if len(parts) != 4 || len(parts[0]) != 2 || len(parts[1]) != 4 || len(parts[2]) != 7 {
		return false
	}
	return isDigits(strings.Join(parts, "")) && (len(parts[3]) == 2 || len(parts[3]) == 3)
}

// NewNZPayto returns the payto of a New Zealand account number, full when
// receiverName is not empty. The name is cleaned as NewIBANPayto does it.
func NewNZPayto(account, receiverName string) (Payto, error) {
	return newPayto(KindNZAccount, account, receiverName)
}
