package pow

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

const testSealBits = 12

// solved is a proof of a small challenge, the same one each time.
func solved(t testing.TB, c Challenge) Proof {
	t.Helper()
	p, err := Solve(context.Background(), c, SolveOptions{SealBits: testSealBits, Random: rand.NewChaCha8([32]byte{9})})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// testChallenge takes 500 evaluations of some microseconds.
func testChallenge() Challenge {
	c := designChallenge()
	c.Params, c.Difficulty = testParams(8), 500
	return c
}

// TestVerify: what Solve finds is good, for a seal up to the one it was made for.
func TestVerify(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	p := solved(t, c)
	for _, bits := range []int{0, 1, testSealBits} {
		if err := Verify(context.Background(), c, p, bits); err != nil {
			t.Error(bits, err)
		}
	}
	checked, err := Check(c, p, testSealBits)
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(context.Background(), c, p, checked.SealBits()+1); !errors.Is(err, ErrSeal) {
		t.Error("a stronger seal asked for:", err)
	}
}

// TestRefusals: every way to be wrong has its own error.
func TestRefusals(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	for name, x := range map[string]struct {
		change func(*Challenge, *Proof)
		want   error
	}{
		"no sub-proof":       {func(_ *Challenge, p *Proof) { p.SubProofs = nil }, ErrCount},
		"one too few":        {func(_ *Challenge, p *Proof) { p.SubProofs = p.SubProofs[1:] }, ErrCount},
		"one too many":       {func(_ *Challenge, p *Proof) { p.SubProofs = append(p.SubProofs, SubProof{Nonce: 1<<64 - 1}) }, ErrCount},
		"two swapped":        {func(_ *Challenge, p *Proof) { p.SubProofs[3], p.SubProofs[4] = p.SubProofs[4], p.SubProofs[3] }, ErrOrder},
		"one repeated":       {func(_ *Challenge, p *Proof) { p.SubProofs[4] = p.SubProofs[3] }, ErrOrder},
		"backwards":          {func(_ *Challenge, p *Proof) { p.SubProofs[0].Nonce = 1<<64 - 1 }, ErrOrder},
		"an unlucky first":   {func(_ *Challenge, p *Proof) { p.SubProofs[0].Tag[0] ^= 1 }, ErrTarget},
		"an unlucky last":    {func(_ *Challenge, p *Proof) { p.SubProofs[7].Tag[0] ^= 1; reseal(t, c, p) }, ErrTarget},
		"another seal":       {func(_ *Challenge, p *Proof) { p.Seal ^= 1 }, ErrSeal},
		"difficulty zero":    {func(c *Challenge, _ *Proof) { c.Difficulty = 0 }, ErrChallenge},
		"difficulty too big": {func(c *Challenge, _ *Proof) { c.Difficulty = MaxDifficulty + 1 }, ErrChallenge},
	} {
		challenge, proof := c, solved(t, c)
		x.change(&challenge, &proof)
		if err := Verify(context.Background(), challenge, proof, testSealBits); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// reseal grinds the seal of a damaged proof, as a liar does.
func reseal(t testing.TB, c Challenge, p *Proof) {
	t.Helper()
	sealed, err := Seal(context.Background(), c, p.SubProofs, testSealBits, nil)
	if err != nil {
		t.Fatal(err)
	}
	*p = sealed
}

// counting is a context that counts how often it is asked, which Evaluate does
// once before each evaluation.
type counting struct {
	context.Context
	asked int
}

func (c *counting) Err() error { c.asked++; return c.Context.Err() }

// TestForgedCostsOneEvaluation: invented tags pass the cheap checks, and are found
// out by the first one that is evaluated.
func TestForgedCostsOneEvaluation(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	forgery := forged(rand.New(rand.NewPCG(1, 2)), c, testSealBits)
	checked, err := Check(c, forgery, testSealBits)
	if err != nil {
		t.Fatal(err)
	}
	ctx := &counting{Context: context.Background()}
	if err := checked.Evaluate(ctx, []int{5, 1, 2, 0, 4, 3, 7, 6}); !errors.Is(err, ErrEvaluate) || ctx.asked != 1 {
		t.Errorf("%v after %d evaluations", err, ctx.asked)
	}
}

// TestOneLie: seven true sub-proofs do not help a single invented one, wherever
// it stands; it costs as many evaluations as there are before it in the order.
func TestOneLie(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	random := rand.New(rand.NewPCG(3, 4))
	for at := range c.SubProofs {
		p := solved(t, c)
		digest := c.Digest()
		for lie := &p.SubProofs[at]; ; {
			lie.Tag[random.IntN(16)]++
			if meets(&digest, lie, c.share()) {
				break
			}
		}
		reseal(t, c, &p)
		checked, err := Check(c, p, testSealBits)
		if err != nil {
			t.Fatal(err)
		}
		order := random.Perm(int(c.SubProofs))
		ctx := &counting{Context: context.Background()}
		if err := checked.Evaluate(ctx, order); !errors.Is(err, ErrEvaluate) || order[ctx.asked-1] != int(at) {
			t.Errorf("lie at %d, order %v: %v after %d evaluations", at, order, err, ctx.asked)
		}
	}
}

// TestEvaluateWantsEveryIndex: an order that leaves one out would let a lie pass.
func TestEvaluateWantsEveryIndex(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	c.SubProofs = 3
	checked, err := Check(c, solved(t, c), testSealBits)
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range [][]int{nil, {0, 1}, {0, 1, 1}, {0, 1, 3}, {0, 1, -1}, {0, 1, 2, 2}, {0, 0, 0}, {64, 65, 66}} {
		if err := checked.Evaluate(context.Background(), order); err == nil || errors.Is(err, ErrEvaluate) {
			t.Errorf("order %v: %v", order, err)
		}
	}
	if err := checked.Evaluate(context.Background(), []int{2, 0, 1}); err != nil {
		t.Error(err)
	}
}

func TestEvaluateStops(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	checked, err := Check(c, solved(t, c), testSealBits)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := checked.Evaluate(ctx, []int{0, 1, 2, 3, 4, 5, 6, 7}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestDigestOfALie: what is remembered of a lie is the lie, not its seal.
func TestDigestOfALie(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	digest := func(c Challenge, p Proof) [16]byte {
		checked, err := Check(c, p, testSealBits)
		if err != nil {
			t.Fatal(err)
		}
		return checked.Digest()
	}
	p := solved(t, c)
	again := p
	reseal(t, c, &again)
	if again.Seal == p.Seal || digest(c, again) != digest(c, p) {
		t.Error("another seal, another digest")
	}
	other := c
	other.AuthorizationPub[0]++
	if digest(other, solved(t, other)) == digest(c, p) || digest(c, forged(rand.New(rand.NewPCG(1, 2)), c, testSealBits)) == digest(c, p) {
		t.Error("two proofs, one digest")
	}
}

// TestMeetsIsExact: one in share of all hashes is lucky, whatever share is.
func TestMeetsIsExact(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	c := testChallenge()
	digest := c.Digest()
	for _, share := range []uint64{1, 2, 3, 7, 100} {
		const tries = 20_000
		lucky := 0
		for range tries {
			if meets(&digest, &SubProof{Nonce: random.Uint64()}, share) {
				lucky++
			}
		}
		if want := float64(tries) / float64(share); float64(lucky) < want*0.7 || float64(lucky) > want*1.3 || share == 1 && lucky != tries {
			t.Errorf("one in %d: %d of %d", share, lucky, tries)
		}
	}
}

func drawChallenge(t *rapid.T) Challenge {
	return Challenge{
		Params: Params{
			MemoryKiB: rapid.Uint32Range(8, 24).Draw(t, "memory"),
			Time:      rapid.Uint32Range(1, 3).Draw(t, "time"),
			SubProofs: rapid.Uint8Range(1, MaxSubProofs).Draw(t, "k"),
		},
		Realm: Realm(drawBytes(t, 32, "realm")), Epoch: rapid.Uint32().Draw(t, "epoch"),
		Salt: Salt(drawBytes(t, 16, "salt")), AuthorizationPub: [32]byte(drawBytes(t, 32, "key")),
		Difficulty: rapid.Uint64Range(1, 200).Draw(t, "difficulty"),
	}
}

func drawBytes(t *rapid.T, n int, name string) []byte {
	return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, name)
}

func TestSolveThenVerify(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawChallenge(t)
		sealBits := rapid.IntRange(0, 10).Draw(t, "seal")
		o := SolveOptions{SealBits: sealBits, Workers: rapid.IntRange(-1, 5).Draw(t, "workers")}
		found, err := Solve(context.Background(), c, o)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParseProof(found.String(), c.SubProofs)
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(context.Background(), c, p, sealBits); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzCheck: no proof, however made, is accepted without k increasing nonces and
// a seal, and none makes the verifier fail in another way than it says.
func FuzzCheck(f *testing.F) {
	c := testChallenge()
	f.Add(solved(f, c).String(), uint64(500), uint8(8), uint8(testSealBits))
	f.Add(forged(rand.New(rand.NewPCG(1, 2)), c, 0).String(), uint64(500), uint8(8), uint8(0))
	f.Add("", uint64(0), uint8(0), uint8(255))
	f.Fuzz(func(t *testing.T, text string, difficulty uint64, k, sealBits uint8) {
		p, err := ParseProof(text, k)
		if err != nil {
			return
		}
		c := testChallenge()
		c.SubProofs, c.Difficulty = k, difficulty
		checked, err := Check(c, p, int(sealBits))
		switch {
		case err == nil:
			if checked.SealBits() < int(sealBits) || len(p.SubProofs) != int(k) || k == 0 {
				t.Fatalf("accepted: %+v", p)
			}
		case !isOneOf(err, ErrChallenge, ErrCount, ErrOrder, ErrTarget, ErrSeal) && c.Params.Validate() == nil:
			t.Fatal(err)
		}
	})
}
