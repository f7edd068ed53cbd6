package subjects

import (
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
		ON CONFLICT (name) DO UPDATE SET name = excluded.name
		RETURNING account_id, currency`, a.Name, a.Currency).Scan(&a.id, &currency)
	if err != nil {
		return fmt.Errorf("account %q: %w", a.Name, err)
	}
	if currency != a.Currency {
		return fmt.Errorf("account %q was created in %s, the configuration says %s: give the new account another name", a.Name, currency, a.Currency)
	}
	if a.StoresNothing() {
		return nil
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
		return a.retireGeneration(ctx, tx, g.id, fmt.Sprintf("method %q, prefix %q", method, prefix))
	}
	g.size = spec.Size
	g.permutation, err = newPermutation(key, g.size)
	a.generation = g
	return err
}

// retireGeneration gives pgx.ErrNoRows when no live subject depends on the old
// generation, else an error for the operator: transfers to those subjects
// would bounce, because nobody could read them any more.
func (a *Account) retireGeneration(ctx context.Context, tx pgx.Tx, id int32, was string) error {
	var live int64
	err := tx.QueryRow(ctx, `
		SELECT count(*) FROM registrations WHERE generation_id = $1 AND expiration > now()`, id).Scan(&live)
	if err != nil {
		return err
	}
	if live > 0 {
		return fmt.Errorf("account %q had %s, and %d of its subjects are live: transfers to them would bounce; restore these settings, or add the new ones as an account of another name", a.Name, was, live)
	}
	return pgx.ErrNoRows
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
