package nzcsv

// Dialect names the export of one bank.
type Dialect string

// The dialects.
const (
	ANZ      Dialect = "nz-anz"
	ASB      Dialect = "nz-asb"
	BNZ      Dialect = "nz-bnz"
	Kiwibank Dialect = "nz-kiwibank"
)

// layout says where the parts of a payment stand. A column that the bank does
// not have is "".
type layout struct {
	bank   string
	header []string
	days   []string // forms of dates, of different lengths
	cents  bool     // amounts always have two decimals

	date, amount                 string
	credit, debit                string // the amount once more, in one of two columns
	particulars, code, reference string
	memo                         string
	account, debtor, name        string
	preamble                     func(*reader) error // lines before the header
}

// layouts are the exports as the banks wrote them in 2014 to 2026.
var layouts = map[Dialect]*layout{
	ANZ: {
		bank:   "ANZ",
		header: []string{"Type", "Details", "Particulars", "Code", "Reference", "Amount", "Date", "ForeignCurrencyAmount", "ConversionCharge"},
		days:   []string{"02/01/2006"},
		date:   "Date", amount: "Amount",
		particulars: "Particulars", code: "Code", reference: "Reference",
	},
	ASB: {
		bank:   "ASB",
		header: []string{"Date", "Unique Id", "Tran Type", "Cheque Number", "Payee", "Memo", "Amount"},
		days:   []string{"2006/01/02"},
		cents:  true, // the amount is the last column: of a file that was cut it might be cut, too
		date:   "Date", amount: "Amount", memo: "Memo",
		preamble: (*reader).asbPreamble,
	},
	BNZ: {
		bank: "BNZ",
		header: []string{"Date", "Amount", "Payee", "Particulars", "Code", "Reference", "Tran Type", "This Party Account",
			"Other Party Account", "Serial", "Transaction Code", "Batch Number", "Originating Bank/Branch", "Processed Date"},
		days: []string{"02/01/06", "02/01/2006"},
		date: "Date", amount: "Amount",
		particulars: "Particulars", code: "Code", reference: "Reference",
		account: "This Party Account", debtor: "Other Party Account", name: "Payee",
	},
	Kiwibank: {
		bank: "Kiwibank",
		header: []string{"Account number", "Date", "Memo/Description", "Source Code (payment type)", "TP ref", "TP part", "TP code",
			"OP ref", "OP part", "OP code", "OP name", "OP Bank Account Number", "Amount (credit)", "Amount (debit)", "Amount", "Balance"},
		days: []string{"02-01-2006"},
		date: "Date", amount: "Amount", credit: "Amount (credit)", debit: "Amount (debit)",
		particulars: "TP part", code: "TP code", reference: "TP ref", memo: "Memo/Description",
		account: "Account number", debtor: "OP Bank Account Number", name: "OP name",
	},
}

// Known tells whether there is such a dialect.
func Known(d Dialect) bool { return layouts[d] != nil }
