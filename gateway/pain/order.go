package pain

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Limits of the message, of ISO 20022 unless another source is named.
const (
	maxName    = 70  // EPC rulebook and Swiss Payment Standards; the schema has 140
	maxText    = 140 // Max140Text
	maxDigits  = 18  // of ActiveOrHistoricCurrencyAndAmount and DecimalNumber
	maxDecimal = 5   // decimals of ActiveOrHistoricCurrencyAndAmount
	unit       = taler.AmountBase / 100_000
)

// Version is the version of the message.
type Version string

// The versions. They say the same in other words: a date and a bank code are
// written in another way.
const (
	V03 Version = "pain.001.001.03"
	V09 Version = "pain.001.001.09" // also ""
)

// Order is one lease of payments from one account.
type Order struct {
	Version   Version
	MessageID string // at most 35 characters
	Created   time.Time
	Debtor    taler.Payto // full payto of the account that pays
	Payments  []Payment
}

// Payment is one payment of an order.
type Payment struct {
	ID         int64
	EndToEndID string // at most 35 characters
	Amount     taler.Amount
	Creditor   taler.Payto
	Subject    string // free text, or a reference that the creditor's account takes
}

// Payable tells whether accounts of this kind and currency pay by payment order.
func Payable(account taler.Payto, currency string) bool {
	kind := account.Kind()
	return (kind == taler.KindIBAN || kind == taler.KindNZAccount) && len(currency) == 3
}

