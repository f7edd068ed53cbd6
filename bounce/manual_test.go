package bounce_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

var alice = bounce.Decision{Operator: "alice", Reason: "called the payer"}

// cases lists all open cases.
func cases(t *testing.T, h *bouncetest.House) []bounce.Case {
	t.Helper()
	found, err := h.Desk.Cases(t.Context(), bounce.CaseQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// oneCase posts a counter deposit, which is a case.
func oneCase(t *testing.T, h *bouncetest.House, bankRef string) bounce.Case {
	t.Helper()
	deposit := bouncetest.Incoming(bankRef, "CHF:5", text("counter"))
	deposit.Debtor = nil
	h.Receive(t, "ch", deposit)
	found := cases(t, h)
	return found[len(found)-1]
}

// replayed is what the bank job is told about a transfer by now.
func replayed(t *testing.T, h *bouncetest.House, transfer bounce.Transfer) bounce.Result {
	t.Helper()
	got := h.Receive(t, "ch", transfer)[0]
	if !got.Replay {
		t.Errorf("%+v is no replay", got)
	}
	return got
}

func TestCaseIsCredited(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	c := oneCase(t, h, "deposit")
	if c.Account != "ch" || c.BankRef != "deposit" || c.Reason != bounce.ReasonMalformed || c.Payment != nil {
		t.Errorf("%+v", c)
	}
	got, err := h.Desk.CreditCase(t.Context(), c.ID, alice, bouncetest.Reserve("r"))
	if err != nil || got.State != bounce.Credited || got.RowID != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	rows := h.History(t, "ch")
	if len(rows) != 1 || rows[0].Target != bouncetest.Reserve("r") || rows[0].AuthorizationPub != nil {
		t.Errorf("%+v", rows)
	}
	deposit := bouncetest.Incoming("deposit", "CHF:5", text("counter"))
	deposit.Debtor = nil
	if r := replayed(t, h, deposit); r.State != bounce.Credited || r.RowID != 1 || r.Reason != "" {
		t.Errorf("%+v", r)
	}
	// M3 holds for people too; nothing of the refused decision stays.
	second := oneCase(t, h, "second")
	if _, err := h.Desk.CreditCase(t.Context(), second.ID, alice, bouncetest.Reserve("r")); !errors.Is(err, subjects.ErrReserveReused) {
		t.Error(err)
	}
	if len(cases(t, h)) != 1 || h.Count(t, `SELECT count(*) FROM manual_log`) != 1 {
		t.Error("a refused decision left something behind")
	}
}

// A case that was held before is credited by a person, not by a mapping: the
// exchange must not be told the key without a signature.
func TestCaseThatWasHeldIsCredited(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *bouncetest.House, held bounce.Transfer){
		"nobody to return it to": func(h *bouncetest.House, held bounce.Transfer) {
			h.Exec(t, `UPDATE transfers SET debtor = NULL WHERE bank_ref = $1`, held.BankRef)
			bounced(t, h, held)
		},
		"the bounce came back": func(h *bouncetest.House, held bounce.Transfer) {
			bounced(t, h, held)
			p := onePayment(t, h, bounce.PaymentQuery{Limit: 10})
			if _, err := h.Desk.Confirm(t.Context(), h.Account(t, "ch"), bounce.Confirmation{ID: p.ID, Status: bounce.PaymentPermanent}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := bouncetest.New(t, bouncetest.CH())
			w := bouncetest.NewWallet("w")
			held := bouncetest.Incoming("held", "CHF:5", bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0]))
			if got := h.Receive(t, "ch", held)[0]; got.State != bounce.Held {
				t.Fatalf("%+v", got)
			}
			end(h, held)
			if _, err := h.Desk.CreditCase(t.Context(), cases(t, h)[0].ID, alice, bouncetest.Reserve("r")); err != nil {
				t.Fatal(err)
			}
			rows := h.History(t, "ch")
			if len(rows) != 1 || rows[0].AuthorizationPub != nil || rows[0].AuthorizationSig != nil {
				t.Errorf("%+v", rows)
			}
			mappings, err := h.Registry.Mappings(t.Context(), h.Account(t, "ch"), subjects.MappingQuery{Limit: 10})
			if err != nil || len(mappings) != 0 {
				t.Errorf("%+v, %v", mappings, err)
			}
		})
	}
}

// bounced lets the hold delay of a transfer pass, and a sweeper come by.
func bounced(t *testing.T, h *bouncetest.House, held bounce.Transfer) {
	t.Helper()
	h.EndHold(t, held.BankRef)
	if swept, err := h.Desk.Sweep(t.Context()); err != nil || swept.Unmapped != 1 {
		t.Fatalf("%+v, %v", swept, err)
	}
}

