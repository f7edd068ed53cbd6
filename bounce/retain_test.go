package bounce_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/subjects"
)

func retain(t *testing.T, h *bouncetest.House) bounce.Retained {
	t.Helper()
	removed, err := h.Desk.Retain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return removed
}

// ageAll moves everything that is stored into the past.
func ageAll(t *testing.T, h *bouncetest.House, days int) {
	t.Helper()
	h.Exec(t, `UPDATE registrations SET since = since - $1 * interval '1 day', expiration = expiration - $1 * interval '1 day', due_day = due_day - $1::int`, days)
	h.Exec(t, `UPDATE mappings SET stored = stored - $1 * interval '1 day', mapped = mapped - $1 * 86400`, days)
	h.Exec(t, `UPDATE transfers SET received = received - $1 * interval '1 day', settled = settled - $1 * interval '1 day'`, days)
}

// The text of a finished transfer goes, and nothing else of it: replays,
// conflicts, used keys and the history are told as before.
func TestC1_RetentionKeepsWhatDecides(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	_, remittance := mapped(t, h, "ch", "w")
	statement := []bounce.Transfer{
		bouncetest.Incoming("credited", "CHF:5", remittance),
		bouncetest.Incoming("held", "CHF:6", remittance),
		bouncetest.Incoming("paid back", "CHF:7", text("for the cat")),
		bouncetest.Incoming("not yet paid back", "CHF:7", text("for the dog")),
		bouncetest.Incoming("manual", "EUR:8", remittance),
		bouncetest.Incoming("written off", "EUR:9", remittance),
	}
	h.Receive(t, "ch", statement...)
	h.Exec(t, `UPDATE transfers SET written_off = now() WHERE bank_ref = 'written off'`)
	h.Exec(t, `UPDATE payments SET status = 'success' WHERE transfer_id = (SELECT transfer_id FROM transfers WHERE bank_ref = 'paid back')`)
	if removed := retain(t, h); removed != (bounce.Retained{}) {
		t.Errorf("of young rows were removed %+v", removed)
	}
	history := h.History(t, "ch")
	ageAll(t, h, 101)
	young := bouncetest.Incoming("young", "CHF:5", text("thanks"))
	h.Receive(t, "ch", young)
	if removed := retain(t, h); removed.Texts != 3 || removed.Registrations != 0 {
		t.Errorf("%+v", removed)
	}
	if removed := retain(t, h); removed.Texts != 0 {
		t.Errorf("the second run removed %+v", removed)
	}
	if n := h.Count(t, `SELECT count(*) FROM transfers WHERE remittance::text <> '{}'`); n != 4 {
		t.Errorf("%d texts are left", n)
	}
	for i, r := range h.Receive(t, "ch", append(statement, young)...) {
		if !r.Replay || r.Err != nil {
			t.Errorf("item %d: %+v", i, r)
		}
	}
	if got := h.Receive(t, "ch", bouncetest.Incoming("credited", "CHF:5", text("another text"))); !errors.Is(got[0].Err, bounce.ErrConflict) {
		t.Errorf("other content: %+v", got)
	}
	if got := h.Receive(t, "ch", bouncetest.Incoming("again", "CHF:5", text(bouncetest.Reserve("w").AccountPub.String()))); got[0].Reason != bounce.ReasonReserveReused {
		t.Errorf("a used key: %+v", got)
	}
	if after := h.History(t, "ch"); len(after) != len(history) || after[0].Debtor != history[0].Debtor || after[0].Target != history[0].Target {
		t.Errorf("the history is %+v", after)
	}
}

// Sightings lose what they are compared by, and tell replays as before.
func TestC1_RetentionForgetsMarks(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	_, remittance := mapped(t, h, "ch", "w")
	day := []bounce.Transfer{bouncetest.Incoming("1", "CHF:5", remittance), bouncetest.Incoming("2", "CHF:7", text("for the cat"))}
	h.Receive(t, "ch", told("camt.054", day)...)
	h.Receive(t, "ch", told("camt.053", day)...)
	retain(t, h)
	wantCount(t, h, `SELECT count(*) FROM sightings WHERE marks IS NULL`, 0)
	ageAll(t, h, 101)
	retain(t, h)
	wantCount(t, h, `SELECT count(*) FROM sightings WHERE marks IS NULL`, 4)
	for _, kind := range []string{"camt.053", "camt.054"} {
		for i, r := range h.Receive(t, "ch", told(kind, day)...) {
			if !r.Replay || r.Err != nil {
				t.Errorf("%s, payment %d: %+v", kind, i, r)
			}
		}
	}
}

