package bgmax

import (
	"fmt"
	"time"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/subjects/taler"
)

// deposit is what was paid into the account at once.
type deposit struct {
	own      bool
	currency string
	count    int
	sum      int64 // in hundredths
	seen     map[string]int
}

// payment is one that may still get further records.
type payment struct {
	bankfile.Entry
	serial    string
	texts     int // bytes
	deduction bool
}

// maxTexts bounds what further records may add.
const maxTexts = 10_000

func (f *reader) open(r record) error {
	if f.deposit != nil {
		return f.blame(bankfile.ErrTruncated, "the deposit before has no closing record (15)")
	}
	own := bankgiro(r.text(3, 12))
	if own == "" {
		return f.blame(bankfile.ErrAccount, "the opening record has no bankgiro number")
	}
	currency := r.text(23, 25)
	if _, err := taler.ParseAmount(currency + ":1"); err != nil || len(currency) != 3 {
		return f.blame(bankfile.ErrStructure, "the opening record has no currency")
	}
	f.deposit = &deposit{own: own == bankgiro(f.Bankgiro), currency: currency, seen: map[string]int{}}
	return nil
}

// readPayment reads a payment (20) or a deduction (21).
func (f *reader) readPayment(kind string, r record) error {
	d := f.deposit
	if d == nil {
		return f.blame(bankfile.ErrStructure, "a payment stands outside of a deposit")
	}
	hundredths, ok := r.number(38, 55)
	if !ok {
		return f.blame(bankfile.ErrAmount, "places 38 to 55 must be the amount in öre")
	}
	p := &payment{serial: r.text(58, 69), deduction: kind == "21"}
	p.Line = f.line
	p.Amount = taler.Amount{Currency: d.currency, Value: hundredths / 100, Fraction: uint32(hundredths%100) * (taler.AmountBase / 100)}
	if reference := r.text(13, 37); r.text(56, 56) == "2" && reference != "" {
		p.Remittance.Structured = []string{reference}
	} else {
		p.Remittance.Reference = reference
	}
	f.payment = p
	return f.count(d, p, int64(hundredths))
}

// maxSum keeps sums of amounts with 18 digits within 64 bits.
const maxSum = 4e18

func (f *reader) count(d *deposit, p *payment, hundredths int64) error {
	if f.records.payments++; p.deduction {
		f.records.payments--
		f.records.deductions++
		hundredths = -hundredths
	}
	d.count++
	if d.sum += hundredths; d.sum > maxSum || d.sum < -maxSum || p.Amount.Value > taler.MaxAmountValue {
		return f.blame(bankfile.ErrAmount, "the amount is larger than any bank's")
	}
	return nil
}

// about takes a record that says more of the payment before it. Names and
// addresses (26 to 29) are not needed: no money can go back to them.
func (f *reader) about(kind string, r record) error {
	if f.payment == nil {
		return f.blame(bankfile.ErrStructure, "a record of kind %s stands behind no payment", kind)
	}
	text := ""
	switch kind {
	case "22", "23":
		f.records.extras++
		text = r.text(13, 37)
	case "25":
		text = r.text(3, 52)
	}
	if text == "" {
		return nil
	}
	if f.payment.texts += len(text); f.payment.texts > maxTexts {
		return f.blame(bankfile.ErrTooLarge, "the messages of a payment have more than 10,000 characters")
	}
	f.payment.Remittance.Unstructured = append(f.payment.Remittance.Unstructured, text)
	return nil
}

// endPayment emits the payment that was open.
func (f *reader) endPayment() error {
	p := f.payment
	if p == nil {
		return nil
	}
	f.payment = nil
	p.ValueDate = f.day()
	if err := f.classify(p); err != nil {
		return err
	}
	f.info.Count(p.Kind)
	return f.emit(&p.Entry)
}

// day of the open deposit, zero in the first pass.
func (f *reader) day() time.Time {
	if len(f.found) < len(f.days) {
		return f.days[len(f.found)]
	}
	return time.Time{}
}

func (f *reader) classify(p *payment) error {
	p.Kind = bankfile.Ignored
	switch {
	case !f.deposit.own:
		p.Reason = bankfile.ReasonOtherAccount
	case f.test:
		p.Reason = bankfile.ReasonTestFile
	case p.deduction:
		p.Reason = bankfile.ReasonDebit
	case p.Amount.IsZero():
		p.Reason = bankfile.ReasonNoMoney
	default:
		return f.refer(p)
	}
	return nil
}

func (f *reader) refer(p *payment) error {
	if _, ok := record(p.serial+"x").number(1, len(p.serial)); len(p.serial) != 12 || !ok {
		return bankfile.At(p.Line, bankfile.ErrReference, "places 58 to 69 must be the serial number of Bankgirot; ask the bank for files with it")
	}
	p.Kind = bankfile.Credit
	p.BankRef = p.ValueDate.Format(time.DateOnly) + "/" + p.serial
	if f.deposit.seen[p.serial]++; f.deposit.seen[p.serial] > 1 {
		p.BankRef = fmt.Sprintf("%s/%d", p.BankRef, f.deposit.seen[p.serial])
		p.Kind, p.Reason = bankfile.Exception, bankfile.ReasonBankFlag
	}
	return nil
}

// close holds a deposit against its closing record.
func (f *reader) close(r record) error {
	d := f.deposit
	if d == nil {
		return f.blame(bankfile.ErrStructure, "a closing record stands outside of a deposit")
	}
	day, err := time.Parse("20060102", r.text(38, 45))
	if err != nil {
		return f.blame(bankfile.ErrDate, "places 38 to 45 must be the day of the deposit")
	}
	sum, okSum := r.number(51, 68)
	count, okCount := r.number(72, 79)
	switch {
	case !okSum || !okCount:
		return f.blame(bankfile.ErrStructure, "the closing record has no sum or no number of payments")
	case r.text(69, 71) != d.currency:
		return f.blame(bankfile.ErrStructure, "the closing record has another currency than the opening record")
	case int64(sum) != d.sum || int(count) != d.count:
		return f.blame(bankfile.ErrBalance, "the closing record tells another sum or number than the payments give")
	}
	f.found = append(f.found, day)
	f.records.deposits++
	f.deposit = nil
	return nil
}
