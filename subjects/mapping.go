package subjects

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects/postgres"
)

// futureLimit is how far ahead of us a wallet's clock may be. A mapping from
// the far future could never be replaced.
const futureLimit = 24 * time.Hour

// mappingItem is one mapping on its way to the database.
type mappingItem struct {
	account  *Account
	mapping  Mapping
	prepared bool // in Taler's dialect: replaces whatever is there, and sets oneShot
	oneShot  bool
}

func (m mappingItem) key() string { return string(m.mapping.AuthorizationPub[:]) + m.account.Name }

// mapped is what became of a mapping.
type mapped struct {
	expiration time.Time
	credited   int
	err        error // ErrUnknownRegistration, ErrExpired, ErrOldTimestamp, ErrReserveReused
}

// Map stores what the next transfer of a key is to become, and credits the
// oldest transfer that waits for it in the same transaction (M4). The same
// mapping again changes nothing and is answered alike. Errors:
// ErrBadSignature, ErrFutureTimestamp, ErrUnknownRegistration, ErrExpired,
// ErrOldTimestamp, ErrReserveReused.
func (r *Registry) Map(ctx context.Context, a *Account, m Mapping) (Mapped, error) {
	if m.Timestamp.After(r.options.Now().Add(futureLimit)) {
		return Mapped{}, ErrFutureTimestamp
	}
	if !m.AuthorizationPub.Verify(a.MappingText(m.Target, m.Timestamp), m.Signature) {
		return Mapped{}, ErrBadSignature
	}
	return r.storeMapping(ctx, mappingItem{account: a, mapping: m})
}

// storeMapping stores a mapping whose signature has been checked.
func (r *Registry) storeMapping(ctx context.Context, item mappingItem) (Mapped, error) {
	done, err := r.maps.Do(ctx, item)
	if postgres.ConstraintName(err) == "transfers_reserve_pub" {
		// Another way in credited the key while we released: now it shows.
		done, err = r.maps.Do(ctx, item)
	}
	if err == nil {
		err = done.err
	}
	if err != nil {
		return Mapped{}, err
	}
	if done.credited > 0 && r.options.OnReleased != nil {
		// The credit must be in the next history answer (T6).
		if err := r.options.OnReleased(ctx, item.account); err != nil {
			return Mapped{}, err
		}
	}
	return Mapped{Expiration: done.expiration, Credited: done.credited}, nil
}

// mapAll stores a batch of mappings of different keys in one round trip:
// lock, store, release. Each statement has its own snapshot, so what the
// lock waited for is seen.
func (r *Registry) mapAll(ctx context.Context, items []mappingItem) ([]mapped, error) {
	order := sortedItems(items)
	columns := mappingColumns(items, order)
	batch := &pgx.Batch{}
	queueLock(batch, items, order)
	outcomes := make([]mapped, len(items))
	queueMappings(batch, columns, order, outcomes)
	queueTerms(batch, columns)
	r.options.Releaser.QueueRelease(batch, accountsOf(items, order), columns.pubs, func(i int) { outcomes[order[i]].credited = 1 })
	return outcomes, r.db.SendBatch(ctx, batch).Close()
}

// sortedItems returns the order in which locks are taken: that of the primary
// key, the same for every writer, so that no two wait for each other.
func sortedItems(items []mappingItem) []int {
	order := make([]int, len(items))
	for i := range items {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		if d := int(items[i].account.id) - int(items[j].account.id); d != 0 {
			return d
		}
		return bytes.Compare(items[i].mapping.AuthorizationPub[:], items[j].mapping.AuthorizationPub[:])
	})
	return order
}

func accountsOf(items []mappingItem, order []int) []*Account {
	accounts := make([]*Account, len(order))
	for n, i := range order {
		accounts[n] = items[i].account
	}
	return accounts
}

