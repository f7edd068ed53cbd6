package subjects

import (
	"context"
	"fmt"
	"time"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/postgres"
	"github.com/shortwire/shortwire/subjects/taler"
)

// registerTries bounds how often a registration starts anew because somebody
// else was faster. Each retry means that another request made progress.
const registerTries = 16

// registering is one request on its way to the database.
type registering struct {
	account *Account
	pub     taler.EddsaPublicKey
	oneShot bool
	ticket  ticket
}

func (r registering) key() string { return string(r.pub[:]) + r.account.Name }

// registered is the row of a key after registering.
type registered struct {
	reference  wire.Reference
	recurrent  bool
	expiration time.Time
	created    bool
	stale      bool // expired: must be revived or replaced before it counts
	generation int32
	dear       bool  // the price has risen above the proof: nothing was stored
	err        error // RetryLater: nothing was stored for this key
}

// Register gives a key its subject. A live key gets the same subject and its
// expiration again and nothing changes (S2); an expired key whose subject is
// still blocked gets that one back. Errors: ErrCurrency, wire.ErrAmount, ProofError,
// InvalidProof, RetryLater with ErrSpaceExhausted, ErrContention or ErrProofBusy.
func (r *Registry) Register(ctx context.Context, a *Account, q Request) (Grant, error) {
	if err := a.checkAmount(q.CreditAmount); err != nil {
		return Grant{}, err
	}
	if a.StoresNothing() {
		ref := a.Method.(wire.KeyCarrier).EncodeKey(q.AuthorizationPub)
		return a.grant(q, registered{reference: ref, recurrent: true}), nil
	}
	if a.Pricing == nil {
		return r.enter(ctx, a, q, ticket{})
	}
	admitted, err := r.admit(ctx, a, &q)
	switch {
	case err != nil:
		return Grant{}, err
	case admitted.live != nil:
		return a.grant(q, *admitted.live), nil
	}
	return r.enter(ctx, a, q, admitted.ticket)
}

// enter registers a key that has what it takes. If the price rises above its
// proof in this very moment, the grace has the last word.
func (r *Registry) enter(ctx context.Context, a *Account, q Request, t ticket) (Grant, error) {
	row, err := r.registers.Do(ctx, registering{a, q.AuthorizationPub, q.OneShot, t})
	if err == nil && row.dear {
		if err = r.takeLateGrace(ctx, a, &t); err == nil {
			row, err = r.registers.Do(ctx, registering{a, q.AuthorizationPub, q.OneShot, t})
		}
	}
	if err == nil {
		err = row.err
	}
	if err != nil {
		return Grant{}, err
	}
	return a.grant(q, row), nil
}

// checkAmount refuses amounts with which nobody can pay, before a subject is spent.
func (a *Account) checkAmount(amount *taler.Amount) error {
	if amount == nil {
		return nil
	}
	if amount.Currency != a.Currency {
		return fmt.Errorf("%w: %s", ErrCurrency, a.Currency)
	}
	if c, ok := a.Method.(wire.AmountChecker); ok {
		return c.CheckAmount(*amount)
	}
	return nil
}

func (a *Account) grant(q Request, row registered) Grant {
	return Grant{
		AuthorizationPub: q.AuthorizationPub,
		Subjects:         a.present(row.reference, q.CreditAmount),
		Expiration:       row.expiration,
		Recurrent:        row.recurrent,
		Created:          row.created,
	}
}

func (a *Account) present(ref wire.Reference, amount *taler.Amount) []wire.Subject {
	if p, ok := a.Method.(wire.Presenter); ok {
		return p.Present(ref, wire.Instruction{CreditAmount: amount})
	}
	return []wire.Subject{{Type: "SIMPLE", CreditAccount: a.Payto.String(), CreditAmount: amount, Subject: string(ref)}}
}

