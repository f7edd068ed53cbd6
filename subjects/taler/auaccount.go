package taler

import "strings"

// The lengths of an Australian account: the number of bank, state and branch
// (BSB), and the account number. Neither has a check digit.
const (
	bsbDigits    = 6
	minAUAccount = 5
	maxAUAccount = 9
)

// readAUAccount reads BBB-BBB/ACCOUNT, with or without hyphens.
func (p *Payto) readAUAccount(path []string) error {
	if len(path) != 2 {
		return paytoError("write payto://x-au-account/BBB-BBB/ACCOUNT with the BSB and the account number")
	}
	bsb, account := strings.ReplaceAll(path[0], "-", ""), strings.ReplaceAll(path[1], "-", "")
	if len(bsb) != bsbDigits || !isDigits(bsb) {
		return paytoError("the BSB must be six digits: BBB-BBB")
	}
	if len(account) < minAUAccount || len(account) > maxAUAccount || !isDigits(account) {
		return paytoError("the account number must be five to nine digits")
	}
	p.account = bsb[:3] + "-" + bsb[3:] + "/" + account
	return nil
}

// readBiller reads SCHEME/NUMBER: the number that a national payment scheme
// gave a biller, under which payers find its account, such as bankgiro/5050-1055.
func (p *Payto) readBiller(path []string) error {
	if len(path) != 2 {
		return paytoError("write payto://x-biller/SCHEME/NUMBER, such as payto://x-biller/bpay/12345")
	}
	scheme, number := strings.ToLower(path[0]), strings.ReplaceAll(path[1], "-", "")
	if scheme == "" || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz") != "" {
		return paytoError("the scheme of a biller must be letters, such as bpay")
	}
	if len(number) < 2 || len(number) > 10 || !isDigits(number) {
		return paytoError("the number of a biller must be two to ten digits")
	}
	p.host, p.account = scheme, number
	return nil
}
