package numeric

import (
	"strconv"
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// scheme is one national form of reference: a row of the table.
type scheme struct {
	name string // value of the parameter scheme, and of the subject

	// unfit says why the scheme cannot serve at all; the rest is empty then.
	unfit string

	countries []string // of the account's IBAN
	kind      string   // of the account, where it is no IBAN

	min, max int // digits of the whole number
	usual    int // digits when the account says nothing; 0: it must say
	inner    wire.Inner
	billers  *billers // payers name a number of the payee instead of its account; nil: the account

	seal  seal
	front int  // digits that seal puts in front
	back  int  // digits that seal puts at the end
	steer bool // seal refuses some bodies: a digit before it, 0 or else 1, steers clear of them

	model string // what may be written right before the number, such as HR01
	zeros bool   // leading zeros come and go, and do not count
	rf    bool   // payers abroad use the same number with RF and its check in front

	// print writes the number as the payer types it; nil: as it is.
	print func(number string) string
}

// own is the layout of what is ours in a number of some digits.
func (s *scheme) own(digits int) wire.Number {
	digits -= s.front + s.back
	if s.steer {
		digits--
	}
	return wire.Number{Digits: digits, Inner: s.inner}
}

// whole completes what is ours with the digit that steers and the check. Of ten
// digits at most one gives a body that seal refuses.
func (s *scheme) whole(own string) string {
	if !s.steer {
		number, _ := s.seal(own)
		return number
	}
	number, ok := s.seal(own + "0")
	if !ok {
		number, _ = s.seal(own + "1")
	}
	return number
}

// accepts tells whether an account can be paid to with this scheme.
func (s *scheme) accepts(payto taler.Payto) bool {
	if s.kind != "" {
		return payto.Kind() == s.kind
	}
	for _, country := range s.countries {
		if strings.HasPrefix(payto.IBAN(), country) {
			return true
		}
	}
	return false
}

// where says which accounts these are.
func (s *scheme) where() string {
	if s.kind != "" {
		return "payto://" + s.kind + "/..."
	}
	return "payto://iban/" + strings.Join(s.countries, "... or payto://iban/") + "..."
}

// digitsOf reads the parameter digits.
func (s *scheme) digitsOf(in wire.Settings) (int, error) {
	text := in.Parameters["digits"]
	if text == "" && s.usual > 0 {
		return s.usual, nil
	}
	digits, err := strconv.Atoi(text)
	switch {
	case err == nil && s.min <= digits && digits <= s.max:
		return digits, nil
	case s.min == s.max:
		return 0, in.Refuse("remove the parameter digits: the references of %s have %d", s.name, s.min)
	case s.usual == 0:
		return 0, in.Refuse("digits must be the length, %d to %d, that was agreed with the bank for references of this account", s.min, s.max)
	}
	return 0, in.Refuse("digits must be %d to %d: the length of a reference", s.min, s.max)
}
