package picture

import (
	"fmt"
	"strconv"
	"strings"
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
	return b.String() + fmt.Sprintf("%04X", crc16(b.String()))
}

// crc16 is CRC-16/CCITT-FALSE: polynomial 0x1021, start value 0xFFFF.
func crc16(s string) uint16 {
	crc := uint16(0xFFFF)
	for i := range len(s) {
		crc ^= uint16(s[i]) << 8
		for range 8 {
			carry := crc & 0x8000
			crc <<= 1
			if carry != 0 {
				crc ^= 0x1021
			}
		}
	}
	return crc
}
