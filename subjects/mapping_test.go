package subjects_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
)

func tryMap(t *testing.T, h *bouncetest.House, account string, m subjects.Mapping) error {
	t.Helper()
	_, err := h.Registry.Map(t.Context(), h.Account(t, account), m)
	return err
}

func TestM1_SignatureAndTimestamp(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
	ch := h.Account(t, "ch")
	w := bouncetest.NewWallet("w")
	now := time.Now()
	good := w.Mapping(ch, bouncetest.Reserve("1"), now)
	if err := tryMap(t, h, "ch", good); !errors.Is(err, subjects.ErrUnknownRegistration) {
		t.Errorf("before the registration: %v", err)
	}
	h.Register(t, "ch", w)
	for name, spoil := range map[string]func(*subjects.Mapping){
		"type":      func(m *subjects.Mapping) { m.Target.Type = subjects.CreditKYC },
		"key":       func(m *subjects.Mapping) { m.Target.AccountPub[0] ^= 1 },
		"timestamp": func(m *subjects.Mapping) { m.Timestamp = m.Timestamp.Add(time.Second) },
		"signature": func(m *subjects.Mapping) { m.Signature[5] ^= 1 },
		"signer":    func(m *subjects.Mapping) { m.AuthorizationPub = bouncetest.NewWallet("other").Pub },
		"account":   func(m *subjects.Mapping) { *m = w.Mapping(h.Account(t, "x"), m.Target, now) },
	} {
		m := good
		spoil(&m)
		if err := tryMap(t, h, "ch", m); !errors.Is(err, subjects.ErrBadSignature) {
			t.Errorf("%s changed: %v", name, err)
		}
	}
	if err := tryMap(t, h, "ch", good); err != nil {
		t.Fatal(err)
	}
	if err := tryMap(t, h, "ch", good); err != nil {
		t.Errorf("the same mapping again: %v", err)
	}
	for name, m := range map[string]subjects.Mapping{
		"older":               w.Mapping(ch, bouncetest.Reserve("2"), now.Add(-time.Second)),
		"equally old, other":  w.Mapping(ch, bouncetest.Reserve("2"), now),
		"older, same content": w.Mapping(ch, bouncetest.Reserve("1"), now.Add(-time.Second)),
	} {
		if err := tryMap(t, h, "ch", m); !errors.Is(err, subjects.ErrOldTimestamp) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := tryMap(t, h, "ch", w.Mapping(ch, bouncetest.Reserve("2"), now.Add(48*time.Hour))); !errors.Is(err, subjects.ErrFutureTimestamp) {
		t.Errorf("from the future: %v", err)
	}
}

func TestM2_UsedOnceAndReplaced(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"ch", "nz", "x"} {
		h := bouncetest.New(t, bouncetest.CH(), bouncetest.NZ(), bouncetest.X())
		w := bouncetest.NewWallet("w")
		g := h.Register(t, account, w)
		now := time.Now()
		h.Map(t, account, w, bouncetest.Reserve("1"), now)
		h.Map(t, account, w, bouncetest.Reserve("2"), now.Add(time.Second)) // replaces the unused one
		unit := h.Account(t, account).Currency + ":5"
		got := h.Receive(t, account,
			bouncetest.Incoming("a", unit, bouncetest.Remittance(g.Subjects[0])),
			bouncetest.Incoming("b", unit, bouncetest.Remittance(g.Subjects[0])))
		if got[0].State != bounce.Credited || got[1].State != bounce.Held {
			t.Errorf("%s: %+v", account, got)
		}
		history := h.History(t, account)
		if len(history) != 1 || history[0].Target != bouncetest.Reserve("2") || *history[0].AuthorizationPub != w.Pub {
			t.Errorf("%s: %+v", account, history)
		}
	}
}

