package pow

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Progress tells how far a solver is.
type Progress struct {
	Found       int     // sub-proofs found, of Wanted
	Wanted      int     // k
	Evaluations uint64  // of Argon2id in this run
	Rate        float64 // evaluations per second in this run; 0 while unknown
	// Remaining is what the rest takes on average. Luck has no memory: it does
	// not shrink between two finds, and shrinks by a step at each. Negative while
	// the rate is unknown.
	Remaining time.Duration
}

// SolveOptions steer a solver. The zero value solves on one goroutine from the
// beginning.
type SolveOptions struct {
	Workers  int        // goroutines, each of which takes MemoryKiB; at least 1
	SealBits int        // strength of the seal
	Found    []SubProof // of an earlier run for the same challenge; whatever does not fit it is dropped
	Random   io.Reader  // where to start; nil: crypto/rand.Reader

	// OnFound is called with everything found so far after each find, OnProgress
	// every Interval (default: one second) and after each find; never two calls
	// at once. Nil: nobody is told.
	OnFound    func(found []SubProof)
	OnProgress func(Progress)
	Interval   time.Duration
}

// solver is one run of Solve.
type solver struct {
	challenge Challenge
	digest    [32]byte
	share     uint64
	options   SolveOptions
	count     atomic.Uint64
	start     time.Time
	found     []SubProof
}

