package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shortwire/shortwire/subjects/taler"
)

// The values of the keys that say how a bank reads and writes its files.
var (
	bankCSVs        = []string{"nz-anz", "nz-asb", "nz-bnz", "nz-kiwibank"}
	bankCharsets    = []string{"utf-8", "iso-8859-1", "windows-1252"}
	mt940References = []string{"bank", "statement-position"}
	paymentOrders   = []string{"pain.001.001.09", "pain.001.001.03", "nz-bnz"}
)

func (a *Account) checkBank(p *problems, at func(string) string, of string) {
	switch {
	case a.BankCSV != "" && !slices.Contains(bankCSVs, a.BankCSV):
		p.add(at("bank_csv"), "bank_csv %s: write %s, or nothing", of, oneOf(bankCSVs))
	case a.BankCSV != "" && !a.isNZ():
		p.add(at("bank_csv"), "bank_csv %s: these exports are of accounts in New Zealand: the account must have a payto of x-nz-account, and NZD as currency", of)
	case a.BankCSV != "" && !a.CSVWholeDays:
		p.add(at("csv_whole_days"), "csv_whole_days %s: bank_csv needs your promise that every file holds whole days (docs/bank.md); write true, or remove bank_csv", of)
	}
	if a.MT940Reference != "" && !slices.Contains(mt940References, a.MT940Reference) {
		p.add(at("mt940_reference"), "mt940_reference %s: write %s", of, oneOf(mt940References))
	}
	if a.BankCharset != "" && !slices.Contains(bankCharsets, a.BankCharset) {
		p.add(at("bank_charset"), "bank_charset %s: write %s", of, oneOf(bankCharsets))
	}
	switch {
	case a.PaymentOrder != "" && !slices.Contains(paymentOrders, a.PaymentOrder):
		p.add(at("payment_order"), "payment_order %s: write %s", of, oneOf(paymentOrders))
	case a.PaymentOrder == "nz-bnz" && !a.isNZ():
		p.add(at("payment_order"), "payment_order %s: direct credits are paid from accounts in New Zealand: the account must have a payto of x-nz-account, and NZD as currency", of)
	}
}

func (a *Account) isNZ() bool { return a.Payto.Kind() == taler.KindNZAccount && a.Currency == "NZD" }

// oneOf lists values as messages do.
func oneOf(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = fmt.Sprintf("%q", value)
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