func TestCaseInAnotherCurrency(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	h.Receive(t, "ch", bouncetest.Incoming("euro", "EUR:5", text("hello")))
	c := cases(t, h)[0]
	if _, err := h.Desk.CreditCase(t.Context(), c.ID, alice, bouncetest.Reserve("r")); !errors.Is(err, subjects.ErrCurrency) {
		t.Error(err)
	}
	got, err := h.Desk.BounceCase(t.Context(), c.ID, alice, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := onePayment(t, h, bounce.PaymentQuery{Limit: 10})
	if p.ID != got.PaymentID || p.Amount.String() != "EUR:5" || p.Creditor != bouncetest.Debtor.String() {
		t.Errorf("%+v", p)
	}
}

func TestCaseIsWrittenOff(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	c := oneCase(t, h, "deposit")
	if got, err := h.Desk.WriteOffCase(t.Context(), c.ID, alice); err != nil || got.State != bounce.Manual {
		t.Errorf("%+v, %v", got, err)
	}
	if left := cases(t, h); len(left) != 0 {
		t.Errorf("%+v", left)
	}
	log, err := h.Desk.Log(t.Context(), bounce.CaseQuery{Limit: 10})
	if err != nil || len(log) != 1 || log[0].Decision != alice || log[0].Action != bounce.ActionWriteOff || log[0].BankRef != "deposit" ||
		log[0].Amount.String() != "CHF:5" || log[0].CaseReason != bounce.ReasonMalformed || log[0].Decided.IsZero() {
		t.Errorf("%+v, %v", log, err)
	}
	for _, sql := range []string{`UPDATE manual_log SET reason = 'x'`, `DELETE FROM manual_log`, `TRUNCATE manual_log`} {
		if _, err := h.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s is possible", sql)
		}
	}
	_, err = h.Desk.BounceCase(t.Context(), c.ID, alice, bouncetest.Debtor)
	settled := (*bounce.CaseSettled)(nil)
	if !errors.As(err, &settled) || settled.Operator != "alice" || settled.Action != bounce.ActionWriteOff || !errors.Is(err, bounce.ErrCaseSettled) {
		t.Errorf("a second decision: %v", err)
	}
	for _, id := range []int64{0, -1, c.ID + 1} {
		if _, err := h.Desk.WriteOffCase(t.Context(), id, alice); !errors.Is(err, bounce.ErrUnknownCase) {
			t.Errorf("%d: %v", id, err)
		}
	}
}

