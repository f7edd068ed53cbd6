package subjects_test

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

func unregister(t *testing.T, h *bouncetest.House, account string, w bouncetest.Wallet, at time.Time) (subjects.Unregistered, error) {
	t.Helper()
	a := h.Account(t, account)
	return h.Registry.Unregister(t.Context(), a, w.Unregistration(a, at))
}

// An unregistration ends everything at once: the mapping is void, held
// transfers go back, and the subject answers like any other expired one.
func TestUnregisterEndsTheLife(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	w := bouncetest.NewWallet("w")
	remittance := bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
	anonymous := bouncetest.Incoming("counter", "CHF:3", remittance)
	anonymous.Debtor = nil
	h.Receive(t, "ch", bouncetest.Incoming("held", "CHF:1", remittance), anonymous, bouncetest.Incoming("late", "CHF:2", remittance))
	h.EndHold(t, "late")
	now := time.Now()
	done, err := unregister(t, h, "ch", w, now)
	if err != nil || done.Returned != 2 || done.Repeated { // the late one had gone already
		t.Fatalf("%+v %v", done, err)
	}
	// Nothing is left for the sweeper.
	if n := h.Count(t, `SELECT count(*) FROM transfers WHERE state = 'held'`); n != 0 {
		t.Errorf("%d transfers are still held", n)
	}
	if n := h.Count(t, `SELECT count(*) FROM payments`); n != 2 {
		t.Errorf("%d payments", n)
	}
	got := h.Receive(t, "ch", bouncetest.Incoming("held", "CHF:1", remittance), anonymous, bouncetest.Incoming("late", "CHF:2", remittance), bouncetest.Incoming("after", "CHF:4", remittance))
	for i, want := range []bounce.Result{
		{State: bounce.Bounced, Reason: bounce.ReasonUnregistered}, {State: bounce.Manual, Reason: bounce.ReasonUnregistered},
		{State: bounce.Bounced, Reason: bounce.ReasonUnmapped}, {State: bounce.Bounced, Reason: bounce.ReasonExpired},
	} {
		if got[i].State != want.State || got[i].Reason != want.Reason {
			t.Errorf("item %d: %+v, want %+v", i, got[i], want)
		}
	}
	if _, err := h.Registry.Status(t.Context(), a, w.Pub); !errors.Is(err, subjects.ErrExpired) {
		t.Errorf("status: %v", err)
	}
	if err := tryMap(t, h, "ch", w.Mapping(a, bouncetest.Reserve("1"), now)); !errors.Is(err, subjects.ErrExpired) {
		t.Errorf("mapping: %v", err)
	}
	// Once more, after a lost answer.
	if done, err := unregister(t, h, "ch", w, now); err != nil || !done.Repeated || done.Returned != 0 {
		t.Errorf("again: %+v %v", done, err)
	}
	if _, err := unregister(t, h, "ch", w, now.Add(time.Second)); !errors.Is(err, subjects.ErrExpired) {
		t.Errorf("another one: %v", err)
	}
}

func TestUnregisterIsSigned(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH(), bouncetest.NZ())
	a := h.Account(t, "ch")
	w := bouncetest.NewWallet("w")
	now := time.Now()
	if _, err := unregister(t, h, "ch", w, now); !errors.Is(err, subjects.ErrUnknownRegistration) {
		t.Errorf("before the registration: %v", err)
	}
	h.Register(t, "ch", w)
	good := w.Unregistration(a, now)
	for name, spoil := range map[string]func(*subjects.Unregistration){
		"timestamp": func(u *subjects.Unregistration) { u.Timestamp = u.Timestamp.Add(time.Second) },
		"signature": func(u *subjects.Unregistration) { u.Signature[5] ^= 1 },
		"signer":    func(u *subjects.Unregistration) { u.AuthorizationPub = bouncetest.NewWallet("other").Pub },
		"account":   func(u *subjects.Unregistration) { *u = w.Unregistration(h.Account(t, "nz"), now) },
		"mapping": func(u *subjects.Unregistration) {
			m := w.Mapping(a, bouncetest.Reserve("1"), now)
			u.Timestamp, u.Signature = m.Timestamp, m.Signature
		},
	} {
		u := good
		spoil(&u)
		if _, err := h.Registry.Unregister(t.Context(), a, u); !errors.Is(err, subjects.ErrBadSignature) {
			t.Errorf("%s changed: %v", name, err)
		}
	}
	if _, err := unregister(t, h, "ch", w, now.Add(48*time.Hour)); !errors.Is(err, subjects.ErrFutureTimestamp) {
		t.Errorf("from the future: %v", err)
	}
	if _, err := h.Registry.Status(t.Context(), a, w.Pub); err != nil {
		t.Errorf("a refused unregistration ended the registration: %v", err)
	}
}

