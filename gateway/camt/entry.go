package camt

import (
	"fmt"
	"time"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Entry is one reported transaction, or one entry whose transactions the bank
// does not tell.
type Entry struct {
	Position
	Kind   bankfile.Kind
	Reason bankfile.Reason // "" for a credit
	Detail string          // a sentence about the reason for an operator; "" when the reason says it all

	BankRef      string          // identifies the payment within the account (T1); at most 200 bytes; may be "" when ignored
	Amount       taler.Amount    // as booked; zero when ignored and not told
	Debtor       *taler.Payto    // account of the payer with its name; nil when the bank tells none that money could go back to
	ValueDate    time.Time       // value date, else booking date; UTC midnight; zero: not told
	Booked       time.Time       // booking date, in the same way
	Remittance   wire.Remittance // as delivered
	IDs          []string        // everything that the banks call the payment by, BankRef or not
	CreditorIBAN string          // account that was paid, which may be the QR-IBAN; "" when the bank does not tell
}

// Position is a place in the file, counted from one.
type Position struct {
	Entry       int // number of the Ntry in the file; 0: outside of entries
	Transaction int // number of the TxDtls in the entry; 0: the entry itself
	Line        int
}

// String gives the position as error messages begin.
func (p Position) String() string {
	switch {
	case p.Entry == 0:
		return fmt.Sprintf("line %d", p.Line)
	case p.Transaction == 0:
		return fmt.Sprintf("line %d, entry %d", p.Line, p.Entry)
	default:
		return fmt.Sprintf("line %d, entry %d, transaction %d", p.Line, p.Entry, p.Transaction)
	}
}

// Info is what Read tells about the file itself.
type Info struct {
	Message   string // e.g. "camt.054.001.08"
	Kind      string // of the message: Report, Statement or Notification
	MessageID string // GrpHdr/MsgId
	Test      bool   // the bank marked the file as a test (GrpHdr/AddtlInf "SPS/.../TEST"): it reports no money
	Entries   int    // Ntry elements

	bankfile.Counts
}
