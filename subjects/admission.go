package subjects

import (
	"context"
	"fmt"
	"time"

	"github.com/shortwire/shortwire/pow"
)

// ticket is what a registration paid with, as the statement that stores it
// checks and keeps it.
type ticket struct {
	difficulty int64
	epoch      *int32 // nil: free
	graced     bool   // counted against the grace: may be below the price
}

// admission is what became of a request at the gate: the row of a key that is
// live already, or a ticket.
type admission struct {
	live   *registered
	ticket ticket
}

// admit lets a request to the registry through: a key that is live, whatever
// it presents (S2), and any other one with a proof that is enough (S9). What
// costs least is looked at first, and nothing is held while Argon2id runs.
// Errors: those of Register.
func (r *Registry) admit(ctx context.Context, a *Account, q *Request) (admission, error) {
	offer, err := r.readOffer(ctx, a)
	if err != nil || offer.Difficulty == 0 {
		return admission{}, err
	}
	known, err := r.lookups.Do(ctx, lookup{a, q.AuthorizationPub})
	switch {
	case err != nil:
		return admission{}, err
	case known.live:
		return admission{live: &known.row}, nil
	case q.Proof == nil:
		r.verifier.count(ProofMissing)
		return admission{}, &ProofError{Err: ErrProofRequired, Offer: offer}
	}
	checked, err := r.check(a, q)
	if err != nil {
		return admission{}, err
	}
	t, err := r.weigh(ctx, a, q, checked, known, offer)
	return admission{ticket: t}, err
}

// check does all that takes microseconds.
func (r *Registry) check(a *Account, q *Request) (*pow.Checked, error) {
	solution, err := pow.ParseProof(q.Proof.Solution, a.Pricing.Params.SubProofs)
	var checked *pow.Checked
	if err == nil {
		checked, err = pow.Check(a.challenge(r, q), solution, a.Pricing.SealBits)
	}
	if err != nil {
		r.verifier.count(ProofInvalid)
		return nil, &InvalidProof{err}
	}
	if r.verifier.forged(checked) {
		r.verifier.count(ProofForged)
		return nil, &InvalidProof{pow.ErrEvaluate}
	}
	return checked, nil
}

// weigh compares a well-formed proof with the offer and has it verified, unless
// the key paid with it before.
func (r *Registry) weigh(ctx context.Context, a *Account, q *Request, checked *pow.Checked, known looked, offer *Offer) (ticket, error) {
	paid := known.paid(q.Proof) && a.Pricing.reusable(q.Proof.Epoch, offer.now)
	if reason := offer.lacks(q.Proof, checked, paid); reason != "" {
		r.verifier.count(ProofInsufficient)
		return ticket{}, &ProofError{Err: ErrProofInsufficient, Reason: reason, Offer: offer}
	}
	if !paid {
		if err := r.verifier.verify(ctx, checked, int(a.Pricing.Params.SubProofs)); err != nil {
			return ticket{}, err
		}
	}
	epoch := int32(q.Proof.Epoch)
	t := ticket{difficulty: int64(q.Proof.Difficulty), epoch: &epoch}
	if q.Proof.Difficulty < offer.Difficulty {
		if err := r.takeGrace(ctx, a, &t, offer); err != nil {
			return ticket{}, err
		}
	}
	outcome := ProofAccepted
	if paid {
		outcome = ProofReused
	}
	r.verifier.count(outcome)
	return t, nil
}

// lacks says what of a proof is not enough, "" if nothing.
func (o *Offer) lacks(p *Proof, checked *pow.Checked, paid bool) string {
	today := pow.Epoch(o.now)
	switch {
	case checked.SealBits() < o.SealBits:
		return fmt.Sprintf("seal: %d zero bits are asked for now; grind the seal again, the sub-proofs stay good", o.SealBits)
	case !paid && p.Epoch != today && p.Epoch+1 != today:
		return "epoch: solve with the salt of today or yesterday"
	case p.Difficulty < o.lowest:
		return fmt.Sprintf("difficulty: %d is asked for now", o.Difficulty)
	}
	return ""
}

// reusable tells whether a proof of an epoch may still be used again.
func (p *Pricing) reusable(epoch uint32, now time.Time) bool {
	return p.Reuse == 0 || now.Before(pow.EpochStart(epoch+1).Add(p.Reuse))
}

// takeGrace counts a registration below the price against the window, in one
// conditional statement: however many arrive together, the budget is never
// exceeded. A registration that then fails for another reason has used it up all
// the same. Errors: ProofError.
func (r *Registry) takeGrace(ctx context.Context, a *Account, t *ticket, offer *Offer) error {
	budget := a.Pricing.Grace.Budget(a.Pricing.Law.Capacity(a.Method.Spec().Size))
	if budget > 0 {
		tag, err := r.db.Exec(ctx, `
			INSERT INTO grace (account_id, window_start, used)
			VALUES ($1, to_timestamp(floor(extract(epoch FROM now()) / $2) * $2), 1)
			ON CONFLICT (account_id, window_start) DO UPDATE SET used = grace.used + 1 WHERE grace.used < $3`,
			a.id, a.Pricing.Grace.Window.Seconds(), int64(budget))
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 1 {
			t.graced = true
			return nil
		}
	}
	r.verifier.count(ProofInsufficient)
	return &ProofError{Err: ErrProofInsufficient, Reason: fmt.Sprintf("difficulty: %d is asked for now, and too many came with less", offer.Difficulty), Offer: offer}
}
