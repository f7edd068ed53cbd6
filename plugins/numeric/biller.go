package numeric

import (
	"net/url"
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// billers are the numbers by which payers of a scheme name the payee instead of
// by its account.
type billers struct {
	scheme   string // in payto://x-biller/SCHEME/NUMBER
	min, max int    // digits
	luhn     bool   // the last digit is the Luhn digit of the others
	example  string
}

var (
	bankgiro = &billers{scheme: "bankgiro", min: 7, max: 8, luhn: true, example: "5050-1055"}
	fik      = &billers{scheme: "fik", min: 8, max: 8, example: "81234567"}
	bpay     = &billers{scheme: "bpay", min: 4, max: 10, example: "12345"}
)

// payeeOf returns the payto URI of the payee: that of the account, or that of the
// parameter biller where payers name this.
func (s *scheme) payeeOf(in wire.Settings) (string, error) {
	number := strings.ReplaceAll(in.Parameters["biller"], "-", "")
	switch {
	case s.billers == nil && number != "":
		return "", in.Refuse("remove the parameter biller: payers under %s name the account", s.name)
	case s.billers == nil:
		return in.Payto.String(), nil
	case !s.billers.valid(number):
		return "", in.Refuse("biller must be the number by which payers under %s name this account, such as %s", s.name, s.billers.example)
	}
	payto, err := taler.ParsePayto("payto://" + taler.KindBiller + "/" + s.billers.scheme + "/" + number + holder(in.Payto))
	return payto.String(), err
}

func (b *billers) valid(number string) bool {
	if len(number) < b.min || len(number) > b.max || !wire.Digits(number) {
		return false
	}
	whole, _ := luhn(number[:len(number)-1])
	return !b.luhn || whole == number
}

// holder is the query that names the holder of an account.
func holder(payto taler.Payto) string {
	if !payto.IsFull() {
		return ""
	}
	return "?receiver-name=" + strings.ReplaceAll(url.QueryEscape(payto.ReceiverName()), "+", "%20")
}