// A signature ends one life, never a later one: not one that was used, even
// within the same second or with a clock that is ahead, and not one that was
// signed before the life began and delivered late.
func TestUnregisterIsNeverReplayed(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"ch", "x"} {
		h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
		w := bouncetest.NewWallet("w")
		revive := func(target string, at time.Time) {
			t.Helper()
			h.Register(t, account, w)
			h.Map(t, account, w, bouncetest.Reserve(target), at)
		}
		now := time.Now()
		revive("1", now)
		ahead := now.Add(3 * time.Hour)
		if _, err := unregister(t, h, account, w, ahead); err != nil {
			t.Fatal(err)
		}
		revive("2", now.Add(time.Second))
		for name, at := range map[string]time.Time{"used": ahead, "older": ahead.Add(-time.Second), "from before this life": now.Add(-time.Minute)} {
			if _, err := unregister(t, h, account, w, at); !errors.Is(err, subjects.ErrOldTimestamp) {
				t.Errorf("%s, %s: %v", account, name, err)
			}
		}
		if s, err := h.Registry.Status(t.Context(), h.Account(t, account), w.Pub); err != nil || s.Mapping != subjects.MappingPending {
			t.Errorf("%s: the second life is %+v %v", account, s, err)
		}
		if _, err := unregister(t, h, account, w, ahead.Add(time.Second)); err != nil {
			t.Errorf("%s: the second life cannot be ended: %v", account, err)
		}
	}
}

// A mapping ends with the life it was made in: a new life of the same key finds
// none, and the signature of the old one does not bring it back (M1, M2).
func TestUnregisterFreesTheMapping(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"ch", "x"} {
		h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
		a := h.Account(t, account)
		w := bouncetest.NewWallet("w")
		subject := h.Register(t, account, w).Subjects[0]
		now := time.Now()
		old := w.Mapping(a, bouncetest.Reserve("1"), now)
		if err := tryMap(t, h, account, old); err != nil {
			t.Fatal(err)
		}
		if _, err := unregister(t, h, account, w, now); err != nil {
			t.Fatal(err)
		}
		h.Register(t, account, w)
		got := h.Receive(t, account, bouncetest.Incoming("a", a.Currency+":5", bouncetest.Remittance(subject)))
		if got[0].State != bounce.Held {
			t.Errorf("%s: %+v", account, got)
		}
		if err := tryMap(t, h, account, old); !errors.Is(err, subjects.ErrOldTimestamp) {
			t.Errorf("%s: replay of the former life's mapping: %v", account, err)
		}
		if h.Map(t, account, w, bouncetest.Reserve("2"), now.Add(time.Second)) != 1 {
			t.Errorf("%s: a new mapping does not credit", account)
		}
	}
}

// The subject of an ended registration is a blocker for the quarantine, counted
// from its end, and then goes to somebody else.
func TestS5_UnregisteredSubjectsAreQuarantined(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Tiny(1))
	w, next := bouncetest.NewWallet("w"), bouncetest.NewWallet("next")
	first := h.Register(t, "tiny", w)
	if _, err := unregister(t, h, "tiny", w, time.Now()); err != nil {
		t.Fatal(err)
	}
	_, err := h.Registry.Register(t.Context(), h.Account(t, "tiny"), subjects.Request{AuthorizationPub: next.Pub})
	var later *subjects.RetryLater
	if !errors.As(err, &later) || !errors.Is(err, subjects.ErrSpaceExhausted) || later.After < 23*time.Hour {
		t.Errorf("in quarantine: %v", err)
	}
	h.Exec(t, `UPDATE registrations SET due_day = due_day - 32`)
	if got := h.Register(t, "tiny", next); got.Subjects[0].Subject != first.Subjects[0].Subject {
		t.Errorf("after the quarantine: %+v", got)
	}
}

// Transfers arrive while the registration ends: each goes back, once, and none
// is left waiting under it.
func TestUnregisterRacesWithTransfers(t *testing.T) {
	t.Parallel()
	const rounds = 40
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	for i := range rounds {
		w := bouncetest.NewWallet(fmt.Sprint("w", i))
		remittance := bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
		h.Receive(t, "ch", bouncetest.Incoming(fmt.Sprint("a", i), "CHF:1", remittance))
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := h.Registry.Unregister(t.Context(), a, w.Unregistration(a, time.Now())); err != nil {
				t.Error(err)
			}
		})
		group.Go(func() { h.Receive(t, "ch", bouncetest.Incoming(fmt.Sprint("b", i), "CHF:1", remittance)) })
		group.Go(func() {
			_, err := h.Registry.Map(t.Context(), a, w.Mapping(a, bouncetest.Reserve(fmt.Sprint(i)), time.Now()))
			if err != nil && !errors.Is(err, subjects.ErrExpired) {
				t.Error(err)
			}
		})
		group.Wait()
	}
	if n := h.Count(t, `SELECT count(*) FROM transfers WHERE state = 'held'`); n != 0 {
		t.Errorf("%d transfers wait under ended registrations", n)
	}
	if n := h.Count(t, `SELECT count(*) FROM transfers t WHERE (state = 'bounced') <> EXISTS (SELECT FROM payments p WHERE p.transfer_id = t.transfer_id)`); n != 0 {
		t.Errorf("%d transfers are bounced without a payment, or paid without being bounced", n)
	}
}
