package pow

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"
)

// startAt makes a solver begin with a nonce, and its seal with zero.
func startAt(nonce uint64) io.Reader {
	return bytes.NewReader(append(binary.BigEndian.AppendUint64(nil, nonce), make([]byte, 8)...))
}

// endless takes a solver longer than any test runs.
func endless() Challenge {
	c := testChallenge()
	c.Difficulty = MaxDifficulty
	return c
}

// TestSolveStops: a cancelled solver comes back, and leaves nobody working. It
// does not run beside other tests, whose goroutines it would find.
func TestSolveStops(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c := endless()
	c.MemoryKiB = DefaultMemoryKiB
	for _, workers := range []int{1, 2, 7} {
		ctx, cancel := context.WithCancel(context.Background())
		o := SolveOptions{Workers: workers, Interval: time.Millisecond, OnProgress: func(Progress) { cancel() }}
		if _, err := Solve(ctx, c, o); !errors.Is(err, context.Canceled) {
			t.Errorf("%d workers: %v", workers, err)
		}
		if stillWorking() {
			t.Errorf("%d workers: it came back before they had ended", workers)
		}
	}
}

// stillWorking tells whether a worker of any solver is there at this moment.
func stillWorking() bool {
	stacks := make([]byte, 1<<20)
	return bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("pow.(*solver).work("))
}

// TestSolveLeavesNobody: neither does one that is done, while its workers still
// hold out finds that nobody wants any more.
func TestSolveLeavesNobody(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c := testChallenge()
	c.Difficulty = 1 // every nonce is a find
	p, err := Solve(context.Background(), c, SolveOptions{Workers: 16})
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(context.Background(), c, p, 0); err != nil {
		t.Error(err)
	}
}

