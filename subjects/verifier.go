package subjects

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/shortwire/shortwire/pow"
)

// Forged proofs that are remembered, so that sending one again costs a look-up.
const rememberedForgeries = 64 << 10

// retryBusyVerifier is when a wallet shall come back that found the queue full:
// a queue of 16 is done in a tenth of that.
const retryBusyVerifier = time.Second

// verifier runs Argon2id for the registry: a few evaluations at once, a short
// queue behind them, and a refusal beyond. However many proofs arrive, it takes
// its share of the processors and of memory, and nothing else waits for it.
type verifier struct {
	places    chan struct{} // one for each proof being looked at or waiting
	workers   chan struct{} // one for each proof being looked at
	forgeries *lru.Cache[[16]byte, struct{}]
	outcomes  [outcomeCount]atomic.Uint64
}

// ProofOutcome is what became of a proof, for metrics.
type ProofOutcome int

// The outcomes.
const (
	ProofAccepted     ProofOutcome = iota // verified and enough
	ProofReused                           // enough, of a key that was registered with it before
	ProofMissing                          // none where one was needed
	ProofInsufficient                     // a price, epoch or seal that is not enough (any more)
	ProofInvalid                          // refused by a check that costs microseconds
	ProofForged                           // refused by Argon2id, or known to be
	ProofShed                             // the queue was full
	outcomeCount
)

var outcomeNames = [outcomeCount]string{"accepted", "reused", "missing", "insufficient", "invalid", "forged", "shed"}

func (o ProofOutcome) String() string { return outcomeNames[o] }

func newVerifier(workers, queue int) *verifier {
	forgeries, err := lru.New[[16]byte, struct{}](rememberedForgeries)
	if err != nil {
		panic(err) // only for a size of zero
	}
	return &verifier{
		places:    make(chan struct{}, workers+queue),
		workers:   make(chan struct{}, workers),
		forgeries: forgeries,
	}
}

func (v *verifier) count(o ProofOutcome) { v.outcomes[o].Add(1) }

// forged tells whether a proof was refused before.
func (v *verifier) forged(c *pow.Checked) bool { return v.forgeries.Contains(c.Digest()) }

// verify evaluates a proof that passed all cheap checks. Errors: RetryLater with
// ErrProofBusy when the queue is full, InvalidProof, that of ctx.
func (v *verifier) verify(ctx context.Context, c *pow.Checked, subProofs int) error {
	select {
	case v.places <- struct{}{}:
		defer func() { <-v.places }()
	default:
		v.count(ProofShed)
		return &RetryLater{Err: ErrProofBusy, After: retryBusyVerifier}
	}
	select {
	case v.workers <- struct{}{}:
		defer func() { <-v.workers }()
	case <-ctx.Done():
		return ctx.Err()
	}
	// In random order, so that a forger of one sub-proof is found after half of
	// them on average, whichever it is.
	err := c.Evaluate(ctx, rand.Perm(subProofs))
	if errors.Is(err, pow.ErrEvaluate) {
		v.forgeries.Add(c.Digest(), struct{}{})
		v.count(ProofForged)
		return &InvalidProof{err}
	}
	return err
}
