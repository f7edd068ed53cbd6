package taler

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The kinds of accounts a payto URI can name, as they stand in its authority.
const (
	KindIBAN      = "iban"
	KindTalerBank = "x-taler-bank"
	KindNZAccount = "x-nz-account"
	KindAUAccount = "x-au-account"
	KindBiller    = "x-biller"
	KindBitcoin   = "bitcoin"
)

// maxPayto bounds a payto URI, in bytes.
const maxPayto = 2000

// Payto is a payto URI (RFC 8905): an account and, when it is full, the name of
// its holder. It keeps the text as it was given, because other Taler programs
// expect their URIs back unchanged, and compares by it; accounts are the same
// when their canonical forms are. The zero Payto stands for "not set".
type Payto struct {
	raw          string
	kind         string
	host         string // x-taler-bank: HOST[:PORT]; x-biller: the scheme; else ""
	account      string
	bic          string
	receiverName string
}

// ParsePayto reads a payto URI. It accepts
//
//	payto://iban/[BIC/]IBAN
//	payto://x-taler-bank/HOST[:PORT]/ACCOUNT
//	payto://x-nz-account/BB-bbbb-AAAAAAA-SS
//	payto://x-au-account/BBB-BBB/ACCOUNT
//	payto://x-biller/SCHEME/NUMBER
//	payto://bitcoin/ADDRESS
//
// with an optional query, and returns an error that wraps ErrPayto for
// everything else. As in every URI (RFC 3986), blanks and characters outside
// ASCII must be percent-encoded.
func ParsePayto(s string) (Payto, error) {
	if err := checkURIText(s); err != nil {
		return Payto{}, err
	}
	const scheme = "payto://"
	if len(s) < len(scheme) || !strings.EqualFold(s[:len(scheme)], scheme) {
		return Payto{}, paytoError("it must begin with payto://")
	}
	address, query, _ := strings.Cut(s[len(scheme):], "?")
	p := Payto{raw: s}
	if err := p.readAddress(address); err != nil {
		return Payto{}, err
	}
	if err := p.readQuery(query); err != nil {
		return Payto{}, err
	}
	return p, nil
}

func paytoError(advice string) error { return fmt.Errorf("%w: %s", ErrPayto, advice) }

// checkURIText refuses what may not stand in a URI at all (RFC 3986 section 2)
// and fragments, which payto URIs do not have.
func checkURIText(s string) error {
	if len(s) > maxPayto {
		return paytoError("it is longer than 2000 bytes")
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte("\"<>\\^`{|}#", s[i]) >= 0 {
			return paytoError("blanks, control characters and characters outside ASCII must be percent-encoded")
		}
	}
	return nil
}

// readAddress takes the URI between payto:// and the query apart.
func (p *Payto) readAddress(address string) error {
	parts := strings.Split(address, "/")
	for i := range parts {
		decoded, err := url.PathUnescape(parts[i])
		if err != nil || !isPlainText(decoded) {
			return paytoError("the path has a broken or forbidden percent-encoding")
		}
		parts[i] = decoded
	}
	p.kind = strings.ToLower(parts[0])
	path := parts[1:]
	switch p.kind {
	case KindIBAN:
		return p.readIBAN(path)
	case KindTalerBank:
		return p.readTalerBank(path)
	case KindNZAccount:
		return p.readNZAccount(path)
	case KindAUAccount:
		return p.readAUAccount(path)
	case KindBiller:
		return p.readBiller(path)
	case KindBitcoin:
		return p.readBitcoin(path)
	}
	return paytoError("the kind of account must be iban, x-taler-bank, x-nz-account, x-au-account, x-biller or bitcoin")
}

func (p *Payto) readIBAN(path []string) error {
	if len(path) == 2 {
		// A bank code that is none is noise that other programs send too; it
		// must not travel on into a payment order.
		if bic := strings.ToUpper(path[0]); isBIC(bic) {
			p.bic = bic
		}
		path = path[1:]
	}
	if len(path) != 1 {
		return paytoError("write payto://iban/IBAN or payto://iban/BIC/IBAN")
	}
	p.account = ibanOf(path[0])
	if !ValidIBAN(p.account) {
		return paytoError("the IBAN is wrong: check its length and digits")
	}
	return nil
}

func (p *Payto) readBitcoin(path []string) error {
	if len(path) != 1 || !isBitcoinAddress(path[0]) {
		return paytoError("write payto://bitcoin/ADDRESS with one address")
	}
	p.account = path[0]
	// Segwit addresses may be written in capitals (BIP 173); base58 ones
	// distinguish case.
	if lower := strings.ToLower(p.account); strings.HasPrefix(lower, "bc1") ||
		strings.HasPrefix(lower, "tb1") || strings.HasPrefix(lower, "bcrt1") {
		p.account = lower
	}
	return nil
}

