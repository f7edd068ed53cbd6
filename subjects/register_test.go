package subjects_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

func subjectOf(g subjects.Grant) string {
	s := g.Subjects[0]
	return s.QRReference + s.Subject + s.Reference
}

func wallets(n int) []bouncetest.Wallet {
	out := make([]bouncetest.Wallet, n)
	for i := range out {
		out[i] = bouncetest.NewWallet(fmt.Sprint("wallet ", i))
	}
	return out
}

func TestS1_EveryFieldAPayerNeeds(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH(), bouncetest.NZ(), bouncetest.X())
	amount := taler.Amount{Currency: "CHF", Value: 10}
	w := bouncetest.NewWallet("w")
	g, err := h.Registry.Register(t.Context(), h.Account(t, "ch"), subjects.Request{AuthorizationPub: w.Pub, CreditAmount: &amount})
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Subjects) != 2 || g.Subjects[0].Type != "CH_QR_BILL" || g.Subjects[1].Type != "RF" {
		t.Fatalf("%+v", g.Subjects)
	}
	qr, rf := g.Subjects[0], g.Subjects[1]
	if len(qr.QRReference) != 27 || *qr.CreditAmount != amount || rf.Reference[:2] != "RF" {
		t.Errorf("%+v", g.Subjects)
	}
	if qr.CreditAccount == rf.CreditAccount {
		t.Error("a QR reference goes to the QR-IBAN, a creditor reference to the plain IBAN")
	}
	if nz := h.Register(t, "nz", w).Subjects[0]; nz.Type != "NZ_SBI" || len(nz.Reference) != 12 {
		t.Errorf("%+v", nz)
	}
	if x := h.Register(t, "x", w).Subjects; x[0].Type != "SIMPLE" || x[1].Type != "URI" || x[1].URI == "" {
		t.Errorf("%+v", x)
	}
	if _, err := h.Registry.Register(t.Context(), h.Account(t, "nz"), subjects.Request{AuthorizationPub: w.Pub, CreditAmount: &amount}); !errors.Is(err, subjects.ErrCurrency) {
		t.Errorf("an amount in another currency: %v", err)
	}
}

// An amount that the subject cannot hold is refused before a subject is spent.
func TestAmountThatSubjectsCannotHold(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.BR())
	for text, want := range map[string]error{"BRL:12.345": wire.ErrAmount, "BRL:4503599627370496": wire.ErrAmount, "BRL:12.34": nil} {
		amount, err := taler.ParseAmount(text)
		if err != nil {
			t.Fatal(err)
		}
		key := bouncetest.NewWallet(text).Pub
		if _, err := h.Registry.Register(t.Context(), h.Account(t, "br"), subjects.Request{AuthorizationPub: key, CreditAmount: &amount}); !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", text, err, want)
		}
		if _, err := h.Registry.Status(t.Context(), h.Account(t, "br"), key); want != nil && !errors.Is(err, subjects.ErrUnknownRegistration) {
			t.Errorf("%s: a subject was spent: %v", text, err)
		}
	}
	h.Register(t, "br", bouncetest.NewWallet("open"))
}

func TestS2_SameKeySameSubject(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	w := bouncetest.NewWallet("w")
	first := h.Register(t, "ch", w)
	again := h.Register(t, "ch", w)
	if !first.Created || again.Created || subjectOf(first) != subjectOf(again) || !first.Expiration.Equal(again.Expiration) {
		t.Errorf("first %+v\nagain %+v", first, again)
	}
	// A one-shot request for a live recurrent key must not change it: anybody
	// can send one, since registrations are not signed.
	g, err := h.Registry.Register(t.Context(), h.Account(t, "ch"), subjects.Request{AuthorizationPub: w.Pub, OneShot: true})
	if err != nil || !g.Recurrent {
		t.Errorf("recurrent %v, error %v", g.Recurrent, err)
	}
	// The subject survives a restart.
	restarted := bouncetest.Open(t, h.URL, bouncetest.CH())
	if g := restarted.Register(t, "ch", w); subjectOf(g) != subjectOf(first) {
		t.Errorf("after a restart the key has another subject")
	}
}