// A mapping that was forgotten is as dead as one that is remembered (M1); young
// ones, and those of live registrations, stay.
func TestM1_ForgottenMappingsNeverReturn(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"ch", "x"} {
		h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
		a := h.Account(t, account)
		past := time.Now().Add(-300 * bouncetest.Day)
		gone, live, voided := bouncetest.NewWallet("gone"), bouncetest.NewWallet("live"), bouncetest.NewWallet("voided")
		for _, w := range []bouncetest.Wallet{gone, live} {
			h.Register(t, account, w)
			h.Map(t, account, w, bouncetest.Reserve("1"), past)
		}
		h.Register(t, account, voided)
		h.Map(t, account, voided, bouncetest.Reserve("2"), time.Now())
		h.Exec(t, `UPDATE mappings SET stored = stored - interval '300 days' WHERE authorization_pub <> $1`, voided.Pub[:])
		h.Age(t, gone.Pub, 91*bouncetest.Day)
		h.Exec(t, `UPDATE registrations SET since = since - interval '301 days' WHERE authorization_pub = $1`, live.Pub[:])
		if _, err := h.Registry.Unregister(t.Context(), a, voided.Unregistration(a, time.Now())); err != nil {
			t.Fatal(err)
		}
		if removed := retain(t, h); removed.Mappings != 1 {
			t.Errorf("%s: %+v", account, removed)
		}
		h.Register(t, account, gone)
		for name, at := range map[string]time.Time{"the forgotten one": past, "one that is as old": past.Add(-time.Hour)} {
			if _, err := h.Registry.Map(t.Context(), a, gone.Mapping(a, bouncetest.Reserve("1"), at)); !errors.Is(err, subjects.ErrOldTimestamp) {
				t.Errorf("%s: %s: %v", account, name, err)
			}
		}
		h.Map(t, account, gone, bouncetest.Reserve("3"), past.Add(time.Second))
		if s, err := h.Registry.Status(t.Context(), a, live.Pub); err != nil || s.Mapping != subjects.MappingPending {
			t.Errorf("%s: the mapping of a live registration is %+v %v", account, s, err)
		}
	}
}

// Registrations of keys that are their own subject go when they ended long ago
// and nothing waits under them; subjects of the present generation never go,
// they are what recycling lives on (S5).
func TestS5_RetentionLeavesTheSupply(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Tiny(2), bouncetest.X())
	for _, name := range []string{"a", "b"} {
		h.Register(t, "tiny", bouncetest.NewWallet(name))
	}
	for _, name := range []string{"idle", "waiting"} {
		w := bouncetest.NewWallet(name)
		h.Receive(t, "x", bouncetest.Incoming(name, "EUR:1", bouncetest.Remittance(h.Register(t, "x", w).Subjects[0])))
	}
	h.EndHold(t, "idle")
	if _, err := h.Desk.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	ageAll(t, h, 191)
	if removed := retain(t, h); removed.Registrations != 1 {
		t.Errorf("%+v", removed)
	}
	if h.Map(t, "x", bouncetest.NewWallet("waiting"), bouncetest.Reserve("1"), time.Now()) != 1 {
		t.Error("what waits cannot be mapped any more")
	}
	if g := h.Register(t, "tiny", bouncetest.NewWallet("c")); !g.Created {
		t.Errorf("%+v", g)
	}
}

// Several replicas retain at once: one walks, and nothing is counted twice.
func TestC1_RetentionRunsAnywhere(t *testing.T) {
	t.Parallel()
	const texts = 1500 // more than one step
	h := bouncetest.New(t, bouncetest.CH())
	other := bouncetest.Open(t, h.URL, bouncetest.CH())
	var statement []bounce.Transfer
	for i := range texts {
		statement = append(statement, bouncetest.Incoming(fmt.Sprint("t", i), "CHF:1", text("KYC:"+bouncetest.KYC("k").AccountPub.String())))
	}
	h.Receive(t, "ch", statement...)
	ageAll(t, h, 101)
	var mu sync.Mutex
	total := 0
	var group sync.WaitGroup
	for _, house := range []*bouncetest.House{h, other, h, other} {
		group.Go(func() {
			removed, err := house.Desk.Retain(t.Context())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			total += removed.Texts
		})
	}
	group.Wait()
	total += retain(t, h).Texts
	if total != texts {
		t.Errorf("%d texts were removed, want %d", total, texts)
	}
	if n := h.Count(t, `SELECT count(*) FROM transfers WHERE remittance::text <> '{}'`); n != 0 {
		t.Errorf("%d texts are left", n)
	}
}
