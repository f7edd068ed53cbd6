package subjects

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
)

// generation is a space of slots with its secret permutation (S4).
type generation struct {
	id          int32
	size        uint64
	permutation *permutation
}

// blockLimit is how many slots a process reserves at once. Reserved slots that
// a crash loses come back when the first lap is over (slotPool.fillGaps).
const blockLimit = 64

// block is one for spaces where a lost slot hurts, blockLimit where there are
// plenty.
func (g generation) block() int64 {
	return min(blockLimit, max(1, int64(g.size/1_000_000)))
}

// register makes the account known to the database and loads or draws its
// generation. It refuses a change of the configuration that would make
// subjects unreadable which are out there already.
func (a *Account) register(ctx context.Context, tx pgx.Tx, random io.Reader) error {
	var currency string
	err := tx.QueryRow(ctx, `
		INSERT INTO accounts (name, currency) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET
			-- A database restored elsewhere counts its transactions anew.
			numbered_below = CASE WHEN accounts.numbered_below > pg_current_xact_id() THEN '0' ELSE accounts.numbered_below END,
			revenue_below = CASE WHEN accounts.revenue_below > pg_current_xact_id() THEN '0' ELSE accounts.revenue_below END
		RETURNING account_id, currency`, a.Name, a.Currency).Scan(&a.id, &currency)
	if err != nil {
		return fmt.Errorf("account %q: %w", a.Name, err)
	}
	if currency != a.Currency {
		return fmt.Errorf("account %q was created in %s, the configuration says %s: give the new account another name", a.Name, currency, a.Currency)
	}
	if a.StoresNothing() {
		return a.dropFormer(ctx, tx, "generation_id IS NOT NULL", "another method")
	}
	if err := a.dropFormer(ctx, tx, "generation_id IS NULL", "a method that stores nothing"); err != nil {
		return err
	}
	err = a.loadGeneration(ctx, tx)
	if errors.Is(err, pgx.ErrNoRows) {
		return a.newGeneration(ctx, tx, random)
	}
	return err
}

// loadGeneration takes the newest generation if it fits the configuration, and
// gives pgx.ErrNoRows if a new one must be made.
func (a *Account) loadGeneration(ctx context.Context, tx pgx.Tx) error {
	var (
		g              generation
		size           int64
		method, prefix string
		key            []byte
	)
	err := tx.QueryRow(ctx, `
		SELECT generation_id, method, prefix, size, permutation_key FROM generations
		WHERE account_id = $1 ORDER BY generation_id DESC LIMIT 1`, a.id).
		Scan(&g.id, &method, &prefix, &size, &key)
	if err != nil {
		return err
	}
	spec := a.Method.Spec()
	if method != spec.Name || prefix != spec.Prefix || uint64(size) != spec.Size {
		err := a.refuseLive(ctx, tx, fmt.Sprintf("generation_id = %d", g.id), fmt.Sprintf("method %q and prefix %q", method, prefix))
		return cmp.Or(err, pgx.ErrNoRows)
	}
	g.size = spec.Size
	g.permutation, err = newPermutation(key, g.size)
	a.generation = g
	return err
}

// refuseLive gives an error for the operator when live registrations made under
// former settings (condition, a constant of ours) exist: transfers to them would
// bounce, because nobody could read their subjects any more.
func (a *Account) refuseLive(ctx context.Context, tx pgx.Tx, condition, was string) error {
	var live int64
	err := tx.QueryRow(ctx, `
		SELECT count(*) FROM registrations WHERE account_id = $1 AND expiration > now() AND `+condition, a.id).Scan(&live)
	if err != nil {
		return err
	}
	if live > 0 {
		return fmt.Errorf("account %q had %s, and %d of its subjects are live: transfers to them would bounce; restore these settings, or add the new ones as an account of another name", a.Name, was, live)
	}
	return nil
}

// dropFormer is refuseLive for registrations of another kind of method. What is
// left of them, all expired, is removed: their keys may register anew, and the
// new method would not know what to make of the rows.
func (a *Account) dropFormer(ctx context.Context, tx pgx.Tx, condition, was string) error {
	if err := a.refuseLive(ctx, tx, condition, was); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM registrations WHERE account_id = $1 AND `+condition, a.id)
	return err
}

func (a *Account) newGeneration(ctx context.Context, tx pgx.Tx, random io.Reader) error {
	spec := a.Method.Spec()
	key := make([]byte, permutationKeySize)
	if _, err := io.ReadFull(random, key); err != nil {
		return fmt.Errorf("account %q: drawing the permutation key: %w", a.Name, err)
	}
	p, err := newPermutation(key, spec.Size)
	if err != nil {
		return fmt.Errorf("account %q: %w", a.Name, err)
	}
	a.generation = generation{size: spec.Size, permutation: p}
	return tx.QueryRow(ctx, `
		INSERT INTO generations (account_id, method, prefix, size, permutation_key)
		VALUES ($1, $2, $3, $4, $5) RETURNING generation_id`,
		a.id, spec.Name, spec.Prefix, int64(spec.Size), key).Scan(&a.generation.id)
}
