package numeric

import (
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// schemes is the table. A row and a file testdata/<name>.json are all that a
// further scheme needs; see docs/adding-a-wire-method.md.
var schemes = []scheme{
	{ // Belgium: structured communication (OGM, VCS), +++123/4567/89002+++
		name: "be-ogm", countries: []string{"BE"}, min: 12, max: 12, usual: 12,
		seal: remainder97, back: 2, print: belgian,
	},
	{ // Finland: viitenumero
		name: "fi-viite", countries: []string{"FI"}, min: 12, max: 20, usual: 14, inner: wire.Inner9710,
		seal: sevenThreeOne, back: 1, zeros: true, rf: true,
	},
	{ // Estonia: viitenumber
		name: "ee-viite", countries: []string{"EE"}, min: 12, max: 20, usual: 14, inner: wire.Inner9710,
		seal: sevenThreeOne, back: 1, zeros: true,
	},
	{ // Norway: KID, modulo 10; the length is agreed with the bank
		name: "no-kid10", countries: []string{"NO"}, min: 11, max: 21, inner: wire.Inner9710,
		seal: luhn, back: 1,
	},
	{ // Norway: KID, modulo 11
		name: "no-kid11", countries: []string{"NO"}, min: 12, max: 22, inner: wire.Inner9710,
		seal: mod11(kidWeights), back: 1, steer: true,
	},
	{ // Sweden: OCR reference of Bankgirot; one of the lengths agreed with it
		name: "se-ocr", countries: []string{"SE"}, min: 11, max: 21, billers: bankgiro, inner: wire.Inner9710,
		seal: luhn, back: 1,
	},
	{ // Sweden: OCR reference with a length digit
		name: "se-ocr-length", countries: []string{"SE"}, min: 12, max: 22, billers: bankgiro, inner: wire.Inner9710,
		seal: luhnWithLength, back: 2,
	},
	{ // Denmark: payment slip (FIK) of kind 71, +71<number+creditor<
		name: "dk-fik71", countries: []string{"DK"}, min: 15, max: 15, usual: 15, billers: fik, inner: wire.Inner9710,
		seal: luhn, back: 1,
	},
	{ // Denmark: payment slip of kind 75, which has room for a text besides
		name: "dk-fik75", countries: []string{"DK"}, min: 16, max: 16, usual: 16, billers: fik, inner: wire.Inner9710,
		seal: luhn, back: 1,
	},
	{ // the Netherlands: betalingskenmerk of 16 digits
		name: "nl-betalingskenmerk", countries: []string{"NL"}, min: 16, max: 16, usual: 16, inner: wire.Inner9710,
		seal: mod11InFront(dutchWeights), front: 1, steer: true,
	},
	{ // Croatia: model HR01, written as one part
		name: "hr-hr01", countries: []string{"HR"}, min: 12, max: 12, usual: 12, inner: wire.Inner9710,
		seal: mod11(risingWeight), back: 1, steer: true, model: "HR01", print: behind("HR01"),
	},
	{ // Slovenia: model SI12
		name: "si-si12", countries: []string{"SI"}, min: 13, max: 13, usual: 13, inner: wire.Inner9710,
		seal: mod11(risingWeight), back: 1, steer: true, model: "SI12", print: behind("SI12"),
	},
	{ // the Czech Republic and Slovakia: variable symbol, which has no check
		name: "vs", countries: []string{"CZ", "SK"}, min: 10, max: 10, usual: 10, inner: wire.Inner112,
		seal: unchecked, model: "VS", zeros: true,
	},
	{ // Australia: customer reference number of BPAY under the rule MOD10V01
		name: "au-bpay", kind: taler.KindAUAccount, min: 11, max: 20, usual: 12, billers: bpay, inner: wire.Inner9710,
		seal: luhn, back: 1,
	},
	{ // Serbia: model 97
		name: "rs-97", countries: []string{"RS"}, min: 12, max: 20, usual: 14, inner: wire.Inner112,
		seal: mod97InFront, front: 2, model: "97",
	},
	{
		name: "pt-multibanco", unfit: "a Multibanco reference has room for four digits, 10,000 subjects, and its check " +
			"covers the amount, which a wallet does not know yet; use iso11649 or sepa-text",
	},
}

// belgian writes +++123/4567/89002+++.
func belgian(number string) string {
	return "+++" + number[:3] + "/" + number[3:7] + "/" + number[7:] + "+++"
}

// behind writes a model before the number.
func behind(model string) func(number string) string {
	return func(number string) string { return model + " " + number }
}
