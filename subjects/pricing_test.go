package subjects_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/pow"
	"github.com/shortwire/shortwire/subjects"
)

func wallet(n int) bouncetest.Wallet { return bouncetest.NewWallet(fmt.Sprint("wallet ", n)) }

// lacking returns what an error says is not enough, with the sentinel.
func lacking(t *testing.T, err error) (reason string, sentinel error) {
	t.Helper()
	var short *subjects.ProofError
	if !errors.As(err, &short) {
		t.Fatalf("no ProofError: %v", err)
	}
	if short.Offer == nil || short.Offer.Difficulty == 0 {
		t.Error("the error does not say what would be enough")
	}
	reason, _, _ = strings.Cut(short.Reason, ":")
	return reason, short.Err
}

func TestS9_NewKeysNeedAProof(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Priced(bouncetest.CH()), bouncetest.X())
	w := wallet(1)
	_, err := h.Present(t, "ch", w, nil)
	if reason, sentinel := lacking(t, err); sentinel != subjects.ErrProofRequired || reason != "" {
		t.Errorf("without a proof: %v", err)
	}
	offer := h.Offer(t, "ch")
	if offer.Difficulty != 4 || len(offer.Epochs) != 2 || offer.Epochs[1].Epoch+1 != offer.Epochs[0].Epoch {
		t.Errorf("the offer is %+v", offer)
	}
	first, err := h.Present(t, "ch", w, bouncetest.Solve(t, offer, w, 0))
	if err != nil || !first.Created {
		t.Fatalf("with a proof: %v", err)
	}
	if _, err := h.Present(t, "ch", wallet(2), bouncetest.Solve(t, offer, wallet(2), 1)); err != nil {
		t.Errorf("with the salt of yesterday: %v", err)
	}
	if offer := h.Offer(t, "x"); offer != nil {
		t.Errorf("a method that stores nothing asks for %+v", offer)
	}
	if _, err := h.Present(t, "x", w, nil); err != nil {
		t.Errorf("a method that stores nothing: %v", err)
	}
}

// A key that is live needs no proof, and a bad one does not hurt it: it may have
// been good when the answer got lost.
func TestS2_LiveKeyNeedsNoProof(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Priced(bouncetest.CH()))
	w := wallet(1)
	first := h.Pay(t, "ch", w)
	for name, proof := range map[string]*subjects.Proof{
		"none":          nil,
		"not a proof":   {Epoch: 1, Difficulty: 1, Solution: "?"},
		"of a long ago": {Epoch: 1, Difficulty: 1, Solution: strings.Repeat("A", 75)},
	} {
		again, err := h.Present(t, "ch", w, proof)
		if err != nil || again.Created || subjectOf(again) != subjectOf(first) {
			t.Errorf("%s: %+v, %v", name, again, err)
		}
	}
}