// queueLock locks the registrations of the batch. Keys of methods that store
// nothing get their row here (S8).
func queueLock(b *pgx.Batch, items []mappingItem, order []int) {
	var stored, anchors lockColumns
	for _, i := range order {
		a := items[i].account
		if a.StoresNothing() {
			anchors.add(a, items[i].mapping.AuthorizationPub[:])
		} else {
			stored.add(a, items[i].mapping.AuthorizationPub[:])
		}
	}
	if len(anchors.pubs) > 0 {
		b.Queue(anchorSQL, anchors.accounts, anchors.pubs, anchors.lives, true)
	}
	if len(stored.pubs) > 0 {
		b.Queue(`
			SELECT FROM registrations r JOIN unnest($1::int[], $2::bytea[]) AS want (account_id, authorization_pub) USING (account_id, authorization_pub)
			ORDER BY account_id, authorization_pub FOR NO KEY UPDATE OF r`, stored.accounts, stored.pubs)
	}
}

type lockColumns struct {
	accounts []int32
	pubs     [][]byte
	lives    []float64
}

func (c *lockColumns) add(a *Account, pub []byte) {
	c.accounts = append(c.accounts, a.id)
	c.pubs = append(c.pubs, pub)
	c.lives = append(c.lives, a.RegistrationLifetime.Seconds())
}

// anchorSQL makes or renews the lock row of keys that are their own subject,
// and locks it either way. A row whose time is over starts a new life, which
// ends what was mapped under the old one; $4 says whether a live one is
// extended, as by a mapping, or left alone, as by a transfer.
const anchorSQL = `
	INSERT INTO registrations AS r (account_id, authorization_pub, recurrent, since, expiration, due_day)
	SELECT account_id, authorization_pub, true, now(), date_trunc('second', now() + life * interval '1 second'),
		((now() + life * interval '1 second') AT TIME ZONE 'UTC')::date
	FROM unnest($1::int[], $2::bytea[], $3::float8[]) AS want (account_id, authorization_pub, life)
	ON CONFLICT (account_id, authorization_pub) DO UPDATE SET
		since = CASE WHEN r.expiration <= now() THEN excluded.since ELSE r.since END,
		used = r.used AND r.expiration > now(), recurrent = r.recurrent OR r.expiration <= now(),
		expiration = CASE WHEN $4 OR r.expiration <= now() THEN greatest(r.expiration, excluded.expiration) ELSE r.expiration END,
		due_day = CASE WHEN $4 OR r.expiration <= now() THEN greatest(r.due_day, excluded.due_day) ELSE r.due_day END`

type mappingArrays struct {
	accounts         []int32
	pubs, keys, wads [][]byte
	signatures       [][]byte
	types            []string
	urls             []*string
	stamps           []int64
	prepared         []bool
	oneShots         []bool
}

func mappingColumns(items []mappingItem, order []int) mappingArrays {
	var c mappingArrays
	for _, i := range order {
		m := &items[i].mapping
		c.accounts = append(c.accounts, items[i].account.id)
		c.pubs = append(c.pubs, m.AuthorizationPub[:])
		c.types = append(c.types, string(m.Target.Type))
		c.stamps = append(c.stamps, m.Timestamp.Unix())
		c.signatures = append(c.signatures, m.Signature[:])
		c.prepared = append(c.prepared, items[i].prepared)
		c.oneShots = append(c.oneShots, items[i].oneShot)
		if m.Target.Type == CreditWAD {
			c.keys, c.wads, c.urls = append(c.keys, nil), append(c.wads, m.Target.WadID[:]), append(c.urls, &m.Target.OriginExchangeURL)
		} else {
			c.keys, c.wads, c.urls = append(c.keys, m.Target.AccountPub[:]), append(c.wads, nil), append(c.urls, nil)
		}
	}
	return c
}

// queueMappings stores what may be stored and tells for each item what was in
// the way. A mapping from before the current life of its registration does not
// count; a used one keeps its timestamp as the mark that newer ones must pass, and
// one that was forgotten has left its own with the account. One in Taler's dialect
// bears no timestamp and passes always; it leaves the mark where it is, or at the
// present time if that is later (M1).
func queueMappings(b *pgx.Batch, c mappingArrays, order []int, outcomes []mapped) {
	b.Queue(mapSQL, c.accounts, c.pubs, c.types, c.keys, c.wads, c.urls, c.stamps, c.signatures, c.prepared).Query(func(rows pgx.Rows) error {
		var (
			n                                int32
			expiration                       *time.Time
			live, stored, same, older, taken bool
			used                             bool
		)
		_, err := pgx.ForEachRow(rows, []any{&n, &expiration, &live, &stored, &same, &older, &taken, &used}, func() error {
			outcomes[order[n-1]] = mappingOutcome(expiration, live, stored, same, older, taken)
			if same && used {
				outcomes[order[n-1]].credited = 1 // a repetition of what credited before
			}
			return nil
		})
		return err
	})
}

