package picture

import "strings"

// sepaCountries are the countries of SEPA by which IBANs begin (EPC409-09, EPC List
// of SEPA Scheme Countries, with those that joined in 2024 and 2025: Albania,
// Moldova, Montenegro, North Macedonia, Serbia). Territories have the IBANs of
// another country: those of France, Spain, Portugal and Finland, and GB on Jersey,
// Guernsey and Man.
const sepaCountries = "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA"

// isSEPA tells that a transfer of SEPA, which is what an EPC code asks for, reaches
// the account. National references other than RF must stand in the text.
func (p *payment) isSEPA() bool {
	iban := p.payee.IBAN()
	return iban != "" && strings.Contains(sepaCountries, iban[:2]) && p.currency == "EUR"
}

// isSEPAReference tells that the code has a line for the subject, of which the bank
// sees that it is whole. A number of the country may be there as well (Finland), and
// first, since it is shorter to type.
func (p *payment) isSEPAReference() bool { return p.isSEPA() && p.subject.Type == "RF" }

// epc is the code of EPC069-12, version 2.1. An open amount is an empty line,
// which apps ask for.
func (p *payment) epc() string {
	amount, reference, text := "", "", p.message()
	if p.decimal != "" {
		amount = "EUR" + p.decimal
	}
	if p.subject.Type == "RF" {
		reference, text = p.subject.Reference, ""
	}
	lines := []string{"BCD", "002", "1", "SCT", p.payee.BIC(), cut(p.payee.ReceiverName(), 70), p.payee.IBAN(), amount, "", reference, text}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
