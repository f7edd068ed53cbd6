package bounce

import (
	"time"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Transfer is one incoming credit as the bank reported it.
type Transfer struct {
	BankRef    string // the bank's own reference; identifies the transfer within the account (T1)
	Amount     taler.Amount
	Debtor     *taler.Payto // full payto of the payer; nil when the bank does not tell
	ValueDate  time.Time    // zero: unknown
	Remittance wire.Remittance
	Sighting   *Sighting // nil: not from a bank file; a batch has those of one kind of message
	Exception  Reason    // set by readers of bank files: why this credit needs an operator ("" for none)
}

// State is what became of a transfer (T1).
type State string

// The states of a stored transfer. Held is the only one that changes by itself;
// a bounce that the bank refuses becomes manual, and a person ends manual.
const (
	Credited State = "credited"
	Held     State = "held"
	Bounced  State = "bounced"
	Manual   State = "manual"
)

// Reason tells why a transfer was not credited.
type Reason string

// The reasons for bounces (T2) and for manual handling.
const (
	ReasonMalformed     Reason = "malformed"      // no well-formed subject
	ReasonUnknown       Reason = "unknown"        // well-formed, not registered
	ReasonExpired       Reason = "expired"        // registration has expired
	ReasonAmbiguous     Reason = "ambiguous"      // two different registrations in one text
	ReasonReused        Reason = "reused"         // one-shot registration, already used
	ReasonReserveReused Reason = "reserve_reused" // reserve key already credited
	ReasonUnmapped      Reason = "unmapped"       // hold delay passed without a mapping
	ReasonUnregistered  Reason = "unregistered"   // its owner ended the registration while it was held

	ReasonWrongCurrency Reason = "wrong_currency" // manual: money in another currency
	ReasonReturned      Reason = "returned"       // manual: our own payment came back
	ReasonBounceFailed  Reason = "bounce_failed"  // manual: the bank refused for good to send it back
	ReasonBankFlag      Reason = "bank_flag"      // manual: the bank marked the record (?REJECT?)
	ReasonNoDetails     Reason = "no_details"     // manual: the bank gave a total only
	ReasonPerhapsKnown  Reason = "perhaps_known"  // manual: it may be a transfer that another message told of
)

// Result is what the bank job is told about one transfer, in the order in
// which the transfers were posted.
type Result struct {
	BankRef   string
	State     State  // "" when Err is set
	Reason    Reason // bounced, manual; a manual transfer with a bounce reason has no known debtor
	RowID     int64  // credited: row of the exchange's history
	HoldUntil time.Time
	Replay    bool  // the transfer was known already; the rest tells its present state
	Err       error // this item was not stored: ErrConflict, ErrInvalid
}

// Credit is one row of the exchange's incoming history.
type Credit struct {
	RowID            int64
	Date             time.Time // when it was credited
	Amount           taler.Amount
	Debtor           string // full payto as reported
	Target           subjects.Target
	AuthorizationPub *taler.EddsaPublicKey // nil for legacy subjects
	AuthorizationSig *taler.EddsaSignature
}

// Page selects rows of a history: limit > 0 ascending after Offset, limit < 0
// descending before Offset. HasOffset false starts at the respective end.
type Page struct {
	Limit     int
	Offset    int64
	HasOffset bool
	Timeout   time.Duration // long poll; only with Limit > 0
}

// PaymentKind tells why a payment must be made.
type PaymentKind string

// The kinds of outgoing payments.
const (
	PaymentBounce   PaymentKind = "bounce"
	PaymentTransfer PaymentKind = "transfer"
)

// PaymentStatus is the life of an outgoing payment.
type PaymentStatus string

// The states of a payment: pending and transient_failure are offered to bank
// jobs, sent waits for the bank's word, the other two are final.
const (
	PaymentPending   PaymentStatus = "pending"
	PaymentSent      PaymentStatus = "sent"
	PaymentSuccess   PaymentStatus = "success"
	PaymentTransient PaymentStatus = "transient_failure"
	PaymentPermanent PaymentStatus = "permanent_failure"
)

// Payment is one instruction for a bank job.
type Payment struct {
	ID         int64
	EndToEndID string // deterministic, at most 35 characters (T5)
	Kind       PaymentKind
	Amount     taler.Amount
	Creditor   string // full payto
	Subject    string
	Status     PaymentStatus
	Detail     string
	Created    time.Time
	MessageID  string    // the lease under which it was handed out last; "" for never
	Paid       time.Time // when it became a success; zero before
	RowID      int64     // of the outgoing history, which shows the paid transfers of the exchange; else 0
}

// PaymentQuery asks for payments. Status "" leases what must be paid now;
// any other status lists without leasing.
type PaymentQuery struct {
	Status    PaymentStatus
	Limit     int
	Timeout   time.Duration
	PaytoKind string // lease only what a payment order can carry to accounts of this kind; "" for everything

	// Bounces leases only bounces in this currency, without fractions of its
	// hundredth, and below BouncesBelow units: what a direct credit can carry.
	Bounces      string
	BouncesBelow uint64
}
