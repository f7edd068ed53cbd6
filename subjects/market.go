package subjects

import (
	"context"
	"fmt"
)

// Market is what the price of an account came from.
type Market struct {
	Account    *Account
	Difficulty uint64  // 0: free
	Base       uint64  // in force: configured, or set by an operator
	SealBits   int     // in force
	Blocked    uint64  // subjects that nobody can get now
	Size       uint64  // of the space
	Rate       float64 // accepted registrations per second, smoothed
	Pressure   float64 // p of the law
	Crowded    bool
}

// Market tells what the price of an account comes from.
func (r *Registry) Market(ctx context.Context, a *Account) (Market, error) {
	if a.StoresNothing() {
		return Market{Account: a}, nil
	}
	s, err := a.readPriceState(ctx, r.db)
	if err != nil {
		return Market{}, fmt.Errorf("reading the price: %w", err)
	}
	law, load := a.law(s), a.load(s)
	m := Market{Account: a, Difficulty: s.price.Difficulty, Base: law.Base, Blocked: load.Blocked, Size: load.Size, Crowded: a.crowded(s)}
	if a.Pricing != nil {
		m.SealBits, m.Rate, m.Pressure = a.Pricing.sealBits(s.seal), load.Rate, law.Pressure(load)
	}
	return m, nil
}

// Terms are what an operator sets at run time, for all replicas; nil: as
// configured.
type Terms struct {
	Base     *uint64 // price while there is plenty
	SealBits *int    // no less than configured counts
}

// SetTerms stores the terms of an account and publishes the price they make.
// Errors: ErrFree for an account whose subjects cost nothing by configuration.
func (r *Registry) SetTerms(ctx context.Context, a *Account, t Terms) error {
	if a.StoresNothing() || a.Pricing == nil {
		return ErrFree
	}
	var base *int64
	if t.Base != nil {
		n := int64(*t.Base)
		base = &n
	}
	_, err := r.db.Exec(ctx, `UPDATE pricing SET base_difficulty = $2, seal_bits = $3 WHERE account_id = $1`, a.id, base, t.SealBits)
	if err != nil {
		return err
	}
	return r.reprice(ctx, a)
}

// ProofStatistics are counters since the start of this process, for metrics.
type ProofStatistics struct {
	Outcomes [outcomeCount]uint64 // by ProofOutcome
	Waiting  int                  // proofs in the queue of the verifier now
	Working  int                  // proofs being evaluated now
}

// ProofStatistics tells how proofs fared in this process.
func (r *Registry) ProofStatistics() ProofStatistics {
	var s ProofStatistics
	for i := range s.Outcomes {
		s.Outcomes[i] = r.verifier.outcomes[i].Load()
	}
	s.Working = len(r.verifier.workers)
	s.Waiting = max(0, len(r.verifier.places)-s.Working)
	return s
}
