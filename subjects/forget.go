package subjects

import (
	"context"
	"errors"
	"time"
)

// What is kept of the past, longer than anything asks for it.
const (
	keepPrices = 7 * 24 * time.Hour
	keepBatch  = 1000
)

// ForgetPrices deletes what no price, no grace and no proof depends on any more:
// old prices, windows and hours, and proofs that may not be used again. It may
// run anywhere, twice, or never.
func (r *Registry) ForgetPrices(ctx context.Context) error {
	var errs []error
	for _, a := range r.order {
		if a.Pricing == nil {
			continue
		}
		_, err := r.db.Exec(ctx, `
			WITH prices AS (
				-- The newest of them may still be the price of today.
				DELETE FROM prices WHERE account_id = $1 AND published < (SELECT max(published) FROM prices
					WHERE account_id = $1 AND published < now() - $2 * interval '1 second')
			), grace AS (
				DELETE FROM grace WHERE account_id = $1 AND window_start < now() - $2 * interval '1 second'
			)
			DELETE FROM accepted WHERE account_id = $1 AND hour < now() - greatest($2, $3) * interval '1 second'`,
			a.id, keepPrices.Seconds(), (rateMemory * a.Pricing.Law.Smoothing).Seconds())
		errs = append(errs, err, r.forgetProofs(ctx, a))
	}
	return errors.Join(errs...)
}

// forgetProofs deletes in batches, so that no transaction is long.
func (r *Registry) forgetProofs(ctx context.Context, a *Account) error {
	if a.Pricing.Reuse == 0 {
		return nil
	}
	for {
		tag, err := r.db.Exec(ctx, `
			DELETE FROM proofs WHERE (account_id, authorization_pub) IN (
				SELECT account_id, authorization_pub FROM proofs
				WHERE epoch < floor(extract(epoch FROM now() - $2 * interval '1 second') / 86400) - 1 AND account_id = $1
				ORDER BY epoch LIMIT $3 FOR UPDATE SKIP LOCKED)`, a.id, a.Pricing.Reuse.Seconds(), keepBatch)
		if err != nil || tag.RowsAffected() < keepBatch {
			return err
		}
	}
}