// Write returns the order as a message of its version. Errors: ErrEmpty,
// ErrAccount, ErrAmount.
func (o *Order) Write() ([]byte, error) {
	if len(o.Payments) == 0 {
		return nil, ErrEmpty
	}
	d := document{
		XMLName:    xml.Name{Space: "urn:iso:std:iso:20022:tech:xsd:" + string(cmp.Or(o.Version, V09)), Local: "Document"},
		Initiation: initiation{Header: o.header(), Instruction: o.instruction()},
	}
	for i := range o.Payments {
		tx, err := o.transaction(&o.Payments[i])
		if err != nil {
			return nil, fmt.Errorf("payment %d: %w", o.Payments[i].ID, err)
		}
		d.Initiation.Instruction.Transactions = append(d.Initiation.Instruction.Transactions, tx)
	}
	text, err := xml.MarshalIndent(&d, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}

func (o *Order) header() groupHeader {
	return groupHeader{
		MessageID: o.MessageID,
		Created:   o.Created.UTC().Format("2006-01-02T15:04:05Z"),
		Count:     strconv.Itoa(len(o.Payments)),
		Sum:       o.sum(),
		Initiator: party{Name: nameOf(o.Debtor)},
	}
}

func (o *Order) instruction() instruction {
	return instruction{
		ID:            o.MessageID,
		Method:        "TRF",
		Count:         strconv.Itoa(len(o.Payments)),
		Sum:           o.sum(),
		Execution:     o.execution(),
		Debtor:        party{Name: nameOf(o.Debtor)},
		DebtorAccount: accountOf(o.Debtor),
		DebtorAgent:   o.debtorAgent(),
	}
}

func (o *Order) execution() day {
	date := o.Created.UTC().Format(time.DateOnly)
	if o.Version == V03 {
		return day{Text: date}
	}
	return day{Date: date}
}

func (o *Order) transaction(p *Payment) (transaction, error) {
	amount, fits := decimal(p.Amount.Value, p.Amount.Fraction)
	switch {
	case p.Creditor.Kind() != o.Debtor.Kind() || !Payable(p.Creditor, p.Amount.Currency):
		return transaction{}, ErrAccount
	case !fits:
		return transaction{}, ErrAmount
	}
	tx := transaction{
		ID:              identification{Instruction: strconv.FormatInt(p.ID, 10), EndToEnd: p.EndToEndID},
		Amount:          instructed{Amount: money{Currency: p.Amount.Currency, Text: amount}},
		CreditorAgent:   o.creditorAgent(p.Creditor),
		Creditor:        party{Name: nameOf(p.Creditor)},
		CreditorAccount: accountOf(p.Creditor),
		Remittance:      remittanceOf(p),
	}
	if p.Amount.Currency == "EUR" && o.Debtor.IBAN() != "" {
		tx.Type, tx.Charges = &paymentType{Level: code{Code: "SEPA"}}, "SLEV"
	}
	return tx, nil
}

// sum is the control sum: over all amounts, whatever their currencies. It may
// be left out, and is where it would be longer than the message allows.
func (o *Order) sum() string {
	var value, fraction uint64
	for i := range o.Payments {
		value += o.Payments[i].Amount.Value
		fraction += uint64(o.Payments[i].Amount.Fraction)
	}
	text, fits := decimal(value+fraction/taler.AmountBase, uint32(fraction%taler.AmountBase))
	if !fits {
		return ""
	}
	return text
}

// decimal writes an amount with two decimals, more where it has more.
func decimal(value uint64, fraction uint32) (text string, fits bool) {
	decimals := strings.TrimRight(fmt.Sprintf("%0*d", maxDecimal, fraction/unit), "0")
	if len(decimals) < 2 {
		decimals += "00"[len(decimals):]
	}
	text = fmt.Sprintf("%d.%s", value, decimals)
	return text, fraction%unit == 0 && len(text)-1 <= maxDigits
}

// nameOf is the holder of an account. Banks insist on a name.
func nameOf(account taler.Payto) string {
	if name := line(account.ReceiverName(), maxName); name != "" {
		return name
	}
	return "NOTPROVIDED"
}

func accountOf(p taler.Payto) account {
	if iban := p.IBAN(); iban != "" {
		return account{ID: accountID{IBAN: iban}}
	}
	return account{ID: accountID{Other: &other{ID: p.Account()}}}
}

// debtorAgent must be there in every message.
func (o *Order) debtorAgent() agent {
	if found := o.agentOf(o.Debtor); found != nil {
		return *found
	}
	return agent{Institution: institution{Other: &other{ID: "NOTPROVIDED"}}}
}

// creditorAgent may be left out: the IBAN tells the bank.
func (o *Order) creditorAgent(p taler.Payto) *agent {
	if p.BIC() == "" {
		return nil
	}
	return o.agentOf(p)
}

// oldBIC is what a bank code was when .03 was written (ISO 9362:1994).
var oldBIC = regexp.MustCompile(`^[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?$`)

// agentOf names a bank by its BIC, else by the institution id of a Swiss IBAN.
func (o *Order) agentOf(p taler.Payto) *agent {
	switch bic := p.BIC(); {
	case bic != "" && o.Version != V03:
		return &agent{Institution: institution{BIC: bic}}
	case oldBIC.MatchString(bic):
		return &agent{Institution: institution{OldBIC: bic}}
	}
	if iban := p.IBAN(); wire.IsSwissIBAN(iban) {
		id := strings.TrimLeft(iban[4:9], "0")
		return &agent{Institution: institution{Clearing: &clearing{System: code{Code: "CHBCC"}, Member: id}}}
	}
	return nil
}

// remittanceOf is one structured reference where the subject is one that the
// account takes, else one line of text.
func remittanceOf(p *Payment) *remittance {
	reference := strings.ReplaceAll(p.Subject, " ", "")
	switch {
	case wire.IsQRIBAN(p.Creditor.IBAN()) && isQRReference(reference):
		return &remittance{Structured: &structured{referenceInfo{Type: referenceType{codeOrOther{Proprietary: "QRR"}}, Reference: reference}}}
	case p.Creditor.IBAN() != "" && wire.ISO11649(reference):
		return &remittance{Structured: &structured{referenceInfo{Type: referenceType{codeOrOther{Code: "SCOR"}}, Reference: reference}}}
	}
	if text := line(p.Subject, maxText); text != "" {
		return &remittance{Text: text}
	}
	return nil
}

func isQRReference(s string) bool {
	const digits = 27
	return len(s) == digits && strings.Trim(s, "0123456789") == "" && strings.Trim(s, "0") != "" &&
		wire.Mod10Recursive(s[:digits-1]) == s[digits-1]
}
