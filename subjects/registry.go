package subjects

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/subjects/postgres"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Releaser settles held transfers: it credits them when their mapping has just
// been stored (M4), and returns them when their registration ends. Both happen in
// the transaction that stores the cause. Declared here because this room must not
// know the room that keeps the transfers.
type Releaser interface {
	// QueueRelease queues the crediting of the oldest held transfer of each
	// key with a pending mapping, and calls released with the index of each key
	// that got one credited. The accounts and keys are parallel; their
	// registrations rows are locked by the batch already.
	QueueRelease(b *pgx.Batch, accounts []*Account, keys [][]byte, released func(i int))
	// ReturnHeld sends every held transfer of a key back whose registration
	// ends in this transaction, and counts them. The registrations row is
	// locked already.
	ReturnHeld(ctx context.Context, tx pgx.Tx, a *Account, key taler.EddsaPublicKey) (int, error)
}

// Options are what Open needs beside the accounts.
type Options struct {
	Random   io.Reader // source of permutation keys: crypto/rand.Reader
	Now      func() time.Time
	Releaser Releaser
	// OnReleased is told the accounts whose held transfers were credited by a
	// mapping, after the commit: their credits want a row_id.
	OnReleased func(ctx context.Context, a *Account) error
	// BatchTimeout bounds one batch of registrations or mappings.
	BatchTimeout time.Duration

	Verifiers     int // proofs of work evaluated at once, a processor each; 0: half of the processors
	VerifierQueue int // that may wait for their turn; 0: 16
	// OfferAge is how long a price that was read may be told to others; 0: it is
	// read anew every time. Whether a proof is enough is judged by the price in
	// the database in the end.
	OfferAge time.Duration
}

// Registry answers for all accounts. It is safe for concurrent use.
type Registry struct {
	db        *pgxpool.Pool
	options   Options
	accounts  map[string]*Account
	order     []*Account
	slots     map[int32]*slotPool
	registers *postgres.Combiner[registering, registered]
	maps      *postgres.Combiner[mappingItem, mapped]
	lookups   *postgres.Combiner[lookup, looked]
	verifier  *verifier
	offers    map[int32]*offerCache

	serviceID string
	powSecret []byte
}

// batchLimit is how many requests share one statement, batchWorkers how many
// such statements run at once: with two, one gathers while the other waits for
// the disk; with more, batches are smaller and cost more in all.
const (
	batchLimit   = 64
	batchWorkers = 2
)

// Open makes the accounts of the configuration known to the database, draws
// permutation keys for new ones, and refuses changes that would make live
// subjects unreadable.
func Open(ctx context.Context, db *pgxpool.Pool, accounts []Account, o Options) (*Registry, error) {
	r := &Registry{db: db, options: o, accounts: map[string]*Account{}, slots: map[int32]*slotPool{}, offers: map[int32]*offerCache{}}
	err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		// Replicas that start together must not draw two keys for one account.
		_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('shortwire accounts', 0))`)
		if err != nil {
			return err
		}
		if err := r.identify(ctx, tx); err != nil {
			return err
		}
		for i := range accounts {
			if err := accounts[i].register(ctx, tx, o.Random); err != nil {
				return err
			}
			if err := accounts[i].openPricing(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	for i := range accounts {
		r.add(&accounts[i])
	}
	if err := r.Reprice(ctx); err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	r.verifier = newVerifier(cmp.Or(o.Verifiers, max(1, runtime.NumCPU()/2)), cmp.Or(o.VerifierQueue, 16))
	r.registers = postgres.NewCombiner(postgres.CombinerConfig{MaxBatch: batchLimit, Workers: batchWorkers, Timeout: o.BatchTimeout}, registering.key, r.registerAll)
	r.lookups = postgres.NewCombiner(postgres.CombinerConfig{MaxBatch: batchLimit, Workers: 1, Timeout: o.BatchTimeout}, nil, r.lookupAll)
	r.maps = postgres.NewCombiner(postgres.CombinerConfig{MaxBatch: batchLimit, Workers: batchWorkers, Timeout: o.BatchTimeout}, mappingItem.key, r.mapAll)
	return r, nil
}

func (r *Registry) add(a *Account) {
	r.accounts[a.Name] = a
	r.order = append(r.order, a)
	r.slots[a.id] = &slotPool{db: r.db, account: a, now: r.options.Now}
	r.offers[a.id] = &offerCache{}
}

// Close finishes what is under way.
func (r *Registry) Close() {
	r.lookups.Close()
	r.registers.Close()
	r.maps.Close()
}

// Account returns an account by name, or ErrUnknownAccount.
func (r *Registry) Account(name string) (*Account, error) {
	a, ok := r.accounts[name]
	if !ok {
		return nil, ErrUnknownAccount
	}
	return a, nil
}

// Accounts returns all accounts in the order of the configuration.
func (r *Registry) Accounts() []*Account { return r.order }
