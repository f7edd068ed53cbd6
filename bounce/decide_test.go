package bounce

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

var (
	debtor  = must(taler.ParsePayto("payto://iban/CH5109000000250092291?receiver-name=Maria%20Bernasconi"))
	keyA    = taler.EddsaPublicKey{1}
	keyB    = taler.EddsaPublicKey{2}
	reserve = taler.EddsaPublicKey{3}
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func credit(amount string) Transfer {
	return Transfer{BankRef: "ref", Amount: must(taler.ParseAmount(amount)), Debtor: &debtor}
}

func pendingMapping(kind subjects.CreditType) *subjects.Mapping {
	return &subjects.Mapping{AuthorizationPub: keyA, Target: subjects.Target{Type: kind, AccountPub: reserve}}
}

func match(change func(*subjects.Match)) subjects.Match {
	m := subjects.Match{AuthorizationPub: keyA, Recurrent: true}
	if change != nil {
		change(&m)
	}
	return m
}

func found(matches ...subjects.Match) Findings {
	return Findings{WellFormed: true, Matches: matches}
}

// The whole order of decision, one row per way out and per tie between two
// reasons. Rows are named after what the design says.
func TestT2_OrderOfDecision(t *testing.T) {
	t.Parallel()
	live := match(nil)
	mapped := match(func(m *subjects.Match) { m.Pending = pendingMapping(subjects.CreditReserve) })
	other := match(func(m *subjects.Match) { m.AuthorizationPub = keyB })
	expired := match(func(m *subjects.Match) { m.Expired = true; m.Pending = pendingMapping(subjects.CreditReserve) })
	otherExpired := match(func(m *subjects.Match) { m.AuthorizationPub = keyB; m.Expired = true })
	oneShot := match(func(m *subjects.Match) { m.Recurrent = false })
	oneShotUsed := match(func(m *subjects.Match) {
		m.Recurrent, m.Used, m.Pending = false, true, pendingMapping(subjects.CreditReserve)
	})
	recurrentUsed := match(func(m *subjects.Match) { m.Used = true })
	taken := match(func(m *subjects.Match) { m.Pending, m.Taken = pendingMapping(subjects.CreditReserve), true })
	kycAgain := match(func(m *subjects.Match) { m.Used = true; m.Pending = pendingMapping(subjects.CreditKYC) })
	reserveKey := Claim{Type: subjects.CreditReserve, Key: reserve}
	reserveTaken := Claim{Type: subjects.CreditReserve, Key: reserve, Taken: true}
	kycKey := Claim{Type: subjects.CreditKYC, Key: keyB}
	flagged := credit("CHF:1")
	flagged.Exception = ReasonReturned
	legacy := func(claims ...Claim) Findings { return Findings{Legacy: claims} }

	tests := []struct {
		name     string
		transfer Transfer
		findings Findings
		want     Outcome
	}{
		{"not a credit goes to the operator before anything else", flagged, found(mapped), Outcome{State: Manual, Reason: ReasonReturned}},
		{"wrong currency goes to the operator", credit("EUR:1"), found(mapped), Outcome{State: Manual, Reason: ReasonWrongCurrency}},
		{"perhaps told by another message, even with a mapping", credit("CHF:1"), Findings{WellFormed: true, Matches: []subjects.Match{mapped}, Doubtful: true}, Outcome{State: Manual, Reason: ReasonPerhapsKnown}},
		{"perhaps told by another message, without a subject", credit("CHF:1"), Findings{Doubtful: true}, Outcome{State: Manual, Reason: ReasonPerhapsKnown}},
		{"no well-formed subject", credit("CHF:1"), Findings{}, bounced(ReasonMalformed)},
		{"well-formed but not registered", credit("CHF:1"), found(), bounced(ReasonUnknown)},
		{"expired, even with a mapping", credit("CHF:1"), found(expired), bounced(ReasonExpired)},
		{"two registrations, both expired", credit("CHF:1"), found(expired, otherExpired), bounced(ReasonExpired)},
		{"two registrations", credit("CHF:1"), found(mapped, other), bounced(ReasonAmbiguous)},
		{"two registrations, one expired", credit("CHF:1"), found(mapped, otherExpired), bounced(ReasonAmbiguous)},
		{"one-shot, used, even with a mapping", credit("CHF:1"), found(oneShotUsed), bounced(ReasonReused)},
		{"reserve key of the mapping was credited", credit("CHF:1"), found(taken), bounced(ReasonReserveReused)},
		{"mapping unused", credit("CHF:1"), found(mapped), Outcome{State: Credited, Match: &mapped, Target: mapped.Pending.Target}},
		{"a KYC key may repeat", credit("CHF:1"), found(kycAgain), Outcome{State: Credited, Match: &kycAgain, Target: kycAgain.Pending.Target}},
		{"no mapping yet", credit("CHF:1"), found(live), Outcome{State: Held, Match: &live}},
		{"one-shot without a mapping yet", credit("CHF:1"), found(oneShot), Outcome{State: Held, Match: &oneShot}},
		{"recurrent, its mapping used", credit("CHF:1"), found(recurrentUsed), Outcome{State: Held, Match: &recurrentUsed}},
		{"legacy reserve key", credit("CHF:1"), legacy(reserveKey), Outcome{State: Credited, Target: subjects.Target{Type: subjects.CreditReserve, AccountPub: reserve}}},
		{"legacy reserve key, credited before", credit("CHF:1"), legacy(reserveTaken), bounced(ReasonReserveReused)},
		{"legacy KYC key", credit("CHF:1"), legacy(kycKey), Outcome{State: Credited, Target: subjects.Target{Type: subjects.CreditKYC, AccountPub: keyB}}},
		{"two legacy keys", credit("CHF:1"), legacy(reserveKey, kycKey), bounced(ReasonAmbiguous)},
		{"a registration and a legacy key", credit("CHF:1"), Findings{WellFormed: true, Matches: []subjects.Match{live}, Legacy: []Claim{kycKey}}, bounced(ReasonAmbiguous)},
		{"an unregistered reference and a legacy key", credit("CHF:1"), Findings{WellFormed: true, Legacy: []Claim{kycKey}}, Outcome{State: Credited, Target: subjects.Target{Type: subjects.CreditKYC, AccountPub: keyB}}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, Decide(tt.transfer, "CHF", tt.findings), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// A counter deposit has no account to send money back to.
func TestT5_WithoutDebtorManual(t *testing.T) {
	t.Parallel()
	anonymous := credit("CHF:1")
	anonymous.Debtor = nil
	if got := Decide(anonymous, "CHF", Findings{}); got.State != Manual || got.Reason != ReasonMalformed {
		t.Errorf("a bounce without debtor became %+v", got)
	}
	live := match(nil)
	if got := Decide(anonymous, "CHF", found(live)); got.State != Held {
		t.Errorf("a held transfer needs no debtor yet, got %+v", got)
	}
}

// Whatever is found, a transfer ends in exactly one of the four states, with a
// reason exactly when it is not on its way to the exchange.
func TestT1_DecideIsTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		transfer := credit(rapid.SampledFrom([]string{"CHF:1", "EUR:1"}).Draw(t, "amount"))
		if rapid.Bool().Draw(t, "anonymous") {
			transfer.Debtor = nil
		}
		f := Findings{WellFormed: rapid.Bool().Draw(t, "well-formed"), Doubtful: rapid.IntRange(0, 4).Draw(t, "doubtful") == 0}
		for range rapid.IntRange(0, 2).Draw(t, "matches") {
			m := subjects.Match{
				AuthorizationPub: taler.EddsaPublicKey{rapid.Byte().Draw(t, "key")},
				Expired:          rapid.Bool().Draw(t, "expired"),
				Recurrent:        rapid.Bool().Draw(t, "recurrent"),
				Used:             rapid.Bool().Draw(t, "used"),
				Taken:            rapid.Bool().Draw(t, "taken"),
			}
			if rapid.Bool().Draw(t, "mapped") {
				m.Pending = pendingMapping(subjects.CreditReserve)
			}
			f.Matches, f.WellFormed = append(f.Matches, m), true
		}
		o := Decide(transfer, "CHF", f)
		settled := o.State == Credited || o.State == Held
		if settled != (o.Reason == "") || settled != (o.Match != nil) || (o.State == Credited) != (o.Target.Type != "") {
			t.Fatalf("%+v", o)
		}
		if o.State == Bounced && transfer.Debtor == nil {
			t.Fatalf("bounced to nobody: %+v", o)
		}
	})
}

func TestT5_BounceIDFollowsFromTheTransfer(t *testing.T) {
	t.Parallel()
	id := endToEndID("ch", "2000000000000000")
	if id != "SW4DAB5D68011C5E06585FF084166873EC" {
		t.Errorf("%q: payments under the former ids would be made again", id)
	}
	if id != endToEndID("ch", "2000000000000000") || id == endToEndID("x", "2000000000000000") || id == endToEndID("ch", "2000000000000001") {
		t.Error("the id must depend on account and bank reference, and on nothing else")
	}
}