func TestCaseNeedsAnAccountToGoTo(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	c := oneCase(t, h, "deposit")
	other := bouncetest.NZ().Payto
	for name, creditor := range map[string]*taler.Payto{"no debtor": nil, "another kind": &other} {
		if _, err := h.Desk.BounceCase(t.Context(), c.ID, alice, creditor); !errors.Is(err, bounce.ErrNoCreditor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Desk.BounceCase(t.Context(), c.ID, alice, bouncetest.Debtor); err != nil {
		t.Error(err)
	}
}

// TestT5_FailedBounceIsACase: what the bank refuses for good waits for a person,
// who sends it elsewhere; that is a payment of its own, and may fail as well.
func TestT5_FailedBounceIsACase(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	stray := bouncetest.Incoming("stray", "CHF:7.5", text("for the cat"))
	h.Receive(t, "ch", stray)
	ids := map[string]bool{}
	for range 3 {
		p := onePayment(t, h, bounce.PaymentQuery{Limit: 10})
		if ids[p.EndToEndID] {
			t.Fatalf("the end-to-end id %s is used again", p.EndToEndID)
		}
		ids[p.EndToEndID] = true
		_, err := h.Desk.Confirm(t.Context(), h.Account(t, "ch"), bounce.Confirmation{ID: p.ID, Status: bounce.PaymentPermanent, Detail: "RJCT AC04"})
		if err != nil {
			t.Fatal(err)
		}
		if r := replayed(t, h, stray); r.State != bounce.Manual || r.Reason != bounce.ReasonBounceFailed {
			t.Fatalf("%+v", r)
		}
		found := cases(t, h)
		if len(found) != 1 || found[0].Payment == nil || found[0].Payment.ID != p.ID || found[0].Payment.Detail != "RJCT AC04" || found[0].Payment.BankRef != "stray" {
			t.Fatalf("%+v", found)
		}
		if _, err := h.Desk.BounceCase(t.Context(), found[0].ID, alice, bouncetest.Debtor); err != nil {
			t.Fatal(err)
		}
		if r := replayed(t, h, stray); r.State != bounce.Bounced {
			t.Errorf("%+v", r)
		}
		// That the first one failed is said again, and is no news.
		confirmed(t, h, p.ID, bounce.PaymentPermanent)
		if r := replayed(t, h, stray); r.State != bounce.Bounced {
			t.Errorf("a word about the payment before changes %+v", r)
		}
	}
	confirmed(t, h, onePayment(t, h, bounce.PaymentQuery{Limit: 10}).ID, bounce.PaymentSuccess)
	if left := cases(t, h); len(left) != 0 {
		t.Errorf("%+v", left)
	}
}

// TestT5_ReturnedBounceIsACase: money that comes back under an end-to-end id of
// ours is never bounced again, and its payment is never offered again.
func TestT5_ReturnedBounceIsACase(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	h.Receive(t, "ch", bouncetest.Incoming("stray", "CHF:7.5", text("for the cat")))
	p := onePayment(t, h, bounce.PaymentQuery{Limit: 10})
	// The bank says so itself, before anybody has confirmed the payment.
	back := bouncetest.Incoming("back", "CHF:7.5", text("return"))
	back.Exception, back.Remittance.EndToEndID = bounce.ReasonReturned, p.EndToEndID
	// The bank only shows the id.
	again := bouncetest.Incoming("again", "CHF:7.5", text("return"))
	again.Remittance.EndToEndID = p.EndToEndID
	// An id that only looks like ours is a payer's.
	theirs := bouncetest.Incoming("theirs", "CHF:1", text("hello"))
	theirs.Remittance.EndToEndID = "SW00000000000000000000000000000000"
	for i, r := range h.Receive(t, "ch", again, theirs, back) {
		want := []bounce.State{bounce.Manual, bounce.Bounced, bounce.Manual}[i]
		if r.State != want || want == bounce.Manual && r.Reason != bounce.ReasonReturned {
			t.Errorf("%+v", r)
		}
	}
	lapse(t, h)
	if left := onePayment(t, h, bounce.PaymentQuery{Limit: 10}); left.Subject != "bounce malformed theirs" {
		t.Errorf("offered again: %+v", left)
	}
	found := cases(t, h)
	if len(found) != 2 || found[0].Payment == nil || found[0].Payment.ID != p.ID || found[0].Payment.Status != bounce.PaymentSuccess ||
		found[1].Payment.Detail != "came back as back" {
		t.Errorf("%+v", found)
	}
}

// A transfer of the exchange that comes back was paid, and shows as that.
func TestReturnedTransferWasPaid(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	p := leased(t, h, 1)[0]
	back := bouncetest.Incoming("back", "CHF:10", text("return"))
	back.Exception, back.Remittance.EndToEndID = bounce.ReasonReturned, p.EndToEndID
	for range 2 { // posted again, it changes nothing
		h.Receive(t, "ch", back)
		if rows := paidRows(t, h); len(rows) != 1 || rows[0].ID != p.ID {
			t.Errorf("%+v", rows)
		}
		if found := cases(t, h); len(found) != 1 || found[0].Payment.Kind != bounce.PaymentTransfer || found[0].Payment.BankRef != "" {
			t.Errorf("%+v", found)
		}
	}
}

func TestC1_CasesShowWhatIsOverdue(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	held := bouncetest.Incoming("held", "CHF:1", bouncetest.Remittance(h.Register(t, "ch", bouncetest.NewWallet("w")).Subjects[0]))
	held.Debtor = nil
	h.Receive(t, "ch", held)
	if n := len(cases(t, h)); n != 0 {
		t.Fatalf("%d cases", n)
	}
	h.EndHold(t, "held")
	if n := len(cases(t, h)); n != 1 {
		t.Errorf("%d cases", n)
	}
}

func TestPagesOfCases(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
	var ids []int64
	for i := range 5 {
		ids = append(ids, oneCase(t, h, fmt.Sprint("d", i)).ID)
	}
	h.Receive(t, "x", bouncetest.Incoming("elsewhere", "CHF:5", text("hello")))
	page, err := h.Desk.Cases(t.Context(), bounce.CaseQuery{Account: "ch", Limit: 3, Offset: ids[1]})
	if err != nil || len(page) != 3 || page[0].ID != ids[2] || page[2].ID != ids[4] {
		t.Errorf("%+v, %v", page, err)
	}
	for _, id := range ids {
		if _, err := h.Desk.WriteOffCase(t.Context(), id, alice); err != nil {
			t.Fatal(err)
		}
	}
	log, err := h.Desk.Log(t.Context(), bounce.CaseQuery{Limit: 2})
	if err != nil || len(log) != 2 || log[0].TransferID != ids[4] {
		t.Fatalf("%+v, %v", log, err)
	}
	older, err := h.Desk.Log(t.Context(), bounce.CaseQuery{Limit: 10, Offset: log[1].ID})
	if err != nil || len(older) != 3 || older[0].TransferID != ids[2] {
		t.Errorf("%+v, %v", older, err)
	}
}

// Operators who decide at once: one of them does, the others are told who.
func TestOperatorsDecideAtOnce(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	gates := []*bouncetest.House{h, bouncetest.Open(t, h.URL, bouncetest.CH())}
	for round := range 25 {
		c := oneCase(t, h, fmt.Sprint("deposit", round))
		var group sync.WaitGroup
		var won atomic.Int32
		for i := range 6 {
			group.Go(func() {
				desk, by := gates[i%2].Desk, bounce.Decision{Operator: fmt.Sprint("operator", i), Reason: "r"}
				var err error
				switch i % 3 {
				case 0:
					_, err = desk.CreditCase(t.Context(), c.ID, by, bouncetest.Reserve(fmt.Sprint(round)))
				case 1:
					_, err = desk.BounceCase(t.Context(), c.ID, by, bouncetest.Debtor)
				default:
					_, err = desk.WriteOffCase(t.Context(), c.ID, by)
				}
				switch {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, bounce.ErrCaseSettled):
					t.Error(err)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 {
			t.Errorf("round %d: %d decisions", round, won.Load())
		}
	}
	if n := h.Count(t, `SELECT count(*) FROM manual_log`); n != 25 {
		t.Errorf("%d entries in the log", n)
	}
	if n := h.Count(t, `SELECT count(*) FROM transfers t WHERE
		(state = 'credited')::int <> (SELECT count(*) FROM history h WHERE h.transfer_id = t.transfer_id)
		OR (state = 'bounced')::int <> (SELECT count(*) FROM payments p WHERE p.transfer_id = t.transfer_id)`); n != 0 {
		t.Errorf("%d transfers without what belongs to their state", n)
	}
}

// Whatever banks and people do to a transfer, it stands in one state, the log
// tells each decision, and at most one payment that sends it back is alive.
func TestT1_OneStateWhateverIsDecided(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	ctx, a, n := context.Background(), h.Account(t, "ch"), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		ref := fmt.Sprint("t", n)
		if _, err := h.Desk.Receive(ctx, a, []bounce.Transfer{bouncetest.Incoming(ref, "CHF:5", text("stray"))}); err != nil {
			t.Fatal(err)
		}
		var id, payment int64
		state := func() (state string, writtenOff bool, live, entries int) {
			err := h.Pool.QueryRow(ctx, `SELECT transfer_id, state, written_off IS NOT NULL,
				(SELECT count(*) FROM payments p WHERE p.transfer_id = t.transfer_id AND p.status <> 'permanent_failure'),
				(SELECT count(*) FROM manual_log l WHERE l.transfer_id = t.transfer_id),
				(SELECT max(payment_id) FROM payments p WHERE p.transfer_id = t.transfer_id)
				FROM transfers t WHERE bank_ref = $1`, ref).Scan(&id, &state, &writtenOff, &live, &entries, &payment)
			if err != nil {
				t.Fatal(err)
			}
			return state, writtenOff, live, entries
		}
		want, off, decisions := "bounced", false, 0
		for _, step := range rapid.SliceOfN(rapid.SampledFrom([]string{"fail", "pay", "credit", "bounce", "off"}), 1, 8).Draw(t, "steps") {
			before, wasOff, live, _ := state()
			open := before == "manual" && !wasOff
			var err error
			switch step {
			case "fail", "pay":
				status := map[string]bounce.PaymentStatus{"fail": bounce.PaymentPermanent, "pay": bounce.PaymentSuccess}[step]
				_, err = h.Desk.Confirm(ctx, a, bounce.Confirmation{ID: payment, Status: status})
				if step == "fail" && err == nil && before == "bounced" && live == 1 {
					want = "manual"
				}
				if err != nil && !errors.Is(err, bounce.ErrPaymentFinal) {
					t.Fatal(err)
				}
				continue
			case "credit":
				_, err = h.Desk.CreditCase(ctx, id, alice, bouncetest.KYC(ref))
			case "bounce":
				_, err = h.Desk.BounceCase(ctx, id, alice, nil)
			default:
				_, err = h.Desk.WriteOffCase(ctx, id, alice)
			}
			if open != (err == nil) {
				t.Fatalf("%s of a transfer in state %s (written off: %t): %v", step, before, wasOff, err)
			}
			if open {
				decisions++
				want, off = map[string]string{"credit": "credited", "bounce": "bounced", "off": "manual"}[step], step == "off"
			}
		}
		got, gotOff, live, entries := state()
		if got != want || gotOff != off || entries != decisions || live != map[string]int{"bounced": 1}[got] {
			t.Fatalf("%s (written off: %t), %d live payments, %d entries; want %s (%t), %d entries", got, gotOff, live, entries, want, off, decisions)
		}
	})
}
