package mt940

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/subjects/taler"
)

var (
	german   = regexp.MustCompile(`^([0-9]{8})/([0-9]{1,10})$`)
	currency = regexp.MustCompile(`[A-Z]{3}$`)
)

// readAccount tells whose account the statement is about. What can be compared
// with no IBAN is refused, unless it is the text that the operator has named:
// taking it for another account would pass over its money in silence.
func (f *reader) readAccount(d *field) error {
	s := f.statement
	if s.account {
		return d.blame(bankfile.ErrStructure, "stands there twice")
	}
	s.account = true
	text := strings.TrimSpace(d.lines[0])
	if f.AccountText != "" && text == f.AccountText {
		s.own = true
		return nil
	}
	own, known := f.compare(text)
	if !known && f.AccountText == "" {
		return d.blame(bankfile.ErrAccount, "names the account in a way that cannot be compared with its IBAN; mt940_account must say what stands there for this account")
	}
	s.own = own
	return nil
}

// compare tells whether the text names our account, if it can be known.
func (f *reader) compare(text string) (own, known bool) {
	if len(f.IBANs) == 0 {
		return false, false
	}
	if iban := ibanIn(text); iban != "" {
		return slices.Contains(f.IBANs, iban), true
	}
	m := german.FindStringSubmatch(text)
	if m == nil || !strings.HasPrefix(f.IBANs[0], "DE") {
		return false, false
	}
	bban := m[1] + strings.Repeat("0", 10-len(m[2])) + m[2]
	return slices.ContainsFunc(f.IBANs, func(iban string) bool { return iban[4:] == bban }), true
}

// ibanIn finds the IBAN, behind the BIC or in front of the currency.
func ibanIn(text string) string {
	text = text[strings.LastIndexByte(text, '/')+1:]
	text = strings.ToUpper(strings.ReplaceAll(text, " ", ""))
	for _, candidate := range []string{text, currency.ReplaceAllString(text, "")} {
		if taler.ValidIBAN(candidate) {
			return candidate
		}
	}
	return ""
}