// Solve finds a proof of the challenge. It ends within one evaluation of the
// context's end, some milliseconds; what was found until then has been given to
// OnFound. Errors: those of Challenge.Validate, of Seal, and of the context.
func Solve(ctx context.Context, c Challenge, o SolveOptions) (Proof, error) {
	if err := c.Validate(); err != nil {
		return Proof{}, err
	}
	if err := validSealBits(o.SealBits); err != nil {
		return Proof{}, err // before the work, not after it
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	o.Workers = max(1, o.Workers)
	if o.Interval <= 0 {
		o.Interval = time.Second
	}
	s := &solver{challenge: c, digest: c.Digest(), share: c.share(), options: o, start: time.Now()}
	if err := s.resume(ctx); err != nil {
		return Proof{}, err
	}
	if err := s.search(ctx); err != nil {
		return Proof{}, err
	}
	return s.seal(ctx)
}

// resume keeps what fits the challenge of what was found before: at most k true
// sub-proofs of different nonces. One evaluation for each is little beside what
// finding them took, and a damaged note of them costs no refused proof.
func (s *solver) resume(ctx context.Context) error {
	for i := range s.options.Found {
		sub := &s.options.Found[i]
		if s.done() || !meets(&s.digest, sub, s.share) || known(s.found, sub.Nonce) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.challenge.evaluates(&s.digest, sub) {
			s.found = append(s.found, *sub)
		}
	}
	return nil
}

func known(found []SubProof, nonce uint64) bool {
	return slices.ContainsFunc(found, func(f SubProof) bool { return f.Nonce == nonce })
}

// search lets the workers look for sub-proofs until there are k.
func (s *solver) search(ctx context.Context) error {
	if s.done() {
		return nil
	}
	first, err := randomNonce(s.options.Random)
	if err != nil {
		return err
	}
	working, stop := context.WithCancel(ctx)
	finds := make(chan SubProof)
	var workers sync.WaitGroup
	for lane := range uint64(s.options.Workers) {
		workers.Go(func() { s.work(working, first+lane, finds) })
	}
	defer workers.Wait()
	defer stop()
	return s.gather(ctx, finds)
}

func (s *solver) done() bool { return len(s.found) == int(s.challenge.SubProofs) }

// gather collects what the workers find.
func (s *solver) gather(ctx context.Context, finds <-chan SubProof) error {
	ticker := time.NewTicker(s.options.Interval)
	defer ticker.Stop()
	for !s.done() {
		if err := ctx.Err(); err != nil {
			return err // though there may be a find as well
		}
		select {
		case <-ctx.Done():
			continue
		case find := <-finds:
			if known(s.found, find.Nonce) {
				continue
			}
			s.found = append(s.found, find)
			if s.options.OnFound != nil {
				s.options.OnFound(slices.Clone(s.found))
			}
		case <-ticker.C:
		}
		s.report()
	}
	return nil
}

// work tries every Workers-th nonce from first on. Nonces are 64-bit numbers
// and wrap around harmlessly.
func (s *solver) work(ctx context.Context, first uint64, finds chan<- SubProof) {
	for nonce := first; ctx.Err() == nil; nonce += uint64(s.options.Workers) {
		sub := SubProof{Nonce: nonce, Tag: s.challenge.tag(&s.digest, nonce)}
		s.count.Add(1)
		if !meets(&s.digest, &sub, s.share) {
			continue
		}
		select {
		case finds <- sub:
		case <-ctx.Done():
		}
	}
}

func (s *solver) report() {
	if s.options.OnProgress == nil {
		return
	}
	p := Progress{Found: len(s.found), Wanted: int(s.challenge.SubProofs), Evaluations: s.count.Load(), Remaining: -1}
	if elapsed := time.Since(s.start).Seconds(); elapsed > 0 && p.Evaluations > 0 {
		p.Rate = float64(p.Evaluations) / elapsed
		p.Remaining = Estimate(uint64(p.Wanted-p.Found)*s.share, p.Rate)
	}
	s.options.OnProgress(p)
}

// Estimate is the time that so many evaluations take at a rate per second,
// at most 100 years.
func Estimate(evaluations uint64, rate float64) time.Duration {
	const longest = 100 * 365 * 24 * time.Hour
	seconds := float64(evaluations) / rate
	if !(seconds < longest.Seconds()) {
		return longest
	}
	return time.Duration(seconds * float64(time.Second))
}

// seal grinds a seal for what was found.
func (s *solver) seal(ctx context.Context) (Proof, error) {
	return Seal(ctx, s.challenge, s.found, s.options.SealBits, s.options.Random)
}

// Seal makes a proof of sub-proofs that are found already, in any order. A
// solver calls it by itself; a client calls it again when the server has begun
// to ask for a stronger seal. Random nil means crypto/rand.Reader. Errors:
// ErrCount, ErrOrder if a nonce is there twice, that of the context, and one for
// a seal stronger than MaxSealBits, which nobody lives to see.
func Seal(ctx context.Context, c Challenge, found []SubProof, sealBits int, random io.Reader) (Proof, error) {
	if err := validSealBits(sealBits); err != nil {
		return Proof{}, err
	}
	found = slices.Clone(found)
	slices.SortFunc(found, func(a, b SubProof) int { return cmp.Compare(a.Nonce, b.Nonce) })
	if err := inOrder(found, int(c.SubProofs)); err != nil {
		return Proof{}, err
	}
	if random == nil {
		random = rand.Reader
	}
	first, err := randomNonce(random)
	if err != nil {
		return Proof{}, err
	}
	return grind(ctx, c, found, sealBits, first)
}

func validSealBits(bits int) error {
	if bits > MaxSealBits {
		return fmt.Errorf("seal: %d bits are asked for, at most %d can be had", bits, MaxSealBits)
	}
	return nil
}

// grind tries seals from first on.
func grind(ctx context.Context, c Challenge, found []SubProof, sealBits int, first uint64) (Proof, error) {
	digest := c.Digest()
	sealer := newSealer(&digest, found)
	for seal := first; ; seal++ {
		if sealer.strength(seal) >= sealBits {
			return Proof{SubProofs: found, Seal: seal}, nil
		}
		if seal%1024 == 0 && ctx.Err() != nil {
			return Proof{}, ctx.Err()
		}
	}
}

func randomNonce(random io.Reader) (uint64, error) {
	var b [8]byte
	_, err := io.ReadFull(random, b[:])
	return binary.BigEndian.Uint64(b[:]), err
}
