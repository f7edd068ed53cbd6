package subjects_test

import (
	"errors"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
)

// prepare registers and maps in one call.
func prepare(t *testing.T, h *bouncetest.House, account string, w bouncetest.Wallet, target subjects.Target, oneShot bool) (subjects.Grant, error) {
	t.Helper()
	return h.Registry.Prepare(t.Context(), h.Account(t, account), w.Preparation(target, oneShot))
}

func mustPrepare(t *testing.T, h *bouncetest.House, account string, w bouncetest.Wallet, target subjects.Target, oneShot bool) wire.Remittance {
	t.Helper()
	grant, err := prepare(t, h, account, w, target, oneShot)
	if err != nil {
		t.Fatal(err)
	}
	return bouncetest.Remittance(grant.Subjects[0])
}

// receiveOne reports one transfer of one franc or euro.
func receiveOne(t *testing.T, h *bouncetest.House, account, ref string, r wire.Remittance) bounce.Result {
	t.Helper()
	return h.Receive(t, account, bouncetest.Incoming(ref, h.Account(t, account).Currency+":1", r))[0]
}

func TestPrepareIsSigned(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	w, other := bouncetest.NewWallet("w"), bouncetest.NewWallet("other")
	good := w.Preparation(bouncetest.Reserve("1"), true)
	for name, spoil := range map[string]func(*subjects.Preparation){
		"key":       func(p *subjects.Preparation) { p.Target = bouncetest.Reserve("2") },
		"signature": func(p *subjects.Preparation) { p.Signature[7] ^= 1 },
		"signer":    func(p *subjects.Preparation) { p.AuthorizationPub = other.Pub },
	} {
		p := good
		spoil(&p)
		if _, err := h.Registry.Prepare(t.Context(), a, p); !errors.Is(err, subjects.ErrBadSignature) {
			t.Errorf("%s changed: %v", name, err)
		}
	}
	if n := h.Count(t, `SELECT count(*) FROM registrations`); n != 0 {
		t.Errorf("%d registrations of refused preparations", n)
	}
}

// The rows of the table that Taler's texts imply: one-shot subjects work once,
// recurrent ones hold what comes before the next account key.
func TestPrepareOneShotAndRecurrent(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"ch", "x"} {
		h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
		w := bouncetest.NewWallet("w")
		subject := mustPrepare(t, h, account, w, bouncetest.Reserve("1"), true)
		check := func(ref string, state bounce.State, reason bounce.Reason) {
			t.Helper()
			if got := receiveOne(t, h, account, ref, subject); got.State != state || got.Reason != reason {
				t.Errorf("%s, %s: %+v, want %s %s", account, ref, got, state, reason)
			}
		}
		check("one-shot, unused", bounce.Credited, "")
		check("one-shot, used", bounce.Bounced, bounce.ReasonReused)
		// A lost answer is asked for again; nothing changes.
		mustPrepare(t, h, account, w, bouncetest.Reserve("1"), true)
		check("one-shot, used, asked again", bounce.Bounced, bounce.ReasonReused)
		// Another account key makes the subject usable again.
		mustPrepare(t, h, account, w, bouncetest.Reserve("2"), true)
		check("one-shot, prepared anew", bounce.Credited, "")

		mustPrepare(t, h, account, w, bouncetest.Reserve("3"), false)
		check("recurrent, unused", bounce.Credited, "")
		check("recurrent, used", bounce.Held, "")
		mustPrepare(t, h, account, w, bouncetest.Reserve("4"), false)
		history := h.History(t, account)
		if len(history) != 4 || history[3].Target != bouncetest.Reserve("4") {
			t.Errorf("%s: history %+v", account, history)
		}
		check("recurrent, used by what was held", bounce.Held, "")
	}
}

func TestPrepareReplaces(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	w := bouncetest.NewWallet("w")
	first := mustPrepare(t, h, "ch", w, bouncetest.Reserve("1"), false)
	second := mustPrepare(t, h, "ch", w, bouncetest.KYC("2"), true)
	if first.Structured[0] != second.Structured[0] {
		t.Errorf("the same key got %v and %v", first, second)
	}
	receiveOne(t, h, "ch", "a", first)
	if got := h.History(t, "ch"); len(got) != 1 || got[0].Target != bouncetest.KYC("2") {
		t.Errorf("%+v", got)
	}
	if got := receiveOne(t, h, "ch", "b", first); got.Reason != bounce.ReasonReused {
		t.Errorf("it became one-shot: %+v", got)
	}
	// A KYC key may be prepared again and again.
	mustPrepare(t, h, "ch", w, bouncetest.KYC("2"), true)
	if got := receiveOne(t, h, "ch", "c", first); got.State != bounce.Credited {
		t.Errorf("%+v", got)
	}
}

// Each reserve key is promised once: not what was credited, however, nor what
// waits under another authorization key.
func TestPrepareReserveKeyOnce(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
	w, other := bouncetest.NewWallet("w"), bouncetest.NewWallet("other")
	refused := func(account string, w bouncetest.Wallet, name string) {
		t.Helper()
		if _, err := prepare(t, h, account, w, bouncetest.Reserve(name), true); !errors.Is(err, subjects.ErrReserveReused) {
			t.Errorf("%s on %s: %v", name, account, err)
		}
	}
	subject := mustPrepare(t, h, "ch", w, bouncetest.Reserve("1"), false)
	refused("ch", other, "1")
	refused("x", w, "1")
	receiveOne(t, h, "ch", "a", subject)
	refused("ch", other, "1")
	mustPrepare(t, h, "ch", w, bouncetest.Reserve("2"), false)
	refused("ch", w, "1") // it was credited, and is not what is mapped now
	if n := h.Count(t, `SELECT count(*) FROM registrations`); n != 1 {
		t.Errorf("%d registrations, want 1", n)
	}
	// What was promised to a registration that is over is free.
	h.Age(t, w.Pub, 100*bouncetest.Day)
	if _, err := prepare(t, h, "ch", other, bouncetest.Reserve("2"), true); err != nil {
		t.Errorf("after the expiry: %v", err)
	}
}

