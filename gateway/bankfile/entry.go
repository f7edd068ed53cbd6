package bankfile

import (
	"time"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Kind tells what is to be done with an entry.
type Kind string

// The kinds of entries.
const (
	Credit    Kind = "credit"    // money for the account: decide it (T2)
	Exception Kind = "exception" // money for the account that an operator must look at
	Ignored   Kind = "ignored"   // no incoming money of this account, or not yet
)

// Reason tells why an entry is an exception or ignored. The reasons of
// exceptions are spelled as package bounce spells them.
type Reason string

// The reasons.
const (
	ReasonReturned  Reason = "returned"   // exception: our own payment came back
	ReasonBankFlag  Reason = "bank_flag"  // exception: the bank flagged the record (?REJECT?), it contradicts itself, or was seen twice in one file
	ReasonNoDetails Reason = "no_details" // exception: a total without its transactions

	ReasonNotBooked     Reason = "not_booked"     // ignored: pending or informational
	ReasonDebit         Reason = "debit"          // ignored: money left the account
	ReasonDebitReversal Reason = "debit_reversal" // ignored: an earlier credit was taken back
	ReasonTotal         Reason = "total"          // ignored: the camt.054 tells its payments
	ReasonNoMoney       Reason = "no_money"       // ignored: an entry of zero
	ReasonOtherAccount  Reason = "other_account"  // ignored: an entry of another account
	ReasonTestFile      Reason = "test_file"      // ignored: the file is marked as a test
)

// Entry is one entry of a file.
type Entry struct {
	Line   int // where it begins, counted from one
	Kind   Kind
	Reason Reason // "" for a credit

	BankRef    string // identifies the payment within the account (T1); may be "" when ignored
	Amount     taler.Amount
	Debtor     *taler.Payto // account of the payer; nil when the file tells none that money could go back to
	ValueDate  time.Time    // UTC midnight
	Remittance wire.Remittance
}

// MaxRef bounds a bank reference, in bytes. ISO 20022 allows 35 characters for
// each part of one.
const MaxRef = 200

// Counts tells how many entries of each kind were emitted.
type Counts struct {
	Credits, Exceptions, Ignored int
}

// Emitted is the number of all of them.
func (c Counts) Emitted() int { return c.Credits + c.Exceptions + c.Ignored }

// Count adds an entry.
func (c *Counts) Count(k Kind) {
	switch k {
	case Credit:
		c.Credits++
	case Exception:
		c.Exceptions++
	case Ignored:
		c.Ignored++
	}
}

// maxName is what banks give a name at most (Max140Text of ISO 20022); longer
// ones are cut, not refused.
const maxName = 140

// Name makes the name of a payer fit.
func Name(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), maxName)])
}
