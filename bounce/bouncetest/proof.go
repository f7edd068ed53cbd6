package bouncetest

import (
	"context"
	"testing"
	"time"

	"github.com/shortwire/shortwire/pow"
	"github.com/shortwire/shortwire/subjects"
)

// Priced asks a price for the subjects of an account, by the default law but in
// coins a thousand times smaller: a proof takes milliseconds.
func Priced(a subjects.Account) subjects.Account {
	law := pow.DefaultLaw()
	law.Base = 4
	a.Pricing = &subjects.Pricing{
		Params:   pow.Params{MemoryKiB: 8, Time: 1, SubProofs: 2},
		SealBits: 4, Law: law, Grace: pow.DefaultGrace(), Reuse: 180 * Day,
	}
	return a
}

// Solve finds a proof for a wallet as the offer asks, with today's salt, or that
// of so many days before.
func Solve(t testing.TB, offer *subjects.Offer, w Wallet, daysBefore int) *subjects.Proof {
	t.Helper()
	return SolveFor(t, offer, w, daysBefore, offer.Difficulty)
}

// SolveFor is Solve for another difficulty than the one asked for.
func SolveFor(t testing.TB, offer *subjects.Offer, w Wallet, daysBefore int, difficulty uint64) *subjects.Proof {
	t.Helper()
	epoch := offer.Epochs[daysBefore]
	solution, err := pow.Solve(context.Background(), pow.Challenge{
		Params: offer.Params, Realm: offer.Realm, Epoch: epoch.Epoch, Salt: epoch.Salt, AuthorizationPub: w.Pub, Difficulty: difficulty,
	}, pow.SolveOptions{SealBits: offer.SealBits})
	if err != nil {
		t.Fatal(err)
	}
	return &subjects.Proof{Epoch: epoch.Epoch, Difficulty: difficulty, Solution: solution.String()}
}

// Offer asks what a subject costs.
func (h *House) Offer(t testing.TB, account string) *subjects.Offer {
	t.Helper()
	offer, err := h.Registry.Offer(t.Context(), h.Account(t, account))
	if err != nil {
		t.Fatal(err)
	}
	return offer
}

// Present registers a wallet with a proof; nil is none.
func (h *House) Present(t testing.TB, account string, w Wallet, proof *subjects.Proof) (subjects.Grant, error) {
	t.Helper()
	return h.Registry.Register(t.Context(), h.Account(t, account), subjects.Request{AuthorizationPub: w.Pub, Proof: proof})
}

// Pay registers a wallet with a fresh proof at the present price.
func (h *House) Pay(t testing.TB, account string, w Wallet) subjects.Grant {
	t.Helper()
	g, err := h.Present(t, account, w, Solve(t, h.Offer(t, account), w, 0))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Reprice publishes the price of the moment, as the schedule does.
func (h *House) Reprice(t testing.TB) {
	t.Helper()
	if err := h.Registry.Reprice(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Minute and Hour are what clocks are moved by.
const (
	Minute = time.Minute
	Hour   = time.Hour
)