const mapSQL = `
	WITH want AS (
		SELECT * FROM unnest($1::int[], $2::bytea[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::bigint[], $8::bytea[], $9::bool[]) WITH ORDINALITY
			AS want (account_id, authorization_pub, type, account_pub, wad_id, origin_exchange_url, mapped, authorization_sig, prepared, n)
	), seen AS (
		SELECT want.*, r.expiration, coalesce(r.expiration > now(), false) AS live,
			coalesce((m.mapped = want.mapped OR want.prepared) AND m.type = want.type AND m.stored >= r.since
				AND m.account_pub IS NOT DISTINCT FROM want.account_pub AND m.wad_id IS NOT DISTINCT FROM want.wad_id
				AND m.origin_exchange_url IS NOT DISTINCT FROM want.origin_exchange_url
				AND NOT (want.prepared AND want.type = 'kyc' AND m.transfer_id IS NOT NULL), false) AS same,
			NOT want.prepared AND coalesce(m.mapped, a.mapping_floor) >= want.mapped AS older, coalesce(m.mapped, a.mapping_floor) AS former,
			m.transfer_id IS NOT NULL AS used, taken.transfer_id IS NOT NULL OR want.prepared AND ` + promisedSQL + ` AS taken
		FROM want JOIN accounts a USING (account_id) LEFT JOIN registrations r USING (account_id, authorization_pub)
			LEFT JOIN mappings m USING (account_id, authorization_pub)
			LEFT JOIN transfers taken ON want.type = 'reserve' AND taken.account_pub = want.account_pub AND taken.credit_type = 'reserve'
	), put AS (
		INSERT INTO mappings (account_id, authorization_pub, type, account_pub, wad_id, origin_exchange_url, mapped, authorization_sig, stored, dialect)
		SELECT account_id, authorization_pub, type, account_pub, wad_id, origin_exchange_url,
			CASE WHEN prepared THEN greatest(mapped, former) ELSE mapped END, authorization_sig, clock_timestamp(),
			CASE WHEN prepared THEN 'taler' ELSE 'shortwire' END
		FROM seen WHERE live AND NOT older AND NOT taken AND NOT (prepared AND same)
		ON CONFLICT (account_id, authorization_pub) DO UPDATE SET
			type = excluded.type, account_pub = excluded.account_pub, wad_id = excluded.wad_id,
			origin_exchange_url = excluded.origin_exchange_url, mapped = excluded.mapped,
			authorization_sig = excluded.authorization_sig, stored = excluded.stored, dialect = excluded.dialect, transfer_id = NULL
		WHERE mappings.mapped < excluded.mapped OR excluded.dialect = 'taler'
		RETURNING account_id, authorization_pub
	)
	SELECT seen.n::int, seen.expiration, seen.live, put.account_id IS NOT NULL, seen.same, seen.older, seen.taken, seen.used
	FROM seen LEFT JOIN put USING (account_id, authorization_pub)`

// mappingOutcome puts the reasons in the order in which a wallet can do
// something about them.
func mappingOutcome(expiration *time.Time, live, stored, same, older, taken bool) mapped {
	switch {
	case expiration == nil:
		return mapped{err: ErrUnknownRegistration}
	case !live:
		return mapped{err: ErrExpired}
	case stored || same:
		return mapped{expiration: *expiration}
	case taken:
		return mapped{err: ErrReserveReused}
	case older:
		return mapped{err: ErrOldTimestamp}
	}
	return mapped{err: &RetryLater{Err: ErrOldTimestamp, After: time.Second}}
}
