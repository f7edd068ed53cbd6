package bounce

import (
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Claim is a legacy subject found in a transfer: a key that the exchange is
// told directly (T4).
type Claim struct {
	Type  subjects.CreditType // reserve or kyc
	Key   taler.EddsaPublicKey
	Taken bool // a reserve key that was credited before (M3)
}

// Findings are what is known about the subject of one transfer when it is
// decided.
type Findings struct {
	WellFormed bool             // the text holds at least one well-formed subject of the account's method
	Matches    []subjects.Match // the different registrations these name
	Returned   bool             // it bears the end-to-end id of a payment of ours
	Doubtful   bool             // a bank told of it in another message, or not: it cannot be said
	Legacy     []Claim          // the different legacy subjects; empty while legacy_subjects is off
}

// Outcome is what a transfer becomes.
type Outcome struct {
	State  State
	Reason Reason          // bounced, manual
	Match  *subjects.Match // held, and credited by a mapping
	Target subjects.Target // credited
}

// Decide is the whole of T2: pure, total, and the only place where the fate of
// a transfer is chosen. currency is that of the account.
func Decide(t Transfer, currency string, f Findings) Outcome {
	o := decide(t, currency, f)
	if o.State == Bounced && t.Debtor == nil {
		// Nobody to send it back to, e.g. a counter deposit (T5).
		o.State = Manual
	}
	return o
}

func decide(t Transfer, currency string, f Findings) Outcome {
	switch {
	case t.Exception != "":
		return Outcome{State: Manual, Reason: t.Exception}
	case f.Returned:
		return Outcome{State: Manual, Reason: ReasonReturned}
	case t.Amount.Currency != currency:
		return Outcome{State: Manual, Reason: ReasonWrongCurrency}
	case f.Doubtful:
		return Outcome{State: Manual, Reason: ReasonPerhapsKnown}
	case !f.WellFormed && len(f.Legacy) == 0:
		return bounced(ReasonMalformed)
	case len(f.Matches) == 0 && len(f.Legacy) == 0:
		return bounced(ReasonUnknown)
	case len(f.Matches) > 0 && len(f.Legacy) == 0 && allExpired(f.Matches):
		return bounced(ReasonExpired)
	case len(f.Matches)+len(f.Legacy) > 1:
		return bounced(ReasonAmbiguous)
	case len(f.Legacy) == 1:
		return decideLegacy(f.Legacy[0])
	}
	return decideMatch(&f.Matches[0])
}

func allExpired(matches []subjects.Match) bool {
	for _, m := range matches {
		if !m.Expired {
			return false
		}
	}
	return true
}

func decideLegacy(c Claim) Outcome {
	if c.Type == subjects.CreditReserve && c.Taken {
		return bounced(ReasonReserveReused)
	}
	return Outcome{State: Credited, Target: subjects.Target{Type: c.Type, AccountPub: c.Key}}
}

// decideMatch decides under exactly one live registration.
func decideMatch(m *subjects.Match) Outcome {
	switch {
	case !m.Recurrent && m.Used:
		return bounced(ReasonReused)
	case m.Pending != nil && m.Taken:
		return bounced(ReasonReserveReused)
	case m.Pending != nil:
		return Outcome{State: Credited, Match: m, Target: m.Pending.Target}
	}
	return Outcome{State: Held, Match: m}
}

func bounced(r Reason) Outcome { return Outcome{State: Bounced, Reason: r} }
