package nzcsv

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// row is what stands in the columns.
type row struct {
	date, amount, credit, debit        string
	particulars, code, reference, memo string
	account, debtor, name              string
}

// read decodes the columns.
func (f *reader) read() (r row, err error) {
	for _, c := range []struct {
		name string
		into *string
	}{
		{f.date, &r.date}, {f.amount, &r.amount}, {f.credit, &r.credit}, {f.debit, &r.debit},
		{f.particulars, &r.particulars}, {f.code, &r.code}, {f.reference, &r.reference}, {f.memo, &r.memo},
		{f.account, &r.account}, {f.debtor, &r.debtor}, {f.name, &r.name},
	} {
		if *c.into, err = f.column(c.name); err != nil {
			return r, err
		}
	}
	return r, nil
}

// entry makes the entry of the present row.
func (f *reader) entry() (*bankfile.Entry, error) {
	r, err := f.read()
	if err != nil {
		return nil, err
	}
	e := &bankfile.Entry{Line: f.line, Kind: bankfile.Credit}
	if e.ValueDate, err = f.day(r.date); err != nil {
		return nil, err
	}
	if err := f.classify(e, &r); err != nil {
		return nil, err
	}
	switch {
	case e.Kind == bankfile.Credit:
		e.Debtor = debtor(&r)
		e.Remittance = remittance(&r)
		e.BankRef = f.bankRef(e)
	case e.Reason == bankfile.ReasonDebit:
		e.Remittance.EndToEndID = ownID(&r)
	}
	return e, nil
}

// classify reads account and amount.
func (f *reader) classify(e *bankfile.Entry, r *row) error {
	own, err := f.isOwn(r.account)
	if err != nil {
		return err
	}
	amount, negative, err := f.money(r)
	if err != nil {
		return err
	}
	e.Amount = amount
	switch {
	case !own:
		e.Kind, e.Reason = bankfile.Ignored, bankfile.ReasonOtherAccount
	case amount.IsZero():
		e.Kind, e.Reason = bankfile.Ignored, bankfile.ReasonNoMoney
	case negative:
		e.Kind, e.Reason = bankfile.Ignored, bankfile.ReasonDebit
	}
	return nil
}

// isOwn compares the account of a row, or of the whole file where rows have none.
func (f *reader) isOwn(number string) (bool, error) {
	if f.account == "" {
		return f.own, nil
	}
	account, err := taler.NewNZPayto(number, "")
	if err != nil {
		return false, f.blame(bankfile.ErrAccount, "column %q is no New Zealand account number", f.account)
	}
	return account.Canonical() == f.Account.Canonical(), nil
}

// day reads a date in one of the forms of the dialect, which differ in length.
func (f *reader) day(text string) (time.Time, error) {
	for _, form := range f.days {
		if day, err := time.Parse(form, text); err == nil && len(text) == len(form) {
			return day, nil
		}
	}
	return time.Time{}, f.blame(bankfile.ErrDate, "column %q: %s writes days like %s", f.date, f.bank, f.days[0])
}

var (
	anyAmount  = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,2})?$`)
	fullAmount = regexp.MustCompile(`^-?[0-9]{1,15}\.[0-9]{2}$`)
)

// money reads the amount, which must agree with its other columns.
func (f *reader) money(r *row) (amount taler.Amount, negative bool, err error) {
	form := anyAmount
	if f.cents {
		form = fullAmount
	}
	if !form.MatchString(r.amount) {
		return amount, false, f.blame(bankfile.ErrAmount, "column %q must be a number like -12.50", f.amount)
	}
	positive, negative := strings.CutPrefix(r.amount, "-")
	if amount, err = dollars(positive); err != nil {
		return amount, false, f.blame(bankfile.ErrAmount, "column %q", f.amount)
	}
	credit, debit := positive, ""
	if negative {
		credit, debit = "", positive
	}
	if !agrees(r.credit, credit) || !agrees(r.debit, debit) {
		return amount, false, f.blame(bankfile.ErrStructure, "the columns %q, %q and %q contradict each other", f.credit, f.debit, f.amount)
	}
	return amount, negative, nil
}

// agrees tells whether the second form of an amount says the same, if anything.
func agrees(text, amount string) bool {
	if text == "" {
		return true
	}
	a, err := dollars(text)
	b, other := dollars(amount)
	return err == nil && other == nil && a == b
}

func dollars(text string) (taler.Amount, error) { return taler.ParseAmount("NZD:" + text) }

// debtor is the account that money could go back to. "---" stands for none.
func debtor(r *row) *taler.Payto {
	p, err := taler.NewNZPayto(r.debtor, bankfile.Name(r.name))
	if err != nil {
		return nil
	}
	return &p
}

// remittance: the description repeats the three fields, in whatever form, and
// counts only where they are empty.
func remittance(r *row) wire.Remittance {
	out := wire.Remittance{Particulars: r.particulars, Code: r.code, Reference: r.reference, EndToEndID: ownID(r)}
	if r.memo != "" && r.particulars+r.code+r.reference == "" {
		out.Unstructured = []string{r.memo}
	}
	return out
}

var endToEnd = regexp.MustCompile(`^SW[0-9A-F]{32}$`)

// ownID is the end-to-end id of a payment of ours, in the fields in which Order
// has written it. Banks may change the case.
func ownID(r *row) string {
	id := strings.ToUpper(r.particulars + r.code + r.reference)
	if !endToEnd.MatchString(id) {
		return ""
	}
	return id
}

// digest stands for what a row tells of a payment.
type digest [16]byte

// bankRef numbers the payments that are equal in all that is stored of them.
func (f *reader) bankRef(e *bankfile.Entry) string {
	d := digestOf(e)
	f.seen[d]++
	return fmt.Sprintf("%s/%x/%d", e.ValueDate.Format(time.DateOnly), d, f.seen[d])
}

func digestOf(e *bankfile.Entry) (d digest) {
	account := ""
	if e.Debtor != nil {
		account = e.Debtor.Canonical()
	}
	h := sha256.New()
	texts := append([]string{
		"shortwire-nzcsv-1", e.ValueDate.Format(time.DateOnly), e.Amount.String(), account,
		e.Remittance.Particulars, e.Remittance.Code, e.Remittance.Reference,
	}, e.Remittance.Unstructured...)
	for _, text := range texts {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(text))))
		h.Write([]byte(text))
	}
	copy(d[:], h.Sum(nil))
	return d
}
