package bounce_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
)

// mapped returns a registered wallet with a pending mapping, and how a bank
// reports a transfer to it.
func mapped(t *testing.T, h *bouncetest.House, account, name string) (bouncetest.Wallet, wire.Remittance) {
	t.Helper()
	w := bouncetest.NewWallet(name)
	g := h.Register(t, account, w)
	h.Map(t, account, w, bouncetest.Reserve(name), time.Now())
	return w, bouncetest.Remittance(g.Subjects[0])
}

func text(s ...string) wire.Remittance { return wire.Remittance{Unstructured: s} }

func TestT1_ReplayChangesNothing(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	_, remittance := mapped(t, h, "ch", "w")
	statement := []bounce.Transfer{
		bouncetest.Incoming("credited", "CHF:5", remittance),
		bouncetest.Incoming("held", "CHF:6", remittance),
		bouncetest.Incoming("bounced", "CHF:7", text("for the cat")),
		bouncetest.Incoming("manual", "EUR:8", remittance),
		bouncetest.Incoming("bounced", "CHF:7", text("for the cat")), // twice in one statement
	}
	first := h.Receive(t, "ch", statement...)
	want := []bounce.State{bounce.Credited, bounce.Held, bounce.Bounced, bounce.Manual, bounce.Bounced}
	for i, r := range first {
		if r.State != want[i] || r.Err != nil || r.Replay != (i == 4) || r.BankRef != statement[i].BankRef {
			t.Errorf("item %d: %+v", i, r)
		}
	}
	if first[0].RowID != 1 {
		t.Errorf("the credit has row %d", first[0].RowID)
	}
	again := h.Receive(t, "ch", statement...)
	for i, r := range again {
		if !r.Replay || r.State != first[i].State || r.Reason != first[i].Reason || r.RowID != first[i].RowID || !r.HoldUntil.Equal(first[i].HoldUntil) {
			t.Errorf("replayed item %d: %+v, first %+v", i, r, first[i])
		}
	}
	if n := h.Count(t, `SELECT count(*) FROM transfers`); n != 4 {
		t.Errorf("%d transfers are stored", n)
	}
	if n := h.Count(t, `SELECT count(*) FROM payments`); n != 1 {
		t.Errorf("%d bounces are written", n)
	}
}

func TestT1_SameReferenceOtherContent(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
	h.Receive(t, "ch", bouncetest.Incoming("a", "CHF:5", text("one")))
	got := h.Receive(t, "ch",
		bouncetest.Incoming("a", "CHF:6", text("one")),
		bouncetest.Incoming("a", "CHF:5", text("two")),
		bouncetest.Incoming("b", "CHF:5", text("one")),
		bouncetest.Incoming("b", "CHF:5.01", text("one")),
		bouncetest.Incoming("", "CHF:5", text("one")),
		bouncetest.Incoming("c", "CHF:5", text("a\x00b")),
		bouncetest.Incoming("d", "CHF:5", text("\xff")),
		bouncetest.Incoming("e", "CHF:0", text("one")),
		bouncetest.Incoming("f", "CHF:5", text(strings.Repeat("x", 10_001))),
		bouncetest.Incoming("g", "CHF:5", text("one")))
	for i, want := range []error{bounce.ErrConflict, bounce.ErrConflict, nil, bounce.ErrConflict, bounce.ErrInvalid, bounce.ErrInvalid, bounce.ErrInvalid, bounce.ErrInvalid, bounce.ErrInvalid, nil} {
		if !errors.Is(got[i].Err, want) || (want != nil) != (got[i].State == "") {
			t.Errorf("item %d: %+v", i, got[i])
		}
	}
	// Another account is another bank: its references are its own.
	if got := h.Receive(t, "x", bouncetest.Incoming("a", "EUR:5", text("one"))); got[0].Err != nil || got[0].Replay {
		t.Errorf("%+v", got)
	}
}

// A value date that the bank corrects, and another spelling of the payer's
// name, are the same transfer.
func TestT1_CorrectionsOfTheBankAreReplays(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	transfer := bouncetest.Incoming("a", "CHF:5", text("one"))
	h.Receive(t, "ch", transfer)
	transfer.ValueDate = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	if got := h.Receive(t, "ch", transfer); !got[0].Replay {
		t.Errorf("%+v", got)
	}
}

