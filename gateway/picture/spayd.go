package picture

import (
	"fmt"
	"strings"
)

// The longest values of a SPAYD, as they stand in the code.
const (
	maxSPAYDAmount  = 10
	maxSPAYDName    = 35
	maxSPAYDMessage = 60
)

// isCzech tells that banks of the country read SPAYD, and that it has room for the
// subject: a whole key is longer than its message.
func (p *payment) isCzech() bool {
	n := len(escape(p.message()))
	return strings.HasPrefix(p.payee.IBAN(), "CZ") && p.currency == "CZK" && 0 < n && n <= maxSPAYDMessage
}

// checkSPAYD refuses amounts that are too long, rather than to let the payer type
// what the wallet has asked for.
func (p *payment) checkSPAYD() error {
	if len(p.spaydAmount()) > maxSPAYDAmount {
		return fmt.Errorf("%w: write up to 9999999.99, or above whole crowns", ErrAmount)
	}
	return nil
}

// spayd is a Short Payment Descriptor, version 1.0, of the Czech Banking
// Association.
func (p *payment) spayd() string {
	fields := []string{"SPD", "1.0", "ACC:" + p.payee.IBAN()}
	add := func(key, value string) {
		if value != "" {
			fields = append(fields, key+":"+value)
		}
	}
	add("AM", p.spaydAmount())
	add("CC", p.currency)
	add("RN", cutEscaped(p.payee.ReceiverName(), maxSPAYDName))
	if p.subject.Scheme == "vs" {
		add("X-VS", p.subject.Reference)
	} else {
		add("MSG", escape(p.message()))
	}
	return strings.Join(fields, "*")
}

// spaydAmount leaves the decimals out where there is no room for them and they say
// nothing.
func (p *payment) spaydAmount() string {
	if len(p.decimal) > maxSPAYDAmount {
		return strings.TrimSuffix(p.decimal, ".00")
	}
	return p.decimal
}

// escape writes everything that is not printable ASCII, the asterisk, which
// separates fields, and the percent sign as bytes of UTF-8 behind a percent sign.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '*' || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// cutEscaped escapes as many characters of a text as n have room for.
func cutEscaped(s string, n int) string {
	var b strings.Builder
	for _, r := range s {
		next := escape(string(r))
		if b.Len()+len(next) > n {
			break
		}
		b.WriteString(next)
	}
	return strings.TrimRight(b.String(), " ")
}
