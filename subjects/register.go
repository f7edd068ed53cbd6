package subjects

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

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
}

// Register gives a key its subject. A live key gets the same subject and its
// expiration again and nothing changes (S2); an expired key whose subject is
// still blocked gets that one back. Errors: ErrCurrency, RetryLater with
// ErrSpaceExhausted.
func (r *Registry) Register(ctx context.Context, a *Account, q Request) (Grant, error) {
	if q.CreditAmount != nil && q.CreditAmount.Currency != a.Currency {
		return Grant{}, fmt.Errorf("%w: %s", ErrCurrency, a.Currency)
	}
	if a.StoresNothing() {
		ref := a.Method.(wire.KeyCarrier).EncodeKey(q.AuthorizationPub)
		return a.grant(q, registered{reference: ref, recurrent: true}), nil
	}
	row, err := r.registers.Do(ctx, registering{a, q.AuthorizationPub, q.OneShot})
	if err != nil {
		return Grant{}, err
	}
	return a.grant(q, row), nil
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

// registerAll serves a batch of different keys with few round trips: one
// statement when all keys are new or all are live.
func (r *Registry) registerAll(ctx context.Context, items []registering) ([]registered, error) {
	rows := make([]*registered, len(items))
	for range registerTries {
		open := missing(rows)
		if len(open) == 0 {
			break
		}
		if err := r.registerOnce(ctx, items, rows, open); err != nil {
			return nil, err
		}
	}
	out := make([]registered, len(items))
	for i, row := range rows {
		if row == nil {
			return nil, &RetryLater{Err: errors.New("too many registrations at once"), After: time.Second}
		}
		out[i] = *row
	}
	return out, nil
}

func missing(rows []*registered) []int {
	var open []int
	for i, row := range rows {
		if row == nil {
			open = append(open, i)
		}
	}
	return open
}

// registerOnce tries to settle the open items: with a fresh slot where there
// is one, else with what is stored, else with a recycled slot. Items that are
// still unsettled afterwards lost a race and are tried again.
func (r *Registry) registerOnce(ctx context.Context, items []registering, rows []*registered, open []int) error {
	slots, err := r.takeSlots(ctx, items, open)
	if err != nil {
		return err
	}
	if err := r.put(ctx, items, rows, slots, open); err != nil {
		return err
	}
	for _, i := range open {
		switch {
		case rows[i] != nil && rows[i].stale:
			rows[i], err = r.revive(ctx, items[i], rows[i].generation)
		case rows[i] == nil && slots[i] == nil:
			rows[i], err = r.recycle(ctx, items[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// takeSlots returns a slot per item; nil where the first lap is over.
func (r *Registry) takeSlots(ctx context.Context, items []registering, open []int) ([]*slot, error) {
	slots := make([]*slot, len(items))
	need := map[*Account][]int{}
	for _, i := range open {
		need[items[i].account] = append(need[items[i].account], i)
	}
	for account, indexes := range need {
		taken, err := r.slots[account.id].take(ctx, len(indexes))
		if err != nil {
			return nil, err
		}
		for n := range taken {
			slots[indexes[n]] = &taken[n]
		}
	}
	return slots, nil
}

// put inserts the items that have a slot and reads those whose key is stored
// already, all in one statement. ON CONFLICT covers both the key (S2) and the
// subject (two generations may meet); an item without an answer lost a race
// and keeps its row nil.
func (r *Registry) put(ctx context.Context, items []registering, rows []*registered, slots []*slot, open []int) error {
	var (
		ordinals, accounts, generations []int32
		pubs                            [][]byte
		indexes                         []*int64
		references                      []*string
		oneShots                        []bool
		lives                           []float64
	)
	for _, i := range open {
		item := items[i]
		ordinals = append(ordinals, int32(i))
		accounts = append(accounts, item.account.id)
		generations = append(generations, item.account.generation.id)
		pubs = append(pubs, item.pub[:])
		oneShots = append(oneShots, item.oneShot)
		lives = append(lives, item.account.RegistrationLifetime.Seconds())
		if slots[i] == nil {
			indexes, references = append(indexes, nil), append(references, nil)
			continue
		}
		index, reference := int64(slots[i].index), string(slots[i].reference)
		indexes, references = append(indexes, &index), append(references, &reference)
	}
	found, err := r.db.Query(ctx, putSQL, ordinals, accounts, pubs, generations, indexes, references, oneShots, lives)
	if err != nil {
		return err
	}
	return r.collectPut(found, items, rows, slots)
}

const putSQL = `
	WITH want AS (
		SELECT * FROM unnest($1::int[], $2::int[], $3::bytea[], $4::int[], $5::bigint[], $6::text[], $7::bool[], $8::float8[])
			AS want (ordinal, account_id, authorization_pub, generation_id, slot, subject, one_shot, life)
	), put AS (
		INSERT INTO registrations (account_id, authorization_pub, generation_id, slot, subject, recurrent, since, expiration, due_day)
		SELECT account_id, authorization_pub, generation_id, slot, subject, NOT one_shot, now(),
			date_trunc('second', now() + life * interval '1 second'),
			((now() + life * interval '1 second') AT TIME ZONE 'UTC')::date
		FROM want WHERE slot IS NOT NULL
		ON CONFLICT DO NOTHING
		RETURNING account_id, authorization_pub, subject, recurrent, expiration, generation_id
	)
	SELECT want.ordinal, true, put.subject, put.recurrent, put.expiration, false, put.generation_id
	FROM want JOIN put USING (account_id, authorization_pub)
	UNION ALL
	SELECT want.ordinal, false, r.subject, r.recurrent, r.expiration, r.expiration <= now(), r.generation_id
	FROM want JOIN registrations r USING (account_id, authorization_pub)`

func (r *Registry) collectPut(found pgx.Rows, items []registering, rows []*registered, slots []*slot) error {
	var (
		ordinal int32
		row     registered
	)
	_, err := pgx.ForEachRow(found, []any{&ordinal, &row.created, &row.reference, &row.recurrent, &row.expiration, &row.stale, &row.generation}, func() error {
		copied := row
		rows[ordinal] = &copied
		if !row.created && slots[ordinal] != nil {
			r.slots[items[ordinal].account.id].giveBack(*slots[ordinal])
		}
		return nil
	})
	return err
}

// revive starts a new life of an expired registration. It keeps its subject,
// which nobody else can have got meanwhile, unless it comes from an older
// generation: then the row goes and the next try draws a slot. A nil row means
// that somebody else was faster.
func (r *Registry) revive(ctx context.Context, item registering, generation int32) (*registered, error) {
	if generation != item.account.generation.id {
		_, err := r.db.Exec(ctx, `
			DELETE FROM registrations
			WHERE account_id = $1 AND authorization_pub = $2 AND generation_id = $3 AND expiration <= now()`,
			item.account.id, item.pub[:], generation)
		return nil, err
	}
	return r.settle(ctx, item, `
		UPDATE registrations SET recurrent = NOT $4, used = false, since = now(),
			expiration = date_trunc('second', now() + $3 * interval '1 second'),
			due_day = ((now() + $3 * interval '1 second') AT TIME ZONE 'UTC')::date
		WHERE account_id = $1 AND authorization_pub = $2 AND expiration <= now()
		RETURNING subject, recurrent, expiration`,
		item.account.id, item.pub[:], item.account.RegistrationLifetime.Seconds(), item.oneShot)
}

// recycle gives the item the slot whose quarantine ended, oldest day first
// (S5). Its cost does not depend on how full the space is (S6).
func (r *Registry) recycle(ctx context.Context, item registering) (*registered, error) {
	row, err := r.settle(ctx, item, `
		UPDATE registrations SET authorization_pub = $2, recurrent = NOT $4, used = false, since = now(),
			expiration = date_trunc('second', now() + $3 * interval '1 second'),
			due_day = ((now() + $3 * interval '1 second') AT TIME ZONE 'UTC')::date
		WHERE (account_id, authorization_pub) = (
			SELECT account_id, authorization_pub FROM registrations
			WHERE account_id = $1 AND generation_id = $5
				AND due_day <= ((now() - $6 * interval '1 second') AT TIME ZONE 'UTC')::date
				AND expiration <= now() - $6 * interval '1 second'
			ORDER BY due_day LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING subject, recurrent, expiration`,
		item.account.id, item.pub[:], item.account.RegistrationLifetime.Seconds(), item.oneShot,
		item.account.generation.id, item.account.Quarantine.Seconds())
	if row != nil || err != nil {
		return row, err
	}
	refilled, err := r.slots[item.account.id].fillGaps(ctx)
	if refilled || err != nil {
		return nil, err
	}
	return nil, r.exhausted(ctx, item.account)
}

// settle runs a statement that gives the item its row. No row, or a key that
// somebody else stored meanwhile, gives nil: try again.
func (r *Registry) settle(ctx context.Context, item registering, sql string, args ...any) (*registered, error) {
	row := registered{created: true, generation: item.account.generation.id}
	err := r.db.QueryRow(ctx, sql, args...).Scan(&row.reference, &row.recurrent, &row.expiration)
	if errors.Is(err, pgx.ErrNoRows) || postgres.ConstraintName(err) == "registrations_pkey" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &row, nil
}

// exhausted tells when the next subject of a full space becomes free.
func (r *Registry) exhausted(ctx context.Context, a *Account) error {
	var seconds float64
	err := r.db.QueryRow(ctx, `
		SELECT extract(epoch FROM expiration - now())::float8 FROM registrations
		WHERE generation_id = $1 ORDER BY due_day LIMIT 1`, a.generation.id).Scan(&seconds)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	wait := time.Duration(seconds*float64(time.Second)) + a.Quarantine
	return &RetryLater{Err: ErrSpaceExhausted, After: min(max(wait, time.Minute), 24*time.Hour)}
}