// isBitcoinAddress checks length and characters only: 26 characters is the
// shortest base58 address, 90 the longest bech32 text (BIP 173).
func isBitcoinAddress(s string) bool {
	for i := range len(s) {
		if !isAlphanumeric(s[i]) {
			return false
		}
	}
	return len(s) >= 26 && len(s) <= 90
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || isCapital(c) || c >= 'a' && c <= 'z'
}

// readQuery finds the receiver's name and checks that the rest is well formed.
// In queries both + and %20 mean a blank.
func (p *Payto) readQuery(query string) error {
	named := false
	for option := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(option, "=")
		key, keyErr := url.QueryUnescape(key)
		value, valueErr := url.QueryUnescape(value)
		if keyErr != nil || valueErr != nil || !isPlainText(key) || !isPlainText(value) {
			return paytoError("the query has a broken or forbidden percent-encoding")
		}
		if key != "receiver-name" {
			continue
		}
		if named {
			return paytoError("receiver-name stands there twice")
		}
		named = true
		p.receiverName = strings.TrimSpace(value)
	}
	return nil
}

// isPlainText tells that s is UTF-8 without control characters, which have no
// place in names and could split lines of logs and bank files.
func isPlainText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// NewIBANPayto returns the payto of an IBAN in whatever spelling, full when
// receiverName is not empty. Control characters and runs of blanks in the name
// become one blank each.
func NewIBANPayto(iban, receiverName string) (Payto, error) {
	return newPayto(KindIBAN, ibanOf(iban), receiverName)
}

func newPayto(kind, account, receiverName string) (Payto, error) {
	s := "payto://" + kind + "/" + url.PathEscape(account)
	name := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(receiverName, " "), isGap), " ")
	if name != "" {
		s += "?receiver-name=" + percentEncode(name)
	}
	return ParsePayto(s)
}

func isGap(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// percentEncode leaves only the unreserved characters of RFC 3986 section 2.3.
// A blank becomes %20, which is a blank to every reader; + is not.
func percentEncode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// String returns the URI as it was given, byte for byte.
func (p Payto) String() string { return p.raw }

// Canonical returns the one spelling of the account: without query and bank
// code, IBAN in capitals without blanks, New Zealand suffix of two digits where
// it fits, host in lower case. It is "" for the zero Payto.
func (p Payto) Canonical() string {
	switch {
	case p.IsZero():
		return ""
	case p.host != "":
		return "payto://" + p.kind + "/" + p.host + "/" + p.account
	}
	return "payto://" + p.kind + "/" + p.account
}

// Kind returns KindIBAN or another of the kinds; "" for the zero Payto.
func (p Payto) Kind() string { return p.kind }

// IBAN returns the IBAN in electronic form, "" for other kinds of accounts.
func (p Payto) IBAN() string {
	if p.kind != KindIBAN {
		return ""
	}
	return p.account
}

// Account returns the last part of the canonical path: IBAN, account name or
// number, address.
func (p Payto) Account() string { return p.account }

// BIC returns the bank code in capitals, "" when none or no well-formed one was
// given.
func (p Payto) BIC() string { return p.bic }

// ReceiverName returns the name of the account's holder, "" when not given.
func (p Payto) ReceiverName() string { return p.receiverName }

// IsFull tells that the name of the account's holder is known, which Taler asks
// of every payto it moves money to.
func (p Payto) IsFull() bool { return p.receiverName != "" }

// IsZero tells that the Payto was never set.
func (p Payto) IsZero() bool { return p.raw == "" }

// WithMessage returns the URI that a payer opens: the same address with the
// receiver's name, the amount unless nil, and the subject as message. Other
// options of the query are dropped. It is "" for the zero Payto.
func (p Payto) WithMessage(subject string, amount *Amount) string {
	if p.IsZero() {
		return ""
	}
	var options []string
	if p.receiverName != "" {
		options = append(options, "receiver-name="+percentEncode(p.receiverName))
	}
	if amount != nil {
		options = append(options, "amount="+amount.String())
	}
	options = append(options, "message="+percentEncode(subject))
	address, _, _ := strings.Cut(p.raw, "?")
	return address + "?" + strings.Join(options, "&")
}

// MarshalText is String for encoders. It refuses the zero Payto.
func (p Payto) MarshalText() ([]byte, error) {
	if p.IsZero() {
		return nil, paytoError("it is not set")
	}
	return []byte(p.raw), nil
}

// UnmarshalText is ParsePayto for decoders.
func (p *Payto) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePayto(string(text))
	return err
}
