package bounce

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Limits of what one transfer may carry. Banks send far less; more is an
// attack or a broken job.
const (
	maxBankRef   = 200    // bytes
	maxText      = 10_000 // bytes of remittance, all fields together
	maxTextParts = 64     // entries of structured and unstructured
)

// check refuses what the database could not store or a reader should not have
// to scan. Errors wrap ErrInvalid and say which field is meant.
func (t *Transfer) check() error {
	switch {
	case t.BankRef == "":
		return fmt.Errorf("%w: bank_ref is empty", ErrInvalid)
	case len(t.BankRef) > maxBankRef:
		return fmt.Errorf("%w: bank_ref is longer than %d bytes", ErrInvalid, maxBankRef)
	case !storable(t.BankRef):
		return fmt.Errorf("%w: bank_ref holds bytes that are not UTF-8 text", ErrInvalid)
	case t.Amount.IsZero() || t.Amount.Value > taler.MaxAmountValue || t.Amount.Fraction >= taler.AmountBase || !storable(t.Amount.Currency):
		return fmt.Errorf("%w: the amount is zero or none", ErrInvalid)
	case t.Debtor != nil && t.Debtor.IsZero():
		return fmt.Errorf("%w: the debtor is empty; leave it out if it is unknown", ErrInvalid)
	case !t.ValueDate.IsZero() && (t.ValueDate.Year() < 1900 || t.ValueDate.Year() > 9999):
		return fmt.Errorf("%w: the value date is not of this time", ErrInvalid)
	}
	return checkText(t.Remittance)
}

func checkText(r wire.Remittance) error {
	if len(r.Structured)+len(r.Unstructured) > maxTextParts {
		return fmt.Errorf("%w: the remittance has more than %d lines", ErrInvalid, maxTextParts)
	}
	total := 0
	for _, s := range texts(r) {
		if !storable(s) {
			return fmt.Errorf("%w: the remittance holds bytes that are not UTF-8 text", ErrInvalid)
		}
		total += len(s)
	}
	if total > maxText {
		return fmt.Errorf("%w: the remittance is longer than %d bytes", ErrInvalid, maxText)
	}
	return nil
}

// storable tells whether PostgreSQL takes s as text (it refuses NUL and
// invalid UTF-8 with 22021, which would spoil a whole batch).
func storable(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

func texts(r wire.Remittance) []string {
	out := make([]string, 0, len(r.Structured)+len(r.Unstructured)+4)
	out = append(append(out, r.Structured...), r.Unstructured...)
	return append(out, r.Particulars, r.Code, r.Reference, r.EndToEndID)
}

// hash identifies the content of a transfer: the same bank reference with
// another hash is an error, with the same one a replay (T1). The value date is
// left out, since banks correct it between two reports of one payment.
func (t *Transfer) hash() []byte {
	h := sha256.New()
	field := func(s string) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	field("shortwire-transfer-1")
	field(t.Amount.String())
	field(string(t.Exception))
	if t.Debtor != nil {
		field(t.Debtor.Canonical())
	} else {
		field("")
	}
	field(fmt.Sprint(len(t.Remittance.Structured)))
	for _, s := range texts(t.Remittance) {
		field(s)
	}
	return h.Sum(nil)[:16]
}

// remittanceJSON is how a remittance is stored: as reported, empty fields
// left out.
type remittanceJSON struct {
	Structured   []string `json:"structured,omitempty"`
	Unstructured []string `json:"unstructured,omitempty"`
	Particulars  string   `json:"particulars,omitempty"`
	Code         string   `json:"code,omitempty"`
	Reference    string   `json:"reference,omitempty"`
	EndToEndID   string   `json:"end_to_end_id,omitempty"`
}

func encodeRemittance(r wire.Remittance) (string, error) {
	b, err := json.Marshal(remittanceJSON(r))
	return string(b), err
}

// endToEndID is the id of the bounce of a transfer: it follows from account and
// bank reference alone, so that no crash and no second replica can send money
// back twice under two names (T5). 34 characters of [A-Z0-9]; ISO 20022
// EndToEndIdentification allows 35.
func endToEndID(account, bankRef string) string {
	sum := sha256.Sum256([]byte("shortwire-bounce-1\n" + account + "\n" + bankRef))
	return endToEndText(sum)
}

func endToEndText(sum [sha256.Size]byte) string {
	return "SW" + strings.ToUpper(hex.EncodeToString(sum[:16]))
}

// bounceSubject is what the payer reads on the returned money.
func bounceSubject(bankRef string, reason Reason) string {
	const limit = 140 // characters of free text in a SEPA or Swiss payment
	text := "bounce " + string(reason) + " " + bankRef
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "")
	}
	return text
}
