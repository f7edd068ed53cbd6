package subjects

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/pow"
)

// offerCache is an offer as it was read last.
type offerCache struct {
	mu    sync.Mutex
	offer *Offer
}

// Offer tells what an account asks for a subject now; nil if nothing. Asking
// changes nothing, and every replica gives the same answer (S9).
func (r *Registry) Offer(ctx context.Context, a *Account) (*Offer, error) {
	if a.Pricing == nil {
		return nil, nil
	}
	offer, err := r.readOffer(ctx, a)
	if err != nil || offer.Difficulty == 0 {
		return nil, err
	}
	return offer, nil
}

// readOffer returns an offer that is not older than the options allow. Callers
// who come while it is read wait for it and share it.
func (r *Registry) readOffer(ctx context.Context, a *Account) (*Offer, error) {
	cache := r.offers[a.id]
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if cache.offer != nil && r.options.Now().Sub(cache.offer.read) < r.options.OfferAge {
		return cache.offer, nil
	}
	o := Offer{Params: a.Pricing.Params, Realm: a.realm(r.serviceID), read: r.options.Now()}
	var difficulty int64
	var sealBits *int
	var lowest *int64
	// The price in force when the window began was published before it.
	err := r.db.QueryRow(ctx, `
		SELECT p.difficulty, p.seal_bits, now(),
			(SELECT min(difficulty) FROM prices WHERE account_id = $1 AND difficulty > 0 AND published >= coalesce(
				(SELECT max(published) FROM prices WHERE account_id = $1 AND published <= now() - $2 * interval '1 second'), '-infinity'))
		FROM pricing p WHERE account_id = $1`, a.id, a.Pricing.Grace.Window.Seconds()).
		Scan(&difficulty, &sealBits, &o.now, &lowest)
	if err != nil {
		return nil, fmt.Errorf("reading the price: %w", err)
	}
	o.Difficulty, o.lowest = uint64(difficulty), uint64(difficulty)
	if lowest != nil {
		o.lowest = min(o.lowest, uint64(*lowest))
	}
	o.SealBits = a.Pricing.sealBits(sealBits)
	for _, epoch := range []uint32{pow.Epoch(o.now), pow.Epoch(o.now) - 1} {
		o.Epochs = append(o.Epochs, EpochSalt{epoch, pow.SaltOf(r.powSecret, o.Realm, epoch), pow.EpochStart(epoch + 2)})
	}
	cache.offer = &o
	return &o, nil
}

// sealBits is what is configured, or what an operator has raised it to.
func (p *Pricing) sealBits(override *int) int {
	if override == nil {
		return p.SealBits
	}
	return max(p.SealBits, *override)
}

// takeLateGrace is takeGrace for a proof that was enough a moment ago.
func (r *Registry) takeLateGrace(ctx context.Context, a *Account, t *ticket) error {
	cache := r.offers[a.id]
	cache.mu.Lock()
	cache.offer = nil
	cache.mu.Unlock()
	offer, err := r.readOffer(ctx, a)
	if err != nil {
		return err
	}
	return r.takeGrace(ctx, a, t, offer)
}

// identify reads who this installation is, or makes it up once and for all.
func (r *Registry) identify(ctx context.Context, tx pgx.Tx) error {
	secret := make([]byte, 32)
	if _, err := io.ReadFull(r.options.Random, secret); err != nil {
		return fmt.Errorf("drawing the secret of the proofs: %w", err)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO service (service_id, pow_secret) VALUES (gen_random_uuid(), $1) ON CONFLICT DO NOTHING`, secret)
	if err != nil {
		return err
	}
	return tx.QueryRow(ctx, `SELECT service_id, pow_secret FROM service`).Scan(&r.serviceID, &r.powSecret)
}

// base is the price while there is plenty; 0 when the account asks for none.
func (a *Account) base() uint64 {
	if a.Pricing == nil {
		return 0
	}
	return a.Pricing.Law.Base
}

// openPricing gives the account a price. One that was published before stays,
// unless proofs have been switched on or off meanwhile.
func (a *Account) openPricing(ctx context.Context, tx pgx.Tx) error {
	if a.StoresNothing() {
		return nil
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO pricing AS p (account_id, difficulty, fall, priced, crowded, blocked, counted, counted_in, counted_accepted)
		VALUES ($1, $2, now(), '-infinity', false, 0, '-infinity', '0', 0)
		ON CONFLICT (account_id) DO UPDATE SET difficulty = $2, fall = now() WHERE ($2 = 0) <> (p.difficulty = 0)`,
		a.id, int64(a.base()))
	return err
}