// attempt is a batch of different keys on its way to their rows. Each item
// keeps its slot over the tries, so that a lost race costs none.
type attempt struct {
	registry *Registry
	items    []registering
	rows     []*registered
	slots    []*slot
	misses   []int // how often an item's slot led to no row
}

// registerAll serves a batch with few round trips: one statement when all keys
// are new or all are live.
func (r *Registry) registerAll(ctx context.Context, items []registering) ([]registered, error) {
	n := len(items)
	a := &attempt{registry: r, items: items, rows: make([]*registered, n), slots: make([]*slot, n), misses: make([]int, n)}
	var err error
	for try := 0; try < registerTries && err == nil && len(a.open()) > 0; try++ {
		err = a.once(ctx, a.open())
	}
	a.giveBack(err)
	if err == nil {
		err = a.reprice(ctx)
	}
	return a.results(), err
}

// reprice lets the price follow at once what the batch has taken, before anybody
// is told: the next batch is measured by the new one.
func (a *attempt) reprice(ctx context.Context) error {
	done := map[*Account]bool{}
	for i, row := range a.rows {
		account := a.items[i].account
		if row == nil || !row.created || account.Pricing == nil || done[account] {
			continue
		}
		done[account] = true
		if err := a.registry.reprice(ctx, account); err != nil {
			return err
		}
	}
	return nil
}

// open returns the items that have no row yet.
func (a *attempt) open() []int {
	var open []int
	for i, row := range a.rows {
		if row == nil {
			open = append(open, i)
		}
	}
	return open
}

// once tries to settle the open items: with a fresh slot where there is one,
// else with what is stored, else with a recycled slot. Items without a row
// afterwards lost a race and are tried again.
func (a *attempt) once(ctx context.Context, open []int) error {
	if err := a.takeSlots(ctx, open); err != nil {
		return err
	}
	if err := a.put(ctx, open); err != nil {
		return err
	}
	for _, i := range open {
		var err error
		switch {
		case a.rows[i] != nil && a.rows[i].dear:
		case a.rows[i] != nil && a.rows[i].stale:
			a.rows[i], err = a.registry.revive(ctx, a.items[i], a.rows[i].generation)
		case a.rows[i] == nil && a.slots[i] == nil:
			a.rows[i], err = a.registry.recycle(ctx, a.items[i])
		case a.rows[i] == nil:
			a.miss(i)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// miss counts a slot that led to no row. The first time somebody else may have
// stored the key, which the next try sees; the second time the subject itself
// is in use, by another generation or by a process that filled the same gap.
func (a *attempt) miss(i int) {
	if a.misses[i]++; a.misses[i] > 1 {
		a.misses[i], a.slots[i] = 0, nil
	}
}

// takeSlots gives a slot to every open item that has none, while the first lap
// lasts.
func (a *attempt) takeSlots(ctx context.Context, open []int) error {
	need := map[*Account][]int{}
	for _, i := range open {
		if a.slots[i] == nil {
			need[a.items[i].account] = append(need[a.items[i].account], i)
		}
	}
	for account, indexes := range need {
		taken, err := a.registry.slots[account.id].take(ctx, len(indexes))
		if err != nil {
			return err
		}
		for n := range taken {
			a.slots[indexes[n]] = &taken[n]
		}
	}
	return nil
}

// giveBack returns the slots that no row has. After an error of the server the
// transaction is known to have stored nothing; after a lost connection nobody
// knows, and the slots stay out until the gaps are filled.
func (a *attempt) giveBack(err error) {
	if err != nil && !postgres.IsServerError(err) {
		return
	}
	for i, s := range a.slots {
		if s != nil && (a.rows[i] == nil || a.rows[i].reference != s.reference) {
			a.registry.slots[a.items[i].account.id].giveBack(*s)
		}
	}
}

func (a *attempt) results() []registered {
	out := make([]registered, len(a.items))
	for i, row := range a.rows {
		if row == nil {
			row = &registered{err: &RetryLater{Err: ErrContention, After: time.Second}}
		}
		out[i] = *row
	}
	return out
}