func TestSolveDoesNotBegin(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	worked := false
	o := SolveOptions{OnProgress: func(p Progress) { worked = p.Evaluations > 0 }}
	if _, err := Solve(ctx, endless(), o); !errors.Is(err, context.Canceled) || worked {
		t.Error(err, worked)
	}
	if _, err := Solve(context.Background(), endless(), SolveOptions{SealBits: MaxSealBits + 1}); err == nil {
		t.Error("began a seal that cannot be had")
	}
	c := endless()
	c.Difficulty++
	if _, err := Solve(context.Background(), c, SolveOptions{}); !errors.Is(err, ErrChallenge) {
		t.Error(err)
	}
	c.Difficulty, c.MemoryKiB = 1, 1<<30
	if _, err := Solve(context.Background(), c, SolveOptions{}); err == nil {
		t.Error("began with the memory that a stranger asked for")
	}
	broken := errors.New("no randomness")
	if _, err := Solve(context.Background(), endless(), SolveOptions{Random: iotest.ErrReader(broken)}); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// interrupted returns what a solver had found when it was stopped.
func interrupted(t *testing.T, c Challenge, enough int) (found []SubProof) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Solve(ctx, c, SolveOptions{Workers: 2, Random: startAt(1000), OnFound: func(all []SubProof) {
		if found = all; len(found) == enough {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return found
}

// TestResume: what was found before is kept, and what only looks like it is not.
func TestResume(t *testing.T) {
	t.Parallel()
	for _, difficulty := range []uint64{1, 8, 500} { // up to 8 every tag is lucky enough, false ones too
		c := testChallenge()
		c.Difficulty = difficulty
		before := interrupted(t, c, 3)
		var first []SubProof
		p, err := Solve(context.Background(), c, SolveOptions{Found: withJunk(c, before), OnFound: func(found []SubProof) {
			if first == nil {
				first = found
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(context.Background(), c, p, 0); err != nil {
			t.Error(difficulty, err)
		}
		if len(first) != 4 || !slices.Equal(first[:3], before) {
			t.Errorf("difficulty %d: went on from %v, had %v", difficulty, first, before)
		}
		for _, sub := range before {
			if !slices.Contains(p.SubProofs, sub) {
				t.Errorf("difficulty %d: %v was lost", difficulty, sub)
			}
		}
	}
}

// withJunk adds what a damaged note may hold: the same find twice, noise, lucky
// lies, and a find of another challenge.
func withJunk(c Challenge, found []SubProof) []SubProof {
	random := rand.New(rand.NewPCG(1, 2))
	junk := slices.Concat(noise(random, 5).SubProofs, forged(random, c, 0).SubProofs)
	c.Epoch++
	digest := c.Digest()
	for nonce := range uint64(50) {
		junk = append(junk, SubProof{Nonce: nonce, Tag: c.tag(&digest, nonce)})
	}
	return slices.Concat(junk, found, found, junk)
}

// TestResumeComplete: nothing is left but the seal, and more than k do no harm.
func TestResumeComplete(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	p := solved(t, c)
	more := slices.Concat(p.SubProofs, solvedFrom(t, c, 1<<40).SubProofs)
	asked := false
	again, err := Solve(context.Background(), c, SolveOptions{Found: more, OnFound: func([]SubProof) { asked = true }})
	if err != nil || asked || !slices.Equal(again.SubProofs, p.SubProofs) {
		t.Error(err, asked, again)
	}
}

func solvedFrom(t *testing.T, c Challenge, nonce uint64) Proof {
	t.Helper()
	p, err := Solve(context.Background(), c, SolveOptions{Random: startAt(nonce)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFoundIsACopy: who is told may do with it what he likes.
func TestFoundIsACopy(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	p, err := Solve(context.Background(), c, SolveOptions{OnFound: func(found []SubProof) { clear(found) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(context.Background(), c, p, 0); err != nil {
		t.Error(err)
	}
}

// TestNoNonceTwice: the workers share the nonces out, also around 2^64. With the
// difficulty 1 every nonce tried is a find.
func TestNoNonceTwice(t *testing.T) {
	t.Parallel()
	const workers, tries = 7, 1000
	c := testChallenge()
	s := &solver{challenge: c, digest: c.Digest(), share: 1, options: SolveOptions{Workers: workers}}
	ctx, cancel := context.WithCancel(context.Background())
	finds := make(chan SubProof)
	var running sync.WaitGroup
	for lane := range uint64(workers) {
		running.Go(func() { s.work(ctx, 1<<64-30+lane, finds) })
	}
	seen := map[uint64]bool{}
	for range tries {
		sub := <-finds
		if seen[sub.Nonce] {
			t.Errorf("nonce %d was tried twice", sub.Nonce)
		}
		seen[sub.Nonce] = true
	}
	cancel()
	running.Wait()
	if n := s.count.Load(); n < tries || n > tries+workers {
		t.Errorf("%d evaluations were counted for %d finds", n, tries)
	}
}

// TestProgress: every number told is true when it is told.
func TestProgress(t *testing.T) {
	t.Parallel()
	const first = 1 << 20
	c := testChallenge()
	began := time.Now()
	var last Progress
	var newest uint64
	o := SolveOptions{Random: startAt(first), Interval: time.Millisecond}
	o.OnFound = func(found []SubProof) { newest = found[len(found)-1].Nonce }
	o.OnProgress = func(p Progress) {
		elapsed := time.Since(began).Seconds()
		if p.Wanted != 8 || p.Found < last.Found || p.Found > last.Found+1 || p.Evaluations < last.Evaluations {
			t.Errorf("%+v after %+v", p, last)
		}
		if p.Found > 0 && p.Evaluations < newest-first+1 {
			t.Errorf("%d evaluations, but nonce %d is found", p.Evaluations, newest)
		}
		if p.Rate < float64(p.Evaluations)/elapsed {
			t.Errorf("%d evaluations in %f s at %f per second", p.Evaluations, elapsed, p.Rate)
		}
		if want := Estimate(uint64(8-p.Found)*63, p.Rate); p.Rate > 0 && p.Remaining != want {
			t.Errorf("remaining: %v, not %v", p.Remaining, want)
		}
		last = p
	}
	if _, err := Solve(context.Background(), c, o); err != nil {
		t.Fatal(err)
	}
	if last.Found != 8 || last.Remaining != 0 {
		t.Errorf("at the end: %+v", last)
	}
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	const century = 100 * 365 * 24 * time.Hour
	for _, c := range []struct {
		evaluations uint64
		rate        float64
		want        time.Duration
	}{
		{0, 800, 0}, {2048, 1024, 2 * time.Second}, {1, 1000, time.Millisecond},
		{1, 0, century}, {0, 0, century}, {1 << 63, 1e-300, century}, {MaxDifficulty, 1, century},
	} {
		if got := Estimate(c.evaluations, c.rate); got != c.want {
			t.Errorf("%d at %g: %v, not %v", c.evaluations, c.rate, got, c.want)
		}
	}
}

// TestDifficultyIsTheMean: finding a proof takes D evaluations on average, and
// seldom twice as many. The runs are the same every time.
func TestDifficultyIsTheMean(t *testing.T) {
	t.Parallel()
	const runs, difficulty = 200, 100
	c := testChallenge()
	c.Difficulty = difficulty
	total, long := uint64(0), 0
	for run := range uint32(runs) {
		c.Epoch = run
		p := solvedFrom(t, c, 0)
		evaluations := p.SubProofs[len(p.SubProofs)-1].Nonce + 1 // one worker, from zero on
		if total += evaluations; evaluations > 2*difficulty {
			long++
		}
	}
	// The share is rounded up, from 12.5 to 13; the mean varies by 2.5 %.
	if mean := float64(total) / runs; mean < 0.9*difficulty || mean > 1.2*difficulty || long > runs/20 {
		t.Errorf("%.1f evaluations on average, %d of %d runs took over twice the difficulty", mean, long, runs)
	}
}
