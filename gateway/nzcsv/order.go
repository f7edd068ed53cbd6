package nzcsv

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the day in New Zealand must not hang on what the machine has

	"github.com/shortwire/shortwire/gateway/pain"
	"github.com/shortwire/shortwire/subjects/taler"
)

// The reasons why an order cannot be written.
var (
	ErrEmpty   = errors.New("there is nothing to pay")
	ErrAccount = errors.New("direct credits are for accounts in New Zealand")
	ErrAmount  = errors.New("the amount cannot be written in a direct credit")
)

// MaxDollars is above every amount of a direct credit, which has eleven digits
// in cents.
const MaxDollars = 1_000_000_000

const (
	field   = 12 // particulars, code and reference
	name    = 20
	account = 16 // bank, branch, account, suffix of three digits
)

// Order is one lease of payments from one account, as a direct credit file of
// BNZ (Internet Banking for Business). All is paid on the day of the order.
type Order struct {
	Created  time.Time
	Debtor   taler.Payto
	Payments []Payment
}

// Payment is one direct credit. The fields of the payer, which come back in
// his own account export, hold the end-to-end id; those of the payee the
// beginning of the subject.
type Payment struct {
	EndToEndID string // at most 36 characters
	Amount     taler.Amount
	Creditor   taler.Payto
	Subject    string
}

// Write returns the file. Errors: ErrEmpty, ErrAccount, ErrAmount.
func (o *Order) Write() ([]byte, error) {
	if len(o.Payments) == 0 {
		return nil, ErrEmpty
	}
	day := o.Created.In(auckland()).Format("060102")
	rows := [][]string{{"1", "", "", "", digits(o.Debtor), "7", day, day, "I"}} // I: listed one by one
	var total, hash uint64
	for i := range o.Payments {
		p := &o.Payments[i]
		cents, err := o.check(p)
		if err != nil {
			return nil, fmt.Errorf("payment %s: %w", p.EndToEndID, err)
		}
		total += cents
		hash += hashOf(p.Creditor)
		rows = append(rows, o.row(p, cents))
	}
	const hashDigits = 100_000_000_000 // the last eleven digits
	rows = append(rows, []string{"3", strconv.FormatUint(total, 10), strconv.Itoa(len(o.Payments)), fmt.Sprintf("%011d", hash%hashDigits)})
	return write(rows)
}

func (o *Order) check(p *Payment) (cents uint64, err error) {
	const cent = taler.AmountBase / 100
	switch {
	case p.Creditor.Kind() != taler.KindNZAccount || o.Debtor.Kind() != taler.KindNZAccount:
		return 0, ErrAccount
	case p.Amount.Currency != "NZD", p.Amount.Fraction%cent != 0, p.Amount.Value >= MaxDollars, p.Amount.IsZero():
		return 0, ErrAmount
	}
	return p.Amount.Value*100 + uint64(p.Amount.Fraction/cent), nil
}

// row is one transaction: code 50 is a credit.
func (o *Order) row(p *Payment, cents uint64) []string {
	theirs, ours := fields(words(p.Subject)), fields(p.EndToEndID)
	return []string{
		"2", digits(p.Creditor), "50", strconv.FormatUint(cents, 10), holder(p.Creditor),
		theirs[2], theirs[1], "", theirs[0],
		holder(o.Debtor), ours[1], ours[2], ours[0],
	}
}

// fields cuts a text into particulars, code and reference.
func fields(text string) (out [3]string) {
	for i := range out {
		end := min(field, len(text))
		out[i], text = strings.TrimSpace(text[:end]), text[end:]
	}
	return out
}

// words moves words that would be cut to the next field.
func words(text string) string {
	var out strings.Builder
	for _, word := range strings.Fields(plain(text)) {
		if used := out.Len() % field; used > 0 {
			out.WriteString(strings.Repeat(" ", gap(used, len(word))))
		}
		out.WriteString(word)
	}
	return out.String()
}

// gap is how many blanks stand before a word where a field is used already.
func gap(used, word int) int {
	if left := field - used; used+1+word > field {
		return left
	}
	return 1
}

// plain spells a text in the characters that BNZ takes.
func plain(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer(",", " ", "(", " ", ")", " ", "+", "&").Replace(pain.Latin(text))), " ")
}

func holder(p taler.Payto) string {
	text := plain(p.ReceiverName())
	if text = strings.TrimSpace(text[:min(len(text), name)]); text == "" {
		return "NOT PROVIDED"
	}
	return text
}

// digits is the account number with a suffix of three digits.
func digits(p taler.Payto) string {
	all := strings.ReplaceAll(p.Account(), "-", "")
	if len(all) == account-1 {
		all = all[:account-3] + "0" + all[account-3:]
	}
	return all
}

// hashOf is branch and account number of a payee, which the bank adds up to see
// that no record is missing.
func hashOf(p taler.Payto) uint64 {
	n, _ := strconv.ParseUint(digits(p)[2:13], 10, 64) // digits, as the payto was read
	return n
}

func write(rows [][]string) ([]byte, error) {
	var out strings.Builder
	table := csv.NewWriter(&out)
	table.UseCRLF = true
	err := table.WriteAll(rows)
	return []byte(out.String()), err
}

func auckland() *time.Location {
	place, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		panic(err) // it is linked in
	}
	return place
}