func TestT1_TwoJobsPostTheSameStatement(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
	var statement []bounce.Transfer
	for i := range 40 {
		_, remittance := mapped(t, h, "ch", fmt.Sprint("w", i))
		statement = append(statement,
			bouncetest.Incoming(fmt.Sprint("good", i), "CHF:5", remittance),
			bouncetest.Incoming(fmt.Sprint("legacy", i), "CHF:5", text(bouncetest.Reserve(fmt.Sprint("legacy", i)).AccountPub.String())),
			bouncetest.Incoming(fmt.Sprint("held", i), "CHF:6", remittance),
			bouncetest.Incoming(fmt.Sprint("stray", i), "CHF:7", text("stray")))
	}
	var mu sync.Mutex
	fresh := map[string]int{}
	var group sync.WaitGroup
	for job := range 8 {
		group.Go(func() {
			mine := slices.Clone(statement)
			if job%2 == 1 {
				slices.Reverse(mine)
			}
			results, err := h.Desk.Receive(t.Context(), h.Account(t, "ch"), mine)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for _, r := range results {
				if !r.Replay {
					fresh[r.BankRef]++
				}
				if r.State == bounce.Credited && r.RowID == 0 {
					t.Errorf("%s is credited without a row", r.BankRef)
				}
			}
		})
	}
	group.Wait()
	for _, transfer := range statement {
		if fresh[transfer.BankRef] != 1 {
			t.Errorf("%s was stored %d times", transfer.BankRef, fresh[transfer.BankRef])
		}
	}
	if n := len(h.History(t, "ch")); n != 80 {
		t.Errorf("%d credits", n)
	}
	if n := h.Count(t, `SELECT count(*) FROM payments`); n != 40 {
		t.Errorf("%d bounces", n)
	}
}

func TestT3_StructuredFirst(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	_, good := mapped(t, h, "ch", "w")
	reference := good.Structured[0]
	legacyKey := bouncetest.Reserve("legacy").AccountPub.String()
	got := h.Receive(t, "ch",
		bouncetest.Incoming("a", "CHF:1", wire.Remittance{Structured: []string{"RF00WRONG"}, Unstructured: []string{reference}}),
		bouncetest.Incoming("b", "CHF:1", wire.Remittance{Structured: []string{"123"}, Unstructured: []string{legacyKey}}),
		bouncetest.Incoming("c", "CHF:1", wire.Remittance{Structured: []string{" "}, Unstructured: []string{"Rechnung " + reference + " danke"}}))
	if got[0].Reason != bounce.ReasonMalformed || got[1].Reason != bounce.ReasonMalformed {
		t.Errorf("a wrong structured reference is final: %+v", got[:2])
	}
	if got[2].State != bounce.Credited {
		t.Errorf("free text counts when the structured field is empty: %+v", got[2])
	}
}

func TestT4_LegacySubjects(t *testing.T) {
	t.Parallel()
	modern := bouncetest.Base("modern", "CHF", "payto://iban/CH5204835012345671000?receiver-name=Example")
	modern.Method, modern.LegacySubjects = bouncetest.CH().Method, false
	h := bouncetest.New(t, bouncetest.CH(), bouncetest.NZ(), bouncetest.X(), modern)
	key := bouncetest.Reserve("legacy").AccountPub.String()
	for account, want := range map[string]bounce.State{"ch": bounce.Credited, "modern": bounce.Bounced} {
		h := bouncetest.Open(t, h.URL, bouncetest.CH(), modern)
		got := h.Receive(t, account, bouncetest.Incoming("reserve "+account, "CHF:5", text("Taler "+key[:35], key[35:])))
		if got[0].State != want {
			t.Errorf("%s: %+v", account, got)
		}
	}
	kyc := bouncetest.KYC("legacy").AccountPub.String()
	got := h.Receive(t, "x",
		bouncetest.Incoming("kyc", "EUR:5", text("KYC:"+kyc)),
		bouncetest.Incoming("twice", "EUR:5", text(key)))
	if got[0].State != bounce.Credited || got[1].Reason != bounce.ReasonReserveReused {
		t.Errorf("%+v", got)
	}
	if c := h.History(t, "x"); len(c) != 1 || c[0].Target != bouncetest.KYC("legacy") || c[0].AuthorizationPub != nil {
		t.Errorf("%+v", c)
	}
}