// M1 over both dialects: a native mapping that was signed before a preparation
// never replaces it, one signed after does, and a preparation always does.
func TestM1_PreparationsAndMappings(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	a := h.Account(t, "ch")
	w := bouncetest.NewWallet("w")
	now := time.Now()
	stored := func(want string) {
		t.Helper()
		target := bouncetest.Reserve(want)
		if n := h.Count(t, `SELECT count(*) FROM mappings WHERE account_pub = $1 AND transfer_id IS NULL`, target.AccountPub[:]); n != 1 {
			t.Errorf("%s is not what is mapped", want)
		}
	}
	mustPrepare(t, h, "ch", w, bouncetest.Reserve("1"), false)
	if err := tryMap(t, h, "ch", w.Mapping(a, bouncetest.Reserve("2"), now.Add(-time.Minute))); !errors.Is(err, subjects.ErrOldTimestamp) {
		t.Errorf("signed before the preparation: %v", err)
	}
	stored("1")
	ahead := w.Mapping(a, bouncetest.Reserve("3"), now.Add(time.Hour))
	if err := tryMap(t, h, "ch", ahead); err != nil {
		t.Fatal(err)
	}
	stored("3")
	mustPrepare(t, h, "ch", w, bouncetest.Reserve("4"), false)
	stored("4")
	if err := tryMap(t, h, "ch", ahead); !errors.Is(err, subjects.ErrOldTimestamp) {
		t.Errorf("replay of a mapping from a clock that is ahead: %v", err)
	}
	if err := tryMap(t, h, "ch", w.Mapping(a, bouncetest.Reserve("5"), now.Add(time.Hour+time.Second))); err != nil {
		t.Errorf("signed after: %v", err)
	}
	stored("5")
}

// Where a subject costs something and no proof is there, the account key itself
// is the subject, once; nothing is stored.
func TestPrepareWithoutProof(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Priced(bouncetest.CH()))
	w := bouncetest.NewWallet("w")
	if _, err := prepare(t, h, "ch", w, bouncetest.Reserve("1"), false); !errors.Is(err, subjects.ErrProofRequired) {
		t.Errorf("recurrent: %v", err)
	}
	subject := mustPrepare(t, h, "ch", w, bouncetest.Reserve("1"), true)
	if n := h.Count(t, `SELECT count(*) FROM registrations`); n != 0 {
		t.Errorf("%d registrations", n)
	}
	if got := receiveOne(t, h, "ch", "a", subject); got.State != bounce.Credited {
		t.Errorf("%+v", got)
	}
	if got := receiveOne(t, h, "ch", "b", subject); got.Reason != bounce.ReasonReserveReused {
		t.Errorf("%+v", got)
	}
	if _, err := prepare(t, h, "ch", w, bouncetest.Reserve("1"), true); !errors.Is(err, subjects.ErrReserveReused) {
		t.Errorf("a used key: %v", err)
	}
	if got := h.History(t, "ch"); len(got) != 1 || got[0].Target != bouncetest.Reserve("1") {
		t.Errorf("%+v", got)
	}
	kyc := mustPrepare(t, h, "ch", w, bouncetest.KYC("1"), true)
	for _, ref := range []string{"c", "d"} {
		if got := receiveOne(t, h, "ch", ref, kyc); got.State != bounce.Credited {
			t.Errorf("%+v", got)
		}
	}
}

func TestPrepareAndEnd(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"ch", "x"} {
		h := bouncetest.New(t, bouncetest.CH(), bouncetest.X())
		a := h.Account(t, account)
		w := bouncetest.NewWallet("w")
		subject := mustPrepare(t, h, account, w, bouncetest.Reserve("1"), false)
		if got := receiveOne(t, h, account, "a", subject); got.State != bounce.Credited {
			t.Fatalf("%+v", got)
		}
		receiveOne(t, h, account, "held", subject)
		now := time.Now()
		end := func(e subjects.Ending) error { return h.Registry.EndPrepared(t.Context(), a, e) }
		broken := w.Ending(now)
		broken.Signature[3] ^= 1
		if err := end(broken); !errors.Is(err, subjects.ErrBadSignature) {
			t.Errorf("%s: broken signature: %v", account, err)
		}
		if err := end(w.Ending(now.Add(-time.Hour))); !errors.Is(err, subjects.ErrOldTimestamp) {
			t.Errorf("%s: from before the registration: %v", account, err)
		}
		if err := end(w.Ending(now)); err != nil {
			t.Fatalf("%s: %v", account, err)
		}
		if err := end(w.Ending(now)); !errors.Is(err, subjects.ErrExpired) {
			t.Errorf("%s: again: %v", account, err)
		}
		if n := h.Count(t, `SELECT count(*) FROM transfers WHERE state = 'bounced' AND reason = 'unregistered'`); n != 1 {
			t.Errorf("%s: the held transfer did not go back", account)
		}
		// A new life of the same key finds nothing of the old one.
		if err := tryMap(t, h, account, w.Mapping(a, bouncetest.Reserve("1"), now)); err == nil {
			t.Errorf("%s: a mapping of the former life came back", account)
		}
		mustPrepare(t, h, account, w, bouncetest.Reserve("2"), false)
		if got := receiveOne(t, h, account, "b", subject); got.State != bounce.Credited {
			t.Errorf("%s: after preparing anew: %+v", account, got)
		}
	}
}