// What a proof is bound to cannot be changed afterwards, and each lie is called
// by its name.
func TestS9_ProofsOfSomethingElse(t *testing.T) {
	t.Parallel()
	other := bouncetest.Priced(bouncetest.NZ())
	h := bouncetest.New(t, bouncetest.Priced(bouncetest.CH()), other)
	w := wallet(1)
	offer := h.Offer(t, "ch")
	good := func() *subjects.Proof { return bouncetest.SolveFor(t, offer, w, 0, 64) }
	change := func(do func(*subjects.Proof)) *subjects.Proof { p := good(); do(p); return p }
	for name, c := range map[string]struct {
		proof *subjects.Proof
		want  error
	}{
		"another key":        {bouncetest.SolveFor(t, offer, wallet(2), 0, 64), pow.ErrSeal},
		"another account":    {bouncetest.SolveFor(t, h.Offer(t, "nz"), w, 0, 64), pow.ErrSeal},
		"another epoch":      {change(func(p *subjects.Proof) { p.Epoch-- }), pow.ErrSeal},
		"a lower claim":      {change(func(p *subjects.Proof) { p.Difficulty = 63 }), pow.ErrSeal},
		"a higher claim":     {change(func(p *subjects.Proof) { p.Difficulty = 65 }), pow.ErrSeal},
		"another spelling":   {change(func(p *subjects.Proof) { p.Solution += "=" }), pow.ErrEncoding},
		"cut":                {change(func(p *subjects.Proof) { p.Solution = p.Solution[1:] }), pow.ErrEncoding},
		"nothing":            {change(func(p *subjects.Proof) { p.Solution = "" }), pow.ErrEncoding},
		"an impossible one":  {change(func(p *subjects.Proof) { p.Difficulty = 1<<52 + 1 }), pow.ErrChallenge},
		"the claim of zero":  {change(func(p *subjects.Proof) { p.Difficulty = 0 }), pow.ErrChallenge},
		"of the day to come": {change(func(p *subjects.Proof) { p.Epoch++ }), pow.ErrSeal},
	} {
		// With four bits of seal one lie in sixteen gets past it, to be caught by
		// the targets, and one in thousands past those.
		_, err := h.Present(t, "ch", w, c.proof)
		if !errors.Is(err, subjects.ErrProofInvalid) || !errors.Is(err, c.want) && !errors.Is(err, pow.ErrTarget) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Present(t, "ch", w, good()); err != nil {
		t.Errorf("the good one: %v", err)
	}
	if n := h.Count(t, `SELECT count(*) FROM registrations`); n != 1 {
		t.Errorf("%d registrations are stored", n)
	}
}

// A forger invents tags and finds a seal for them. Argon2id gives the lie away,
// and the second time it is known.
func TestS9_ForgedTags(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Priced(bouncetest.CH()))
	w := wallet(1)
	offer := h.Offer(t, "ch")
	challenge := pow.Challenge{Params: offer.Params, Realm: offer.Realm, Epoch: offer.Epochs[0].Epoch, Salt: offer.Epochs[0].Salt, AuthorizationPub: w.Pub, Difficulty: 4}
	var forged pow.Proof
	for n := byte(0); ; n++ { // one in four invented pairs meets a target of two
		var err error
		forged, err = pow.Seal(t.Context(), challenge, []pow.SubProof{{Nonce: 1, Tag: pow.Tag{n}}, {Nonce: 2, Tag: pow.Tag{n}}}, 4, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pow.Check(challenge, forged, 4); err == nil {
			break
		}
	}
	for range 2 {
		_, err := h.Present(t, "ch", w, &subjects.Proof{Epoch: challenge.Epoch, Difficulty: 4, Solution: forged.String()})
		if !errors.Is(err, subjects.ErrProofInvalid) || !errors.Is(err, pow.ErrEvaluate) {
			t.Errorf("a forged proof: %v", err)
		}
	}
	if got := h.Registry.ProofStatistics().Outcomes[subjects.ProofForged]; got != 2 {
		t.Errorf("%d forged proofs are counted", got)
	}
}

// The price is driven by accepted registrations alone: reading it, asking
// without a proof and lying leave it where it is, and so do a restart and a
// second replica.
func TestS9_PriceFollowsAcceptedRegistrations(t *testing.T) {
	t.Parallel()
	clock := bouncetest.NewClock(t)
	account := func() subjects.Account { return bouncetest.Priced(bouncetest.Tiny(1000)) }
	h, replica := clock.Open(t, account()), clock.Open(t, account())
	price := func(h *bouncetest.House) uint64 { return h.Offer(t, "tiny").Difficulty }
	for i := range 20 {
		_, _ = h.Present(t, "tiny", wallet(1000+i), nil)
		_, _ = h.Present(t, "tiny", wallet(1000+i), &subjects.Proof{Epoch: 1, Difficulty: 4, Solution: "?"})
	}
	if got := price(h); got != 4 {
		t.Fatalf("nothing was registered, and the price is %d", got)
	}
	// One registration now counts as 24 within the horizon, so that ten are heading
	// for a quarter of the space.
	for i := range 10 {
		h.Pay(t, "tiny", wallet(i))
	}
	if got := price(h); got != 4 && got != 5 {
		t.Errorf("heading for a quarter of the space the price is %d", got)
	}
	for i := range 10 {
		h.Pay(t, "tiny", wallet(10+i))
	}
	risen := price(h)
	if risen <= 16 {
		t.Errorf("heading for half of the space the price is %d", risen)
	}
	if got := price(replica); got != risen {
		t.Errorf("the other replica asks for %d, not %d", got, risen)
	}
	restarted := clock.Open(t, account())
	for range 3 {
		if got := price(restarted); got != risen {
			t.Errorf("after a restart the price is %d, not %d", got, risen)
		}
	}
	// It falls by no more than one half in thirty minutes, whoever looks.
	clock.Move(t, 29*bouncetest.Minute)
	replica.Reprice(t)
	if got := price(h); 2*got < risen {
		t.Errorf("within half an hour the price fell from %d to %d", risen, got)
	}
	clock.Move(t, 48*bouncetest.Hour)
	h.Reprice(t)
	if got := price(replica); got != 4 {
		t.Errorf("two days later the price is %d", got)
	}
}

// However many arrive together with a proof for a price that has risen, the
// budget of the window is not exceeded.
func TestS9_GraceBudgetIsNeverExceeded(t *testing.T) {
	t.Parallel()
	const late = 64
	clock := bouncetest.NewClock(t)
	h, replica := clock.Open(t, bouncetest.Priced(bouncetest.Tiny(1000))), clock.Open(t, bouncetest.Priced(bouncetest.Tiny(1000)))
	before := h.Offer(t, "tiny")
	proofs := make([]*subjects.Proof, late)
	for i := range proofs {
		proofs[i] = bouncetest.Solve(t, before, wallet(i), 0)
	}
	base := uint64(32)
	if err := h.Registry.SetTerms(t.Context(), h.Account(t, "tiny"), subjects.Terms{Base: &base}); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	let, refused := 0, 0
	var group sync.WaitGroup
	for i := range proofs {
		at := []*bouncetest.House{h, replica}[i%2]
		group.Go(func() {
			_, err := at.Present(t, "tiny", wallet(i), proofs[i])
			for errors.Is(err, subjects.ErrProofBusy) {
				_, err = at.Present(t, "tiny", wallet(i), proofs[i])
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				let++
			case errors.Is(err, subjects.ErrProofInsufficient):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if let != 8 || refused != late-8 {
		t.Errorf("%d were let in, %d refused; the budget is 8", let, refused)
	}
	// The next window has a budget of its own, but by then the old price is too old.
	clock.Move(t, 31*bouncetest.Minute)
	_, err := h.Present(t, "tiny", wallet(late), bouncetest.SolveFor(t, before, wallet(late), 0, 4))
	if reason, sentinel := lacking(t, err); sentinel != subjects.ErrProofInsufficient || reason != "difficulty" {
		t.Errorf("a proof for a price of 31 minutes ago: %v", err)
	}
}

// A key that was registered before may use its proof again, for half a year.
func TestS9_ReuseOfAnOldProof(t *testing.T) {
	t.Parallel()
	clock := bouncetest.NewClock(t)
	h := clock.Open(t, bouncetest.Priced(bouncetest.CH()))
	w := wallet(1)
	proof := bouncetest.Solve(t, h.Offer(t, "ch"), w, 0)
	stranger := bouncetest.Solve(t, h.Offer(t, "ch"), wallet(2), 0)
	if _, err := h.Present(t, "ch", w, proof); err != nil {
		t.Fatal(err)
	}
	clock.Move(t, 130*bouncetest.Day) // life and quarantine are over
	_, err := h.Present(t, "ch", wallet(2), stranger)
	if reason, sentinel := lacking(t, err); sentinel != subjects.ErrProofInsufficient || reason != "epoch" {
		t.Errorf("the old salt with a new key: %v", err)
	}
	if g, err := h.Present(t, "ch", w, proof); err != nil || !g.Created {
		t.Fatalf("the same proof again: %v", err)
	}
	if got := h.Registry.ProofStatistics().Outcomes[subjects.ProofReused]; got != 1 {
		t.Errorf("%d proofs are counted as used again", got)
	}
	clock.Move(t, 100*bouncetest.Day)
	_, err = h.Present(t, "ch", w, proof)
	if reason, sentinel := lacking(t, err); sentinel != subjects.ErrProofInsufficient || reason != "epoch" {
		t.Errorf("the same proof after 230 days: %v", err)
	}
	if err := h.Registry.ForgetPrices(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.Count(t, `SELECT count(*) FROM proofs`); n != 0 {
		t.Errorf("%d proofs are remembered for nothing", n)
	}
}

// The price may have risen above an old proof.
func TestS9_ReuseBelowThePrice(t *testing.T) {
	t.Parallel()
	clock := bouncetest.NewClock(t)
	h := clock.Open(t, bouncetest.Priced(bouncetest.CH()))
	w := wallet(1)
	proof := bouncetest.Solve(t, h.Offer(t, "ch"), w, 0)
	if _, err := h.Present(t, "ch", w, proof); err != nil {
		t.Fatal(err)
	}
	base := uint64(8)
	if err := h.Registry.SetTerms(t.Context(), h.Account(t, "ch"), subjects.Terms{Base: &base}); err != nil {
		t.Fatal(err)
	}
	clock.Move(t, 91*bouncetest.Day)
	_, err := h.Present(t, "ch", w, proof)
	if reason, sentinel := lacking(t, err); sentinel != subjects.ErrProofInsufficient || reason != "difficulty" {
		t.Errorf("an old proof below the price: %v", err)
	}
}

// Operators raise the seal at run time; work that was done stays good.
func TestS9_StrongerSeal(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Priced(bouncetest.CH()))
	w := wallet(1)
	offer := h.Offer(t, "ch")
	challenge := pow.Challenge{Params: offer.Params, Realm: offer.Realm, Epoch: offer.Epochs[0].Epoch, Salt: offer.Epochs[0].Salt, AuthorizationPub: w.Pub, Difficulty: 4}
	solution, err := pow.Solve(t.Context(), challenge, pow.SolveOptions{SealBits: 4})
	if err != nil {
		t.Fatal(err)
	}
	bits := 12
	if err := h.Registry.SetTerms(t.Context(), h.Account(t, "ch"), subjects.Terms{SealBits: &bits}); err != nil {
		t.Fatal(err)
	}
	for solution.SubProofs != nil { // the seal of 4 bits may have 12 by luck
		weak, err := pow.Check(challenge, solution, 4)
		if err != nil {
			t.Fatal(err)
		}
		if weak.SealBits() < bits {
			break
		}
		if solution, err = pow.Seal(t.Context(), challenge, solution.SubProofs, 4, nil); err != nil {
			t.Fatal(err)
		}
	}
	_, err = h.Present(t, "ch", w, &subjects.Proof{Epoch: challenge.Epoch, Difficulty: 4, Solution: solution.String()})
	if reason, sentinel := lacking(t, err); sentinel != subjects.ErrProofInsufficient || reason != "seal" {
		t.Errorf("a seal that was enough before: %v", err)
	}
	if solution, err = pow.Seal(t.Context(), challenge, solution.SubProofs, bits, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Present(t, "ch", w, &subjects.Proof{Epoch: challenge.Epoch, Difficulty: 4, Solution: solution.String()}); err != nil {
		t.Errorf("the same work under a stronger seal: %v", err)
	}
	free := bouncetest.New(t, bouncetest.NZ())
	if err := free.Registry.SetTerms(t.Context(), free.Account(t, "nz"), subjects.Terms{SealBits: &bits}); !errors.Is(err, subjects.ErrFree) {
		t.Errorf("terms of a free account: %v", err)
	}
}

// The queue of the verifier is short; what does not fit is told to come back,
// and whoever needs no proof does not wait.
func TestS9_VerifierShedsLoad(t *testing.T) {
	t.Parallel()
	account := bouncetest.Priced(bouncetest.CH())
	account.Pricing.Params = pow.Params{MemoryKiB: 4096, Time: 4, SubProofs: 8}
	account.Pricing.Law.Base = 8
	h := bouncetest.New(t, account)
	offer := h.Offer(t, "ch")
	const many = 32
	proofs := make([]*subjects.Proof, many)
	for i := range proofs {
		proofs[i] = bouncetest.Solve(t, offer, wallet(i), 0)
	}
	var busy sync.Map
	var group sync.WaitGroup
	for i := range proofs {
		group.Go(func() {
			_, err := h.Present(t, "ch", wallet(i), proofs[i])
			var later *subjects.RetryLater
			switch {
			case errors.As(err, &later) && errors.Is(err, subjects.ErrProofBusy) && later.After > 0:
				busy.Store(i, true)
			case err != nil:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if count(&busy) == 0 {
		t.Errorf("%d proofs at once, and nobody was told to come back", many)
	}
	busy.Range(func(i, _ any) bool {
		if _, err := h.Present(t, "ch", wallet(i.(int)), proofs[i.(int)]); err != nil {
			t.Errorf("the same request later: %v", err)
		}
		return true
	})
	s := h.Registry.ProofStatistics()
	if s.Waiting != 0 || s.Working != 0 || s.Outcomes[subjects.ProofAccepted] != many {
		t.Errorf("in the end: %+v", s)
	}
}

// While more than half of a space is blocked, what nobody uses blocks it for a
// shorter time, and the first credit ends that.
func TestS3_CrowdedSpaces(t *testing.T) {
	t.Parallel()
	clock := bouncetest.NewClock(t)
	account := bouncetest.Tiny(10)
	account.Crowding = subjects.Crowding{FirstLife: 14 * bouncetest.Day, UnusedQuarantine: 14 * bouncetest.Day}
	h := clock.Open(t, account)
	life := func(g subjects.Grant) time.Duration {
		return time.Until(g.Expiration).Round(time.Hour)
	}
	for i := range 6 {
		if got := life(h.Register(t, "tiny", wallet(i))); got != 90*bouncetest.Day {
			t.Errorf("registration %d lives %v", i, got)
		}
	}
	clock.Move(t, 2*bouncetest.Minute)
	h.Reprice(t) // six of ten
	var grants []subjects.Grant
	for i := 6; i < 10; i++ {
		g := h.Register(t, "tiny", wallet(i))
		grants = append(grants, g)
		if got := life(g); got != 14*bouncetest.Day {
			t.Errorf("registration %d of a crowded space lives %v", i, got)
		}
	}
	// One of them is used, and lives on like any other.
	h.Receive(t, "tiny", bouncetest.Incoming("R", "CHF:5", bouncetest.Remittance(grants[0].Subjects[0])))
	h.Map(t, "tiny", wallet(6), bouncetest.Reserve("r"), time.Now())
	used, err := h.Registry.Status(t.Context(), h.Account(t, "tiny"), wallet(6).Pub)
	if err != nil || life(used.Grant) != 90*bouncetest.Day {
		t.Errorf("after a credit it lives %v, %v", life(used.Grant), err)
	}
	full := func(w int) bool {
		_, err := h.Registry.Register(t.Context(), h.Account(t, "tiny"), subjects.Request{AuthorizationPub: wallet(w).Pub})
		return errors.Is(err, subjects.ErrSpaceExhausted)
	}
	clock.Move(t, 27*bouncetest.Day)
	if !full(100) {
		t.Error("before life and quarantine are over a subject was given to somebody else")
	}
	clock.Move(t, 2*bouncetest.Day) // 14 + 14 and a day
	for i := range 3 {
		if full(101 + i) {
			t.Errorf("subject %d of an unused registration did not come back", i)
		}
	}
	if !full(110) {
		t.Error("more came back than was unused")
	}
}