// A failed check on a whole key must never be read as another key (S8).
func TestS8_FailedCheckIsFinalAtTheDesk(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.X(), bouncetest.CH())
	w, good := mapped(t, h, "x", "w")
	subject := good.Unstructured[0]
	for i := range subject {
		for _, symbol := range "0Z" {
			wrong := subject[:i] + string(symbol) + subject[i+1:]
			if wrong == subject {
				continue
			}
			for _, account := range []string{"x", "ch"} {
				grouped := strings.Join([]string{wrong[:3], wrong[3:55], wrong[55:]}, " ")
				unit := h.Account(t, account).Currency + ":1"
				got := h.Receive(t, account,
					bouncetest.Incoming(fmt.Sprint("t", i, string(symbol)), unit, text(wrong)),
					bouncetest.Incoming(fmt.Sprint("g", i, string(symbol)), unit, text(grouped)))
				if got[0].State != bounce.Bounced || got[1].State != bounce.Bounced {
					t.Fatalf("%s on %s: %+v", wrong, account, got)
				}
			}
		}
	}
	if got := h.Receive(t, "x", bouncetest.Incoming("unchecked", "EUR:1", text("MAP"+w.Pub.String()))); got[0].State != bounce.Credited {
		t.Errorf("the form without the check: %+v", got)
	}
}

