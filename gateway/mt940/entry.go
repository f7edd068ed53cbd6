package mt940

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/subjects/taler"
)

// entry is a :61: with its details.
type entry struct {
	bankfile.Entry
	field    *field
	mark     string // C, D, RC or RD
	kind     string // the type of the transaction, such as NTRF
	ref      string // of the bank; "" for none
	position int    // in the statement
	details  details
}

// The value date, the day of booking, the mark, the third letter of the
// currency, the amount, the type and the references.
var booked = regexp.MustCompile(`^([0-9]{6})([0-9]{4})?(C|D|RC|RD)([A-Z])?([0-9]{1,12},[0-9]{0,3})([A-Z][A-Z0-9]{3})(.*)$`)

// maxBalance keeps sums of amounts with 15 digits within 64 bits.
const maxBalance = 4e18

func (f *reader) readEntry(d *field) error {
	s := f.statement
	if s.currency == "" {
		return d.blame(bankfile.ErrForm, "stands there, and no opening balance (:60F:) before it; post the MT940, not the MT942")
	}
	m := booked.FindStringSubmatch(strings.TrimRight(d.lines[0], " "))
	if m == nil {
		return d.blame(bankfile.ErrStructure, "must be an entry like 2611221122C12,50NTRFNONREF//2611220001")
	}
	day, err := time.Parse("060102", m[1])
	if err != nil {
		return d.blame(bankfile.ErrDate, "begins with no value date (YYMMDD)")
	}
	if m[4] != "" && m[4][0] != s.currency[2] {
		return d.blame(bankfile.ErrStructure, "has not the currency of the balances")
	}
	e := &entry{field: d, mark: m[3], kind: m[6], ref: bankReference(m[7])}
	e.Line, e.ValueDate = d.line, day
	if e.Amount, err = taler.ParseAmount(s.currency + ":" + strings.TrimSuffix(strings.Replace(m[5], ",", ".", 1), ".")); err != nil {
		return d.blame(bankfile.ErrAmount, "%s", err)
	}
	s.entries++
	e.position = s.entries
	f.entry = e
	return s.add(d, e.mark, thousandths(m[5]))
}

// add counts an entry to the balance.
func (s *statement) add(d *field, mark string, amount int64) error {
	if mark == "D" || mark == "RC" {
		amount = -amount
	}
	if s.balance += amount; s.balance > maxBalance || s.balance < -maxBalance {
		return d.blame(bankfile.ErrAmount, "the sum is larger than any bank's")
	}
	return nil
}

// bankReference is what stands behind the reference of the customer.
func bankReference(references string) string {
	_, ref, _ := strings.Cut(references, "//")
	if ref = strings.TrimSpace(ref); strings.EqualFold(ref, "NONREF") {
		return ""
	}
	return ref
}

// endEntry emits the entry that was open.
func (f *reader) endEntry() error {
	e := f.entry
	if e == nil {
		return nil
	}
	f.entry = nil
	if !e.details.read && len(e.field.lines) > 1 {
		e.details.texts = e.field.lines[1:] // some banks put the text there
	}
	if err := f.classify(e); err != nil {
		return err
	}
	f.info.Count(e.Kind)
	return f.emit(&e.Entry)
}

// classify tells what the entry means. RC takes a credit back, RD a debit.
func (f *reader) classify(e *entry) error {
	e.Remittance = e.details.remittance()
	e.Kind = bankfile.Ignored
	switch {
	case !f.statement.own:
		e.Reason = bankfile.ReasonOtherAccount
	case e.Amount.IsZero():
		e.Reason = bankfile.ReasonNoMoney
	case e.mark == "D":
		e.Reason, e.BankRef = bankfile.ReasonDebit, e.ref
	case e.mark == "RC":
		e.Reason, e.BankRef = bankfile.ReasonDebitReversal, e.ref
	default:
		return f.credit(e)
	}
	return nil
}

func (f *reader) credit(e *entry) error {
	e.Kind, e.Debtor = bankfile.Credit, e.details.debtor()
	if e.mark == "RD" || e.isReturn() {
		e.Kind, e.Reason = bankfile.Exception, bankfile.ReasonReturned
	}
	if f.Reference == ByPosition {
		return f.byPosition(e)
	}
	return f.byBank(e)
}

// isReturn: NRTI is SWIFT's returned item, 159 the German code for a credit
// transfer that came back; both also stand in the text.
func (e *entry) isReturn() bool {
	return e.kind[1:] == "RTI" || e.details.code == "159" || strings.HasPrefix(strings.Join(e.details.texts, ""), "RETURN/REFUND")
}

func (f *reader) byPosition(e *entry) error {
	s := f.statement
	if s.number == "" {
		return e.field.blame(bankfile.ErrReference, "the statement has no number (:28C:), so its entries have none")
	}
	e.BankRef = fmt.Sprintf("%s/%s/%d", s.opened.Format(time.DateOnly), s.number, e.position)
	return nil
}

// digest stands for a reference among those of a statement.
type digest [16]byte

func (f *reader) byBank(e *entry) error {
	if e.ref == "" || len(e.ref) > bankfile.MaxRef/2 {
		return e.field.blame(bankfile.ErrReference, "has no reference of the bank behind //; if the bank gives none, mt940_reference must say so")
	}
	e.BankRef = e.ref
	sum := sha256.Sum256([]byte(e.ref))
	d := digest(sum[:16])
	if f.seen[d]++; f.seen[d] > 1 {
		e.BankRef = fmt.Sprintf("%s/%d", e.ref, f.seen[d])
		if e.Kind == bankfile.Credit {
			e.Kind, e.Reason = bankfile.Exception, bankfile.ReasonBankFlag
		}
	}
	return nil
}
