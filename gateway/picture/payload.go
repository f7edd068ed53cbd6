package picture

import (
	"fmt"
	"strings"

	"rsc.io/qr/coding"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// The largest codes of the standards, and the largest there is.
const (
	maxSwissVersion = 25
	maxEPCVersion   = 13
	maxVersion      = coding.MaxVersion
)

// payment is one subject with all that a code needs.
type payment struct {
	subject  wire.Subject
	payee    taler.Payto
	currency string
	amount   *taler.Amount
	decimal  string // of amount, "" when open
}

// kind is a form of code.
type kind struct {
	fits       func(*payment) bool
	check      func(*payment) error // nil: everything that fits can be written
	text       func(*payment) string
	maxVersion coding.Version
	swiss      bool
}

// kinds are tried in this order; the last one fits everything.
var kinds = []kind{
	{fits: (*payment).isSwiss, text: (*payment).swissText, maxVersion: maxSwissVersion, swiss: true},
	{fits: (*payment).isBRCode, text: (*payment).brCode, maxVersion: maxVersion},
	{fits: (*payment).isCzech, check: (*payment).checkSPAYD, text: (*payment).spayd, maxVersion: maxVersion},
	{fits: (*payment).isSEPAReference, text: (*payment).epc, maxVersion: maxEPCVersion},
	{fits: (*payment).isSEPA, text: (*payment).epc, maxVersion: maxEPCVersion},
	{fits: func(*payment) bool { return true }, text: (*payment).paytoText, maxVersion: maxVersion},
}

// paytoText is a payto URI that carries the subject (RFC 8905).
func (p *payment) paytoText() string {
	if p.subject.Type == "URI" && p.amount == p.subject.CreditAmount {
		return p.subject.URI
	}
	return p.payee.WithMessage(p.message(), p.amount)
}

// message is what goes into a field of text.
func (p *payment) message() string {
	switch p.subject.Type {
	case "SIMPLE":
		return p.subject.Subject
	case "NZ_SBI":
		return strings.Join(strings.Fields(p.subject.Particulars+" "+p.subject.Code+" "+p.subject.Reference), " ")
	case "CH_QR_BILL":
		return p.subject.QRReference
	}
	return p.subject.Reference
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n])
	}
	return s
}

// encode makes the code of a payment of this kind.
func (k kind) encode(p *payment) (string, *code, error) {
	if k.check != nil {
		if err := k.check(p); err != nil {
			return "", nil, err
		}
	}
	text := k.text(p)
	c, err := encode(text, k.maxVersion)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", p.subject.Type, err)
	}
	return text, c, nil
}