// An unused mapping ends with the registration: neither an expired life nor a
// replay of its signature brings it back.
func TestM2_EndsWithTheRegistration(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"ch", "x"} {
		h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
		a := h.Account(t, account)
		w := bouncetest.NewWallet("w")
		g := h.Register(t, account, w)
		old := w.Mapping(a, bouncetest.Reserve("1"), time.Now())
		if err := tryMap(t, h, account, old); err != nil {
			t.Fatal(err)
		}
		h.Age(t, w.Pub, 91*bouncetest.Day)
		h.Register(t, account, w)
		got := h.Receive(t, account, bouncetest.Incoming("a", a.Currency+":5", bouncetest.Remittance(g.Subjects[0])))
		if got[0].State != bounce.Held {
			t.Errorf("%s: the mapping of the former life credited: %+v", account, got)
		}
		if err := tryMap(t, h, account, old); !errors.Is(err, subjects.ErrOldTimestamp) {
			t.Errorf("%s: replay of the former life's mapping: %v", account, err)
		}
	}
}

func TestM3_ReserveKeyOnceKYCKeyOften(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
	ch := h.Account(t, "ch")
	w, v := bouncetest.NewWallet("w"), bouncetest.NewWallet("v")
	g, gv := h.Register(t, "ch", w), h.Register(t, "x", v)
	now := time.Now()
	// Two registrations on two accounts map one reserve key: the first credit wins.
	h.Map(t, "ch", w, bouncetest.Reserve("1"), now)
	h.Map(t, "x", v, bouncetest.Reserve("1"), now)
	h.Receive(t, "ch", bouncetest.Incoming("a", "CHF:5", bouncetest.Remittance(g.Subjects[0])))
	got := h.Receive(t, "x", bouncetest.Incoming("b", "EUR:5", bouncetest.Remittance(gv.Subjects[0])))
	if got[0].Reason != bounce.ReasonReserveReused {
		t.Errorf("second registration: %+v", got)
	}
	// The legacy way in and a new mapping are refused as well.
	got = h.Receive(t, "x", bouncetest.Incoming("c", "EUR:5", wire.Remittance{Unstructured: []string{bouncetest.Reserve("1").AccountPub.String()}}))
	if got[0].Reason != bounce.ReasonReserveReused {
		t.Errorf("legacy: %+v", got)
	}
	if err := tryMap(t, h, "ch", w.Mapping(ch, bouncetest.Reserve("1"), now.Add(time.Second))); !errors.Is(err, subjects.ErrReserveReused) {
		t.Errorf("mapped again: %v", err)
	}
	for i := range 3 {
		h.Map(t, "x", v, bouncetest.KYC("k"), now.Add(time.Duration(i+1)*time.Second))
		got := h.Receive(t, "x", bouncetest.Incoming(fmt.Sprint("kyc", i), "EUR:5", bouncetest.Remittance(gv.Subjects[0])))
		if got[0].State != bounce.Credited {
			t.Errorf("KYC key, time %d: %+v", i, got)
		}
	}
}

func TestM4_MappingCreditsTheOldestHeld(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"ch", "nz", "x"} {
		h := bouncetest.New(t, bouncetest.CH(), bouncetest.NZ(), bouncetest.X())
		a := h.Account(t, account)
		w := bouncetest.NewWallet("w")
		remittance := bouncetest.Remittance(h.Register(t, account, w).Subjects[0])
		for i, ref := range []string{"overdue", "first", "second"} {
			r := h.Receive(t, account, bouncetest.Incoming(ref, fmt.Sprint(a.Currency, ":", i+1), remittance))
			if r[0].State != bounce.Held || r[0].HoldUntil.IsZero() {
				t.Fatalf("%s %s: %+v", account, ref, r)
			}
		}
		h.EndHold(t, "overdue") // its time is over although no sweeper came by (C1)
		m := w.Mapping(a, bouncetest.Reserve("1"), time.Now())
		done, err := h.Registry.Map(t.Context(), a, m)
		if err != nil || done.Credited != 1 {
			t.Fatalf("%s: %+v %v", account, done, err)
		}
		history := h.History(t, account)
		if len(history) != 1 || history[0].Amount.Value != 2 || history[0].Target != m.Target || *history[0].AuthorizationSig != m.Signature {
			t.Errorf("%s: %+v", account, history)
		}
		if again, err := h.Registry.Map(t.Context(), a, m); err != nil || again.Credited != 1 {
			t.Errorf("%s: the same mapping again answers %+v %v", account, again, err)
		}
		if len(h.History(t, account)) != 1 {
			t.Errorf("%s: the same mapping credited twice", account)
		}
		if s := statusOf(t, h, account, w); s.Held != 1 || s.Mapping != subjects.MappingUsed {
			t.Errorf("%s: %+v", account, s)
		}
		h.Map(t, account, w, bouncetest.Reserve("2"), time.Now().Add(time.Second))
		if history := h.History(t, account); len(history) != 2 || history[1].Amount.Value != 3 {
			t.Errorf("%s: %+v", account, history)
		}
	}
}

