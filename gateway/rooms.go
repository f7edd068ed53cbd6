package gateway

import (
	"context"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// What the door needs of the rooms behind it. Every method may also return an
// error that Config.Unavailable knows; the door answers 503 then.

// Accounts finds credit accounts. It is implemented by *subjects.Registry.
type Accounts interface {
	// Account returns subjects.ErrUnknownAccount when there is none of this name.
	Account(name string) (*subjects.Account, error)
	Accounts() []*subjects.Account
}

// Wallets serves the owners of authorization keys. It is implemented by
// *subjects.Registry.
type Wallets interface {
	// Register may return subjects.ErrSpaceExhausted, ErrContention or
	// ErrProofBusy in a *subjects.RetryLater, a *subjects.ProofError or a
	// *subjects.InvalidProof.
	Register(context.Context, *subjects.Account, subjects.Request) (subjects.Grant, error)
	// Offer returns nil when subjects of the account are free.
	Offer(context.Context, *subjects.Account) (*subjects.Offer, error)
	// Status may return subjects.ErrUnknownRegistration or ErrExpired.
	Status(context.Context, *subjects.Account, taler.EddsaPublicKey) (subjects.Status, error)
	// Map may return subjects.ErrUnknownRegistration, ErrExpired,
	// ErrBadSignature, ErrOldTimestamp, ErrFutureTimestamp or ErrReserveReused.
	Map(context.Context, *subjects.Account, subjects.Mapping) (subjects.Mapped, error)
	// Unregister may return subjects.ErrUnknownRegistration, ErrExpired,
	// ErrBadSignature, ErrOldTimestamp or ErrFutureTimestamp.
	Unregister(context.Context, *subjects.Account, subjects.Unregistration) (subjects.Unregistered, error)
	// Prepare may return what Register does, subjects.ErrBadSignature or
	// ErrReserveReused.
	Prepare(context.Context, *subjects.Account, subjects.Preparation) (subjects.Grant, error)
	// EndPrepared may return what Unregister does.
	EndPrepared(context.Context, *subjects.Account, subjects.Ending) error
	// Mappings lists mappings for the exchange.
	Mappings(context.Context, *subjects.Account, subjects.MappingQuery) ([]subjects.MappingRecord, error)
}

// Markets serves operators. It is implemented by *subjects.Registry.
type Markets interface {
	Market(context.Context, *subjects.Account) (subjects.Market, error)
	// SetTerms may return subjects.ErrFree.
	SetTerms(context.Context, *subjects.Account, subjects.Terms) error
}

// Registrar is the registry as the door sees it.
type Registrar interface {
	Accounts
	Wallets
	Markets
}

// Desk is the receiving desk. It is implemented by *bounce.Desk.
type Desk interface {
	Receiving
	Paying
	Ordering
	Settling
}

// Receiving takes what the bank reports and tells the exchange.
type Receiving interface {
	// Receive stores transfers and returns one result for each, in order. What
	// is wrong with a single one is in its result; an error means that the
	// caller must post all of them again.
	Receive(context.Context, *subjects.Account, []bounce.Transfer) ([]bounce.Result, error)
	// History returns credited transfers. With a timeout it waits for the first
	// one and returns none when the time is over.
	History(context.Context, *subjects.Account, bounce.Page) ([]bounce.Credit, error)
	// Revenue returns everything that arrived, and waits like History.
	Revenue(context.Context, *subjects.Account, bounce.Page) ([]bounce.Receipt, error)
	// ReserveUsed tells whether a reserve key was credited, on any account.
	ReserveUsed(context.Context, taler.EddsaPublicKey) (bool, error)
}

// Paying hands out what must be paid and hears what became of it.
type Paying interface {
	// Payments leases outgoing payments and waits like History; with a status it
	// lists at once and leases nothing.
	Payments(context.Context, *subjects.Account, bounce.PaymentQuery) ([]bounce.Payment, error)
	// Confirm may return bounce.ErrUnknownPayment, ErrPaymentFinal or ErrLeaseLost.
	Confirm(context.Context, *subjects.Account, bounce.Confirmation) (bounce.Payment, error)
	// Report is Confirm for many; what is wrong with a single word is in what it
	// tells. An error means that the caller must post all of them again.
	Report(context.Context, *subjects.Account, []bounce.Word) ([]bounce.Told, error)
}

// Settling shows what waits for a person and takes what he decides.
type Settling interface {
	Cases(context.Context, bounce.CaseQuery) ([]bounce.Case, error)
	Log(context.Context, bounce.CaseQuery) ([]bounce.Entry, error)
	// All three may return bounce.ErrUnknownCase or *bounce.CaseSettled.
	// CreditCase may also return subjects.ErrReserveReused or ErrCurrency,
	// BounceCase bounce.ErrNoCreditor.
	CreditCase(ctx context.Context, id int64, d bounce.Decision, target subjects.Target) (bounce.Settled, error)
	BounceCase(ctx context.Context, id int64, d bounce.Decision, creditor *taler.Payto) (bounce.Settled, error)
	WriteOffCase(ctx context.Context, id int64, d bounce.Decision) (bounce.Settled, error)
}

// Ordering takes and shows the transfers that the exchange asks for.
type Ordering interface {
	// Transfer may return bounce.ErrRequestUIDReused or ErrWtidReused.
	Transfer(context.Context, *subjects.Account, bounce.Order) (bounce.Outgoing, error)
	// OrderOf may return bounce.ErrUnknownTransfer.
	OrderOf(ctx context.Context, account *subjects.Account, id int64) (bounce.Outgoing, error)
	Transfers(context.Context, *subjects.Account, bounce.OrderQuery) ([]bounce.Outgoing, error)
	// OutgoingHistory waits like Receiving.History.
	OutgoingHistory(context.Context, *subjects.Account, bounce.Page) ([]bounce.Outgoing, error)
}