func TestT5_BounceIsAPayment(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	anonymous := bouncetest.Incoming("counter", "CHF:3", text("cash"))
	anonymous.Debtor = nil
	got := h.Receive(t, "ch", bouncetest.Incoming("stray", "CHF:7.5", text("for the cat")), anonymous)
	if got[0].State != bounce.Bounced || got[1].State != bounce.Manual || got[1].Reason != bounce.ReasonMalformed {
		t.Errorf("%+v", got)
	}
	lease := func() []bounce.Payment {
		t.Helper()
		payments, err := h.Desk.Payments(t.Context(), a, bounce.PaymentQuery{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return payments
	}
	first := lease()
	if len(first) != 1 || first[0].Amount.String() != "CHF:7.5" || first[0].Creditor != bouncetest.Debtor.String() || first[0].Kind != bounce.PaymentBounce || !strings.Contains(first[0].Subject, "stray") {
		t.Fatalf("%+v", first)
	}
	if again := lease(); len(again) != 0 {
		t.Errorf("a leased payment is offered again: %+v", again)
	}
	h.Exec(t, `UPDATE payments SET leased_until = now() - interval '1 second'`)
	if again := lease(); len(again) != 1 || again[0].EndToEndID != first[0].EndToEndID {
		t.Errorf("a lapsed lease is not offered again: %+v", again)
	}
	confirm := func(status bounce.PaymentStatus) error {
		_, err := h.Desk.Confirm(t.Context(), a, bounce.Confirmation{ID: first[0].ID, Status: status, Detail: "by the test"})
		return err
	}
	for _, step := range []struct {
		status bounce.PaymentStatus
		want   error
	}{
		{bounce.PaymentTransient, nil}, {bounce.PaymentSent, nil}, {bounce.PaymentSuccess, nil},
		{bounce.PaymentSuccess, nil}, {bounce.PaymentSent, bounce.ErrPaymentFinal}, {bounce.PaymentPermanent, bounce.ErrPaymentFinal},
	} {
		if err := confirm(step.status); !errors.Is(err, step.want) {
			t.Errorf("%s: %v", step.status, err)
		}
	}
	h.Exec(t, `UPDATE payments SET leased_until = now() - interval '1 second'`)
	if again := lease(); len(again) != 0 {
		t.Errorf("a paid payment is offered again: %+v", again)
	}
	if _, err := h.Desk.Confirm(t.Context(), a, bounce.Confirmation{ID: 999, Status: bounce.PaymentSuccess}); !errors.Is(err, bounce.ErrUnknownPayment) {
		t.Errorf("unknown payment: %v", err)
	}
}

func TestC1_HoldDelay(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	w := bouncetest.NewWallet("w")
	remittance := bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
	anonymous := bouncetest.Incoming("counter", "CHF:3", remittance)
	anonymous.Debtor = nil
	h.Receive(t, "ch", bouncetest.Incoming("early", "CHF:1", remittance), anonymous, bouncetest.Incoming("late", "CHF:2", remittance))
	h.EndHold(t, "early")
	h.EndHold(t, "counter")
	var group sync.WaitGroup
	var swept [4]bounce.Swept
	for i := range swept {
		group.Go(func() {
			var err error
			if swept[i], err = h.Desk.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if total := swept[0].Unmapped + swept[1].Unmapped + swept[2].Unmapped + swept[3].Unmapped; total != 2 {
		t.Errorf("four sweepers moved %d transfers", total)
	}
	got := h.Receive(t, "ch", bouncetest.Incoming("early", "CHF:1", remittance), anonymous, bouncetest.Incoming("late", "CHF:2", remittance))
	if got[0].State != bounce.Bounced || got[0].Reason != bounce.ReasonUnmapped || got[1].State != bounce.Manual || got[2].State != bounce.Held {
		t.Errorf("%+v", got)
	}
	if n := h.Count(t, `SELECT count(*) FROM payments`); n != 1 {
		t.Errorf("%d payments", n)
	}
	if h.Map(t, "ch", w, bouncetest.Reserve("w"), time.Now()) != 1 || h.History(t, "ch")[0].Amount.Value != 2 {
		t.Error("the mapping must credit the transfer that still waits")
	}
}

func TestOneShotIsUsedOnce(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	w := bouncetest.NewWallet("w")
	g, err := h.Registry.Register(t.Context(), a, subjects.Request{AuthorizationPub: w.Pub, OneShot: true})
	if err != nil || g.Recurrent {
		t.Fatalf("%+v %v", g, err)
	}
	remittance := bouncetest.Remittance(g.Subjects[0])
	h.Receive(t, "ch", bouncetest.Incoming("a", "CHF:1", remittance), bouncetest.Incoming("b", "CHF:1", remittance))
	if h.Map(t, "ch", w, bouncetest.Reserve("1"), time.Now()) != 1 {
		t.Fatal("the first transfer is not credited")
	}
	if h.Map(t, "ch", w, bouncetest.Reserve("2"), time.Now().Add(time.Second)) != 0 {
		t.Error("a used one-shot registration credited a second transfer")
	}
	// What waited beside the one that was credited goes back as well, and is
	// told so before a sweeper comes by.
	got := h.Receive(t, "ch", bouncetest.Incoming("b", "CHF:1", remittance), bouncetest.Incoming("c", "CHF:1", remittance))
	if got[0].State != bounce.Bounced || got[0].Reason != bounce.ReasonReused || !got[0].Replay || got[1].Reason != bounce.ReasonReused {
		t.Errorf("%+v", got)
	}
	if s, err := h.Registry.Status(t.Context(), a, w.Pub); err != nil || s.Held != 0 {
		t.Errorf("%+v %v", s, err)
	}
	payments, err := h.Desk.Payments(t.Context(), a, bounce.PaymentQuery{Limit: 9})
	if err != nil || len(payments) != 2 {
		t.Errorf("%d payments, %v", len(payments), err)
	}
	if again := h.Receive(t, "ch", bouncetest.Incoming("b", "CHF:1", remittance)); again[0].Reason != bounce.ReasonReused {
		t.Errorf("the sweeper changed the answer to %+v", again)
	}
}

// After a life that was used up, the same key may register for one more.
func TestOneShotAgain(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	w := bouncetest.NewWallet("w")
	now := time.Now()
	for i := range 3 {
		g, err := h.Registry.Register(t.Context(), a, subjects.Request{AuthorizationPub: w.Pub, OneShot: true})
		if err != nil {
			t.Fatal(err)
		}
		remittance := bouncetest.Remittance(g.Subjects[0])
		h.Map(t, "ch", w, bouncetest.Reserve(fmt.Sprint(i)), now.Add(time.Duration(i)*time.Second))
		got := h.Receive(t, "ch", bouncetest.Incoming(fmt.Sprint("a", i), "CHF:1", remittance), bouncetest.Incoming(fmt.Sprint("b", i), "CHF:1", remittance))
		if got[0].State != bounce.Credited || got[1].Reason != bounce.ReasonReused {
			t.Errorf("life %d: %+v", i, got)
		}
		h.Age(t, w.Pub, 91*bouncetest.Day)
	}
}

// The release of a held transfer by a mapping is decided in SQL. It must say
// what Decide would say of the same transfer arriving now, for every state that
// a registration and a mapping can be in.
func TestM4_ReleaseAgreesWithDecide(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	for state := range 1 << 5 {
		oneShot, used, expired, taken, overdue := state&1 > 0, state&2 > 0, state&4 > 0, state&8 > 0, state&16 > 0
		name := fmt.Sprint("state ", state)
		w := bouncetest.NewWallet(name)
		g, err := h.Registry.Register(t.Context(), a, subjects.Request{AuthorizationPub: w.Pub, OneShot: oneShot})
		if err != nil {
			t.Fatal(err)
		}
		h.Receive(t, "ch", bouncetest.Incoming(name, "CHF:5", bouncetest.Remittance(g.Subjects[0])))
		target := bouncetest.Reserve(name)
		if taken {
			h.Receive(t, "ch", bouncetest.Incoming(name+" elsewhere", "CHF:5", text(target.AccountPub.String())))
		}
		h.Exec(t, `UPDATE registrations SET used = $2 WHERE authorization_pub = $1`, w.Pub[:], used)
		if expired {
			h.Age(t, w.Pub, 91*bouncetest.Day)
		}
		if overdue {
			h.EndHold(t, name)
		}
		m := w.Mapping(a, target, time.Now())
		match := subjects.Match{AuthorizationPub: w.Pub, Recurrent: !oneShot, Used: used, Expired: expired, Taken: taken, Pending: &m}
		decided := bounce.Decide(bouncetest.Incoming(name, "CHF:5", wire.Remittance{}), "CHF", bounce.Findings{WellFormed: true, Matches: []subjects.Match{match}})
		want := decided.State == bounce.Credited && !overdue
		done, err := h.Registry.Map(t.Context(), a, m)
		if (done.Credited == 1) != want {
			t.Errorf("one-shot %v used %v expired %v taken %v overdue %v: released %d (%v), Decide says %s %s",
				oneShot, used, expired, taken, overdue, done.Credited, err, decided.State, decided.Reason)
		}
	}
}

// Around the deadline sweeper and mapping want the same transfer. Whoever wins,
// a younger one is not left beside a pending mapping.
func TestM4_RaceOfMappingAndSweeper(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	for i := range rounds(t) {
		w := bouncetest.NewWallet(fmt.Sprint("w", i))
		remittance := bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
		old, young := fmt.Sprint("old", i), fmt.Sprint("young", i)
		h.Receive(t, "ch", bouncetest.Incoming(old, "CHF:1", remittance), bouncetest.Incoming(young, "CHF:2", remittance))
		// The deadline is a moment ahead of both, which meet around it.
		h.Exec(t, `UPDATE transfers SET hold_until = clock_timestamp() + interval '2 milliseconds' WHERE bank_ref = $1`, old)
		var group sync.WaitGroup
		group.Go(func() {
			for h.Count(t, `SELECT count(*) FROM transfers WHERE bank_ref = $1 AND state = 'held'`, old) > 0 {
				if _, err := h.Desk.Sweep(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
		group.Go(func() {
			if _, err := h.Registry.Map(t.Context(), a, w.Mapping(a, bouncetest.Reserve(fmt.Sprint(i)), time.Now())); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
	}
	if n := h.Count(t, `SELECT count(*) FROM mappings WHERE transfer_id IS NULL`); n != 0 {
		t.Errorf("%d mappings credited nothing although a transfer was waiting", n)
	}
	noTorn(t, h)
}