func statusOf(t *testing.T, h *bouncetest.House, account string, w bouncetest.Wallet) subjects.Status {
	t.Helper()
	s, err := h.Registry.Status(t.Context(), h.Account(t, account), w.Pub)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A mapping and a transfer that arrive together credit exactly once, whichever
// is first, and leave neither a pending mapping nor a held transfer.
func TestM4_RaceOfMappingAndTransfer(t *testing.T) {
	t.Parallel()
	const rounds = 150
	for _, account := range []string{"ch", "x"} {
		h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
		a := h.Account(t, account)
		for i := range rounds {
			w := bouncetest.NewWallet(fmt.Sprint("w", i))
			remittance := bouncetest.Remittance(h.Register(t, account, w).Subjects[0])
			m := w.Mapping(a, bouncetest.Reserve(fmt.Sprint(i)), time.Now())
			var group sync.WaitGroup
			group.Go(func() {
				if err := tryMap(t, h, account, m); err != nil {
					t.Error(err)
				}
			})
			group.Go(func() {
				if _, err := h.Desk.Receive(t.Context(), a, []bounce.Transfer{bouncetest.Incoming(fmt.Sprint("t", i), a.Currency+":5", remittance)}); err != nil {
					t.Error(err)
				}
			})
			group.Wait()
		}
		if n := h.Count(t, `SELECT count(*) FROM transfers WHERE state = 'credited'`); n != rounds {
			t.Errorf("%s: %d of %d are credited", account, n, rounds)
		}
		if n := len(h.History(t, account)); n != rounds {
			t.Errorf("%s: the history has %d rows", account, n)
		}
		if n := h.Count(t, `SELECT count(*) FROM mappings WHERE transfer_id IS NULL`); n != 0 {
			t.Errorf("%s: %d mappings are left over", account, n)
		}
	}
}

func TestMappingsTellWhatUsedThem(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	w, v := bouncetest.NewWallet("w"), bouncetest.NewWallet("v")
	now := time.Now()
	remittance := bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
	h.Register(t, "ch", v)
	h.Map(t, "ch", w, bouncetest.Reserve("1"), now)
	h.Receive(t, "ch", bouncetest.Incoming("a", "CHF:5", remittance))
	h.Map(t, "ch", w, bouncetest.Reserve("2"), now.Add(time.Second))
	h.Map(t, "ch", v, bouncetest.KYC("3"), now)
	ask := func(q subjects.MappingQuery) []subjects.MappingRecord {
		t.Helper()
		q.Limit = 10
		records, err := h.Registry.Mappings(t.Context(), a, q)
		if err != nil {
			t.Fatal(err)
		}
		return records
	}
	if all := ask(subjects.MappingQuery{}); len(all) != 3 || all[2].State != subjects.MappingUsed || all[2].RowID != 1 || all[2].BankRef != "a" {
		t.Errorf("%+v", all)
	}
	if mine := ask(subjects.MappingQuery{AuthorizationPub: &w.Pub, State: subjects.MappingPending}); len(mine) != 1 || mine[0].Target != bouncetest.Reserve("2") {
		t.Errorf("%+v", mine)
	}
	key := bouncetest.KYC("3").AccountPub
	if one := ask(subjects.MappingQuery{AccountPub: &key}); len(one) != 1 || one[0].AuthorizationPub != v.Pub {
		t.Errorf("%+v", one)
	}
}
