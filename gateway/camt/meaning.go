package camt

import (
	"strings"
	"time"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// reading is one transaction together with its entry: all that its meaning
// depends on.
type reading struct {
	e      *entry
	t      *transaction // empty when the entry has none
	single bool         // t is the only transaction of e

	totals  bool // QuirkTotals holds for this message
	amounts bool // QuirkAmounts
}

// meaning makes the Entry of a transaction.
func (r reading) meaning() (Entry, error) {
	out := Entry{Position: r.t.Position}
	if err := r.classify(&out); err != nil {
		return out, err
	}
	if err := r.readAmount(&out); err != nil {
		return out, err
	}
	if err := r.readRef(&out); err != nil {
		return out, err
	}
	out.IDs = r.ids()
	out.Debtor = r.debtor()
	out.ValueDate = r.date(valueDate, valueTime, bookingDate, bookingTime)
	out.Booked = r.date(bookingDate, bookingTime)
	out.Remittance = r.remittance()
	out.CreditorIBAN = r.creditorIBAN()
	return out, nil
}

// classify sets Kind and Reason. What is not booked may still change or vanish;
// after that it counts whether money came, and whose it was before.
func (r reading) classify(out *Entry) error {
	booked, err := r.booked()
	if err != nil {
		return err
	}
	if !booked {
		out.Kind, out.Reason = bankfile.Ignored, bankfile.ReasonNotBooked
		return nil
	}
	credit, err := r.isCredit()
	if err != nil {
		return err
	}
	reversed, err := r.reversed()
	switch {
	case err != nil:
		return err
	case !credit && reversed:
		out.Kind, out.Reason = bankfile.Ignored, bankfile.ReasonDebitReversal
	case !credit:
		out.Kind, out.Reason = bankfile.Ignored, bankfile.ReasonDebit
	default:
		r.classifyCredit(out, reversed)
	}
	return nil
}

func (r reading) classifyCredit(out *Entry, reversed bool) {
	out.Kind = bankfile.Exception
	switch {
	case reversed || r.isReturn():
		out.Reason = bankfile.ReasonReturned
	case r.totals && r.isTotal():
		out.Kind, out.Reason = bankfile.Ignored, bankfile.ReasonTotal
	case !r.hasDetails():
		out.Reason = bankfile.ReasonNoDetails
	case r.e.values[direction] == codeDebit:
		out.Reason, out.Detail = bankfile.ReasonBankFlag, "the entry is a debit, its transaction a credit"
	case r.flagged():
		out.Reason, out.Detail = bankfile.ReasonBankFlag, "the bank set ?REJECT? or ?ERROR?"
	default:
		out.Kind = bankfile.Credit
	}
}

// The codes of ISO 20022 that decide: CreditDebitCode, EntryStatus1Code and,
// of the external bank transaction codes, "reversal due to payment return",
// which some banks give without RvslInd or RtrInf.
const (
	codeCredit = "CRDT"
	codeDebit  = "DBIT"
	codeBooked = "BOOK"
	codeReturn = "RRTN"
)

// namesDebit tells a booked debit with an end-to-end id. What contradicts itself
// is none.
func (r reading) namesDebit() bool {
	var out Entry
	err := r.classify(&out)
	return err == nil && out.Kind == bankfile.Ignored && out.Reason == bankfile.ReasonDebit && provided(r.t.values[endToEndID])
}

func (r reading) isReturn() bool {
	_, told := r.t.values[returned]
	return told || r.t.values[bankCode] == codeReturn || r.e.values[bankCode] == codeReturn
}

// isTotal tells a credit without anything that would tell one payment from
// another. Banks dress totals as a transaction that repeats its entry.
func (r reading) isTotal() bool {
	if !r.single || r.t.values[debtorIBAN] != "" || r.t.values[debtorName] != "" {
		return false
	}
	for _, f := range []field{uetr, transactionID, endToEndID, proprietaryRef} {
		if provided(r.t.values[f]) {
			return false
		}
	}
	own, text := r.t.values[servicerRef], r.remittance()
	return (!provided(own) || own == r.e.values[servicerRef]) && len(text.Structured)+len(text.Unstructured) == 0
}

func (r reading) hasDetails() bool { return r.t.Transaction > 0 }

func (r reading) booked() (bool, error) {
	known := false
	for _, f := range []field{statusText, statusCode, statusOther} {
		text, set := r.e.values[f]
		if set && (text != codeBooked || f == statusOther) {
			return false, nil
		}
		known = known || set
	}
	if !known {
		return false, at(r.t.Position, ErrStructure, "the entry has no status (Sts)")
	}
	return true, nil
}

// isCredit reads the direction of the transaction, else of its entry: an entry
// may be the balance of transactions in both directions.
func (r reading) isCredit() (bool, error) {
	text := r.t.values[direction]
	if text == "" {
		text = r.e.values[direction]
	}
	if text != codeCredit && text != codeDebit {
		return false, at(r.t.Position, ErrStructure, "CdtDbtInd must be CRDT or DBIT")
	}
	return text == codeCredit, nil
}

func (r reading) reversed() (bool, error) {
	switch r.e.values[reversal] { // xs:boolean
	case "true", "1":
		return true, nil
	case "false", "0", "":
		return false, nil
	}
	return false, at(r.t.Position, ErrStructure, "RvslInd must be true or false")
}

// readAmount takes the amount nearest to the transaction. What is ignored may
// lack an amount, but never have a broken one: that is a damaged file.
func (r reading) readAmount(out *Entry) error {
	text, set := r.amountText()
	if !set {
		if out.Kind == bankfile.Ignored {
			return nil
		}
		return at(out.Position, ErrAmount, "there is no Amt for this transaction alone")
	}
	currency, _, _ := strings.Cut(text, ":")
	a, err := taler.ParseAmount(text)
	if err != nil || len(currency) != 3 { // ISO 4217
		return at(out.Position, ErrAmount, "Amt must be a number like 10.50 with the currency in Ccy")
	}
	out.Amount = a
	return nil
}

func (r reading) amountText() (text string, set bool) {
	text, set = r.t.values[amount]
	if !set {
		text, set = r.t.values[transactionAmount]
	}
	if entry, told := r.e.values[amount]; r.single && told && (!set || r.amounts && isZero(text)) {
		return entry, true
	}
	return text, set
}

func isZero(text string) bool {
	a, err := taler.ParseAmount(text)
	return err == nil && a.IsZero()
}

// debtor is the account that money could go back to. Counter deposits and
// accounts without an IBAN have none.
func (r reading) debtor() *taler.Payto {
	p, err := taler.NewIBANPayto(r.t.values[debtorIBAN], bankfile.Name(r.t.values[debtorName]))
	if err != nil {
		return nil
	}
	return &p
}

// creditorIBAN is the account that was paid. Where the bank keeps a QR-IBAN
// beside the account, NtryRef may be that QR-IBAN.
func (r reading) creditorIBAN() string {
	for _, text := range []string{r.t.values[creditorIBAN], r.e.values[entryRef], r.e.accountIBAN} {
		iban := strings.ToUpper(strings.ReplaceAll(text, " ", ""))
		if taler.ValidIBAN(iban) {
			return iban
		}
	}
	return ""
}

func (r reading) date(fields ...field) time.Time {
	for _, f := range fields {
		if day := dayOf(r.e.values[f]); !day.IsZero() {
			return day
		}
	}
	return time.Time{}
}

// dayOf reads a date or the date of a time, whose zone is dropped: banks mean
// their own calendar. What is no date is the zero time.
func dayOf(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))])
	if err != nil {
		return time.Time{}
	}
	return day
}

// remittance hands on every creditor reference, whatever its type: banks leave
// Tp out or call a QR reference "ISR Reference", and the shape tells anyway.
func (r reading) remittance() wire.Remittance {
	out := wire.Remittance{
		Structured:   r.t.structured,
		Unstructured: r.t.unstructured,
	}
	for _, text := range r.t.additional {
		if flag, _ := flagOf(text); !flag {
			out.Unstructured = append(out.Unstructured, text)
		}
	}
	if text := r.t.values[endToEndID]; provided(text) {
		out.EndToEndID = text
	}
	return out
}

func (r reading) flagged() bool {
	for _, text := range r.t.additional {
		if _, raised := flagOf(text); raised {
			return true
		}
	}
	return false
}

// flagOf recognises what Swiss banks write for machines into AddtlRmtInf:
// ?REJECT?0 and ?ERROR?000, raised when anything but zeros follows.
func flagOf(text string) (flag, raised bool) {
	for _, name := range []string{"?REJECT?", "?ERROR?"} {
		if value, found := strings.CutPrefix(strings.TrimSpace(text), name); found {
			return true, strings.Trim(value, "0") != ""
		}
	}
	return false, false
}
