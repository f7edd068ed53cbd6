package nzcsv

import (
	"regexp"
	"strings"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/subjects/taler"
)

// preambleLines are the lines that ASB writes before its header, at most.
const preambleLines = 8

var asbAccount = regexp.MustCompile(`^Bank ([0-9]{2}); Branch ([0-9]{4}); Account ([0-9]{7}-[0-9]{2,3})( \(.*\))?$`)

// asbPreamble reads the lines before the header of ASB, the second of which
// says whose account it is. The header is left to be read.
func (f *reader) asbPreamble() error {
	first, err := f.textLine()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(first, "Created date / time : ") {
		return f.blame(bankfile.ErrForm, "an export of ASB begins with the time of its creation")
	}
	account, err := f.textLine()
	if err != nil {
		return err
	}
	parts := asbAccount.FindStringSubmatch(account)
	if parts == nil {
		return f.blame(bankfile.ErrAccount, "the second line of an export of ASB names bank, branch and account")
	}
	number, err := taler.NewNZPayto(parts[1]+"-"+parts[2]+"-"+parts[3], "")
	if err != nil {
		return f.blame(bankfile.ErrAccount, "the account number is wrong")
	}
	f.own = number.Canonical() == f.Account.Canonical()
	return f.skipToHeader()
}

// skipToHeader leaves out dates and balances.
func (f *reader) skipToHeader() error {
	for range preambleLines {
		next, err := f.src.Peek(len("Date,"))
		if err != nil || string(next) == "Date," {
			return nil // textLine tells what is wrong
		}
		if _, err := f.textLine(); err != nil {
			return err
		}
	}
	return nil
}
