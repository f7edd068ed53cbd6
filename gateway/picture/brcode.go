package picture

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
)

// The fields of a BR Code that matter here: the amount stands before the country,
// and the check is the last (EMV merchant presented mode).
const (
	brAmount  = "54"
	brCountry = "58"
	brCheck   = "6304"
)

// isBRCode tells that the subject brings its code along (Pix).
func (p *payment) isBRCode() bool { return p.subject.Scheme == "br-pix" }

// brCode is the code of the subject with the amount of this payment in the place
// of its own.
func (p *payment) brCode() string {
	var b strings.Builder
	rest := p.subject.Subject
	for len(rest) > len(brCheck) && !strings.HasPrefix(rest, brCheck) {
		length, err := strconv.Atoi(rest[2:4])
		if err != nil || 4+length > len(rest) {
			return p.subject.Subject // not a code that we made
		}
		id, field := rest[:2], rest[:4+length]
		if id == brCountry && p.decimal != "" {
			fmt.Fprintf(&b, "%s%02d%s", brAmount, len(p.decimal), p.decimal)
		}
		if id != brAmount {
			b.WriteString(field)
		}
		rest = rest[len(field):]
	}
	b.WriteString(brCheck)
	return b.String() + fmt.Sprintf("%04X", wire.CRC16(b.String()))
}
