package mt940

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shortwire/shortwire/gateway/bankfile"
)

// statement is what stands around the entries.
type statement struct {
	own      bool   // it is about our account
	account  bool   // :25: was read
	number   string // :28C:, without leading zeros; "" when the bank does not number
	opened   time.Time
	currency string
	balance  int64 // in thousandths, opening balance and entries so far
	entries  int
}

// take reads a field that is complete.
func (f *reader) take(d *field) error {
	if d.tag != "86" || f.entry == nil {
		if err := f.endEntry(); err != nil {
			return err
		}
	}
	if d.tag == "20" {
		return f.begin(d)
	}
	if f.statement == nil {
		return f.aside(d)
	}
	switch d.tag {
	case "25":
		return f.readAccount(d)
	case "28C", "28":
		return f.readNumber(d)
	case "60F", "60M":
		return f.readOpening(d)
	case "61":
		return f.readEntry(d)
	case "86":
		return f.readDetails(d)
	case "62F", "62M":
		return f.readClosing(d)
	}
	return nil // others say nothing about money of the account
}

// aside takes a field outside of statements: behind a closing balance stand
// those of available balances, and notes.
func (f *reader) aside(d *field) error {
	switch {
	case f.statements == 0:
		return d.blame(bankfile.ErrForm, "a statement begins with :20:")
	case d.tag == "61" || strings.HasPrefix(d.tag, "6") && d.tag < "64":
		return d.blame(bankfile.ErrStructure, "stands behind the closing balance")
	}
	return nil
}

func (f *reader) begin(d *field) error {
	if f.statement != nil {
		return d.blame(bankfile.ErrTruncated, "the statement before has no closing balance (:62F:)")
	}
	f.statement = &statement{}
	f.statements++
	return nil
}

var numbered = regexp.MustCompile(`^([0-9]{1,8})(/[0-9]{1,8})?$`)

// readNumber keeps number and page. A number of zeros is none.
func (f *reader) readNumber(d *field) error {
	m := numbered.FindStringSubmatch(strings.TrimSpace(d.lines[0]))
	if m == nil {
		return d.blame(bankfile.ErrStructure, "must be the number of the statement, such as 17/1")
	}
	if number := strings.TrimLeft(m[1], "0"); number != "" {
		page, _ := strconv.Atoi(strings.TrimPrefix(m[2], "/")) // 0 where there is none
		f.statement.number = fmt.Sprintf("%s/%d", number, page)
	}
	return nil
}

// readOpening begins the sum. Pages of one statement share its references.
func (f *reader) readOpening(d *field) error {
	s := f.statement
	if s.currency != "" {
		return d.blame(bankfile.ErrStructure, "stands there twice")
	}
	if !s.account {
		return d.blame(bankfile.ErrAccount, "stands there, and no :25: before it")
	}
	var err error
	s.balance, s.currency, s.opened, err = readBalance(d)
	if d.tag == "60F" || f.seen == nil {
		f.seen = map[digest]int{}
	}
	return err
}

// readClosing holds the sum against what the bank says.
func (f *reader) readClosing(d *field) error {
	s := f.statement
	balance, currency, _, err := readBalance(d)
	switch {
	case err != nil:
		return err
	case s.currency == "":
		return d.blame(bankfile.ErrStructure, "stands there, and no :60F: before it")
	case currency != s.currency:
		return d.blame(bankfile.ErrStructure, "is in another currency than the opening balance")
	case balance != s.balance:
		return d.blame(bankfile.ErrBalance, "is not the opening balance and the %d entries", s.entries)
	}
	f.statement = nil
	return nil
}

var balanced = regexp.MustCompile(`^([CD])([0-9]{6})([A-Z]{3})([0-9]{1,12},[0-9]{0,3})$`)

func readBalance(d *field) (balance int64, currency string, day time.Time, err error) {
	m := balanced.FindStringSubmatch(strings.TrimSpace(d.lines[0]))
	if m == nil {
		return 0, "", day, d.blame(bankfile.ErrStructure, "must be a balance like C261122EUR1234,50")
	}
	if day, err = time.Parse("060102", m[2]); err != nil {
		return 0, "", day, d.blame(bankfile.ErrDate, "YYMMDD is expected")
	}
	balance = thousandths(m[4])
	if m[1] == "D" {
		balance = -balance
	}
	return balance, m[3], day, nil
}

// thousandths reads an amount that has been matched: 15 digits fit.
func thousandths(text string) (n int64) {
	whole, decimals, _ := strings.Cut(text, ",")
	for _, digit := range whole + (decimals + "000")[:3] {
		n = 10*n + int64(digit-'0')
	}
	return n
}