// 64 goroutines that register one key get one subject, and the space loses one
// slot, not 64.
func TestS2_RaceOfOneKey(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Tiny(2))
	w := bouncetest.NewWallet("w")
	var got sync.Map
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			g, err := h.Registry.Register(t.Context(), h.Account(t, "tiny"), subjects.Request{AuthorizationPub: w.Pub})
			if err != nil {
				t.Error(err)
				return
			}
			got.Store(subjectOf(g), true)
		})
	}
	group.Wait()
	n := 0
	got.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d different subjects for one key", n)
	}
	h.Register(t, "tiny", bouncetest.NewWallet("another")) // the second slot is still there
}

// The last slot of a tiny space goes to exactly one of many.
func TestS6_RaceForTheLastSlot(t *testing.T) {
	t.Parallel()
	const size, keys = 3, 64
	h := bouncetest.New(t, bouncetest.Tiny(size))
	var won, refused sync.Map
	var group sync.WaitGroup
	for i, w := range wallets(keys) {
		group.Go(func() {
			g, err := h.Registry.Register(t.Context(), h.Account(t, "tiny"), subjects.Request{AuthorizationPub: w.Pub})
			var later *subjects.RetryLater
			switch {
			case err == nil:
				if _, twice := won.LoadOrStore(subjectOf(g), i); twice {
					t.Errorf("%s was given twice", subjectOf(g))
				}
			case errors.Is(err, subjects.ErrSpaceExhausted) && errors.As(err, &later) && later.After > 0:
				refused.Store(i, true)
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if w, r := count(&won), count(&refused); w != size || r != keys-size {
		t.Errorf("%d won, %d refused", w, r)
	}
}

func count(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

func TestS3_Life(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	w := bouncetest.NewWallet("w")
	g := h.Register(t, "ch", w)
	if life := time.Until(g.Expiration); life < 90*bouncetest.Day-time.Minute || life > 90*bouncetest.Day {
		t.Errorf("the life is %v", life)
	}
	h.Age(t, w.Pub, 50*bouncetest.Day)
	remittance := bouncetest.Remittance(g.Subjects[0])

	h.Receive(t, "ch", bouncetest.Incoming("held", "CHF:5", remittance))
	if s := status(t, h, w); s.Held != 1 || time.Until(s.Expiration) > 41*bouncetest.Day {
		t.Errorf("a held transfer extends nothing: %+v", s)
	}
	h.Map(t, "ch", w, bouncetest.Reserve("1"), time.Now())
	if s := status(t, h, w); time.Until(s.Expiration) < 89*bouncetest.Day {
		t.Errorf("a credit extends to now + life, got %v", s.Expiration)
	}
	h.Age(t, w.Pub, 50*bouncetest.Day)
	h.Map(t, "ch", w, bouncetest.Reserve("2"), time.Now().Add(time.Second))
	h.Receive(t, "ch", bouncetest.Incoming("cent", "CHF:0.99", remittance))
	if s := status(t, h, w); s.Mapping != subjects.MappingUsed || time.Until(s.Expiration) > 41*bouncetest.Day {
		t.Errorf("a credit below the minimum amount extends nothing: %+v", s)
	}
	h.Map(t, "ch", w, bouncetest.Reserve("3"), time.Now().Add(2*time.Second))
	h.Receive(t, "ch", bouncetest.Incoming("franc", "CHF:1", remittance))
	if s := status(t, h, w); time.Until(s.Expiration) < 89*bouncetest.Day {
		t.Errorf("a credit of the minimum amount extends, got %v", s.Expiration)
	}
}

func status(t *testing.T, h *bouncetest.House, w bouncetest.Wallet) subjects.Status {
	t.Helper()
	s, err := h.Registry.Status(t.Context(), h.Registry.Accounts()[0], w.Pub)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestC1_ExpiryIsReadOffTheClock(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	w := bouncetest.NewWallet("w")
	g := h.Register(t, "ch", w)
	h.Age(t, w.Pub, 91*bouncetest.Day)
	if _, err := h.Registry.Status(t.Context(), a, w.Pub); !errors.Is(err, subjects.ErrExpired) {
		t.Errorf("status: %v", err)
	}
	if _, err := h.Registry.Map(t.Context(), a, w.Mapping(a, bouncetest.Reserve("1"), time.Now())); !errors.Is(err, subjects.ErrExpired) {
		t.Errorf("map: %v", err)
	}
	r := h.Receive(t, "ch", bouncetest.Incoming("late", "CHF:5", bouncetest.Remittance(g.Subjects[0])))
	if r[0].Reason != "expired" {
		t.Errorf("transfer: %+v", r[0])
	}
	// During the quarantine nobody else can have the subject, so its owner gets it back.
	again := h.Register(t, "ch", w)
	if !again.Created || subjectOf(again) != subjectOf(g) || time.Until(again.Expiration) < 89*bouncetest.Day {
		t.Errorf("registered again: %+v", again)
	}
}

// S4 and S5 on a space of four: slots are handed out once each, skip what
// lives or is in quarantine, and come back oldest first.
func TestS5_RecyclingOldestFirst(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Tiny(4))
	owners := wallets(7)
	given := map[string]int{}
	for i, w := range owners[:4] {
		given[subjectOf(h.Register(t, "tiny", w))] = i
	}
	if len(given) != 4 {
		t.Fatalf("four slots gave %d subjects", len(given))
	}
	refuse := func(why string) {
		t.Helper()
		_, err := h.Registry.Register(t.Context(), h.Account(t, "tiny"), subjects.Request{AuthorizationPub: owners[4].Pub})
		if !errors.Is(err, subjects.ErrSpaceExhausted) {
			t.Fatalf("%s: %v", why, err)
		}
	}
	refuse("all subjects live")
	h.Age(t, owners[2].Pub, (90+29)*bouncetest.Day)
	h.Age(t, owners[0].Pub, (90+20)*bouncetest.Day)
	refuse("two expired, both in quarantine")
	h.Age(t, owners[2].Pub, 10*bouncetest.Day)
	h.Age(t, owners[0].Pub, 12*bouncetest.Day)
	for i, former := range []int{2, 0} {
		if got := given[subjectOf(h.Register(t, "tiny", owners[4+i]))]; got != former {
			t.Errorf("recycled the subject of wallet %d, the oldest is that of %d", got, former)
		}
	}
	refuseLater := owners[6]
	if _, err := h.Registry.Register(t.Context(), h.Account(t, "tiny"), subjects.Request{AuthorizationPub: refuseLater.Pub}); !errors.Is(err, subjects.ErrSpaceExhausted) {
		t.Errorf("nothing is left: %v", err)
	}
	if _, err := h.Registry.Status(t.Context(), h.Account(t, "tiny"), owners[2].Pub); !errors.Is(err, subjects.ErrUnknownRegistration) {
		t.Errorf("the former owner of a recycled subject: %v", err)
	}
}

// Slots that a crash lost are found when the first lap is over.
func TestS4_LostSlotsComeBack(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Tiny(5))
	h.Exec(t, `UPDATE generations SET cursor = 3`) // as after a crash with three reserved slots
	seen := map[string]bool{}
	for _, w := range wallets(5) {
		seen[subjectOf(h.Register(t, "tiny", w))] = true
	}
	if len(seen) != 5 {
		t.Errorf("a space of five gave %d subjects", len(seen))
	}
}

func TestS4_NothingChangesInPlace(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Tiny(10))
	h.Register(t, "tiny", bouncetest.NewWallet("w"))
	if _, err := bouncetest.TryOpen(t, h.URL, bouncetest.Tiny(11)); err == nil {
		t.Error("the space grew while a subject was live")
	}
	h.Age(t, bouncetest.NewWallet("w").Pub, 91*bouncetest.Day)
	larger := bouncetest.Open(t, h.URL, bouncetest.Tiny(11))
	if n := h.Count(t, `SELECT count(DISTINCT permutation_key) FROM generations`); n != 2 {
		t.Errorf("%d permutation keys for two generations", n)
	}
	// A key whose subject is of the old generation gets one of the new.
	if g := larger.Register(t, "tiny", bouncetest.NewWallet("w")); !g.Created {
		t.Errorf("%+v", g)
	}
	if n := h.Count(t, `SELECT count(*) FROM registrations r JOIN generations g USING (generation_id) WHERE g.size = 11`); n != 1 {
		t.Errorf("%d registrations in the new generation", n)
	}
	euro := bouncetest.Tiny(11)
	euro.Currency = "EUR"
	if _, err := bouncetest.TryOpen(t, h.URL, euro); err == nil {
		t.Error("the account changed its currency")
	}
}

func TestS8_PlainKeyStoresNothing(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.X())
	w := bouncetest.NewWallet("w")
	g := h.Register(t, "x", w)
	if !g.Expiration.IsZero() || len(g.Subjects[0].Subject) != 3+52+6 || g.Subjects[0].Subject[:55] != "MAP"+w.Pub.String() {
		t.Errorf("%+v", g)
	}
	if n := h.Count(t, `SELECT count(*) FROM registrations`); n != 0 {
		t.Errorf("%d rows are stored", n)
	}
	if s := status(t, h, w); s.Mapping != subjects.MappingNone || s.Held != 0 {
		t.Errorf("%+v", s)
	}
}

// A change of the method must not make live subjects unreadable, and what is
// left of the former method must not be in the way of the new one.
func TestS4_MethodDoesNotChangeInPlace(t *testing.T) {
	t.Parallel()
	asPlainKey := bouncetest.X()
	asPlainKey.Name, asPlainKey.Currency = "tiny", "CHF"
	asPlainKey.MinimumExtensionAmount.Currency = "CHF"
	w := bouncetest.NewWallet("w")

	h := bouncetest.New(t, bouncetest.Tiny(10))
	h.Register(t, "tiny", w)
	if _, err := bouncetest.TryOpen(t, h.URL, asPlainKey); err == nil {
		t.Error("short subjects are live, and the method became plain-key")
	}
	h.Age(t, w.Pub, 91*bouncetest.Day)
	plain := bouncetest.Open(t, h.URL, asPlainKey)
	plain.Map(t, "tiny", w, bouncetest.Reserve("1"), time.Now())
	if _, err := bouncetest.TryOpen(t, h.URL, bouncetest.Tiny(10)); err == nil {
		t.Error("keys are live as subjects, and the method became another")
	}
	h.Age(t, w.Pub, 91*bouncetest.Day)
	again := bouncetest.Open(t, h.URL, bouncetest.Tiny(10))
	if g := again.Register(t, "tiny", w); !g.Created {
		t.Errorf("%+v", g)
	}
	status(t, again, w)
}

// Items of a batch do not share their fate: a full account does not change what
// others are told.
func TestS6_FullAccountSpoilsNoOther(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Tiny(1), bouncetest.CH())
	h.Register(t, "tiny", bouncetest.NewWallet("first"))
	var group sync.WaitGroup
	for i, w := range wallets(120) {
		group.Go(func() {
			account := []string{"tiny", "ch"}[i%2]
			g, err := h.Registry.Register(t.Context(), h.Account(t, account), subjects.Request{AuthorizationPub: w.Pub})
			if account == "tiny" && !errors.Is(err, subjects.ErrSpaceExhausted) {
				t.Errorf("full account: %v", err)
			}
			if account == "ch" && (err != nil || !g.Created) {
				t.Errorf("account with room: %+v %v", g, err)
			}
		})
	}
	group.Wait()
}

// Two gateways that register the same keys lose no slots by it.
func TestS4_RacesCostNoSlots(t *testing.T) {
	t.Parallel()
	const keys = 100
	h := bouncetest.New(t, bouncetest.Tiny(keys))
	gates := []*bouncetest.House{h, bouncetest.Open(t, h.URL, bouncetest.Tiny(keys))}
	register := func(gate *bouncetest.House, w bouncetest.Wallet) error {
		_, err := gate.Registry.Register(t.Context(), gate.Account(t, "tiny"), subjects.Request{AuthorizationPub: w.Pub})
		return err
	}
	var group sync.WaitGroup
	for i, w := range wallets(keys) {
		for _, gate := range gates {
			group.Go(func() {
				// The last slots may be in the hands of the other gateway just
				// then, and what it left of them taken when we look.
				if err := register(gate, w); err != nil && !errors.Is(err, subjects.ErrSpaceExhausted) && !errors.Is(err, subjects.ErrContention) {
					t.Errorf("key %d: %v", i, err)
				}
			})
		}
	}
	group.Wait()
	for i, w := range wallets(keys) {
		err := subjects.ErrContention
		for try := 0; try < keys && errors.Is(err, subjects.ErrContention); try++ { // each try does away with some slots that are taken
			if err = register(gates[0], w); err != nil {
				err = register(gates[1], w)
			}
		}
		if err != nil {
			t.Errorf("no slot is left for key %d: %v", i, err)
		}
	}
	if n := h.Count(t, `SELECT count(DISTINCT subject) FROM registrations`); n != keys {
		t.Errorf("%d of %d keys have a subject", n, keys)
	}
}
