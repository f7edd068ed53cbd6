package subjects

import (
	"bytes"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// QueueResolve queues the locking and reading of the registrations that a
// batch of candidates names. found is called for each one with the reference
// ("" for a method that stores none). Locks are taken before anything is read,
// in statements of their own, so that what they waited for is seen.
func (r *Registry) QueueResolve(b *pgx.Batch, a *Account, references []wire.Reference, keys []taler.EddsaPublicKey, found func(wire.Reference, Match)) {
	if a.StoresNothing() {
		r.queueResolveKeys(b, a, keys, found)
		return
	}
	if len(references) == 0 {
		return
	}
	wanted := sortedReferences(references)
	b.Queue(`
		WITH found AS MATERIALIZED (
			SELECT r.authorization_pub FROM unnest($2::text[]) AS want (subject) CROSS JOIN LATERAL (
				SELECT authorization_pub FROM registrations r WHERE r.account_id = $1 AND r.subject = want.subject LIMIT 1) AS r
			ORDER BY r.authorization_pub
		)
		SELECT FROM found CROSS JOIN LATERAL (
			SELECT FROM registrations r WHERE r.account_id = $1 AND r.authorization_pub = found.authorization_pub LIMIT 1 FOR NO KEY UPDATE) AS locked`,
		a.id, wanted)
	b.Queue(resolveSQL+` FROM unnest($2::text[]) AS want (subject) CROSS JOIN LATERAL (
		SELECT * FROM registrations r WHERE r.account_id = $1 AND r.subject = want.subject LIMIT 1) AS r`+pendingJoinSQL,
		a.id, wanted).Query(collectMatches(found))
}

func (r *Registry) queueResolveKeys(b *pgx.Batch, a *Account, keys []taler.EddsaPublicKey, found func(wire.Reference, Match)) {
	if len(keys) == 0 {
		return
	}
	var c lockColumns
	for _, key := range sortedKeys(keys) {
		c.add(a, key)
	}
	b.Queue(anchorSQL, c.accounts, c.pubs, c.lives, false)
	b.Queue(resolveSQL+` FROM unnest($2::bytea[]) AS want (authorization_pub) CROSS JOIN LATERAL (
		SELECT * FROM registrations r WHERE r.account_id = $1 AND r.authorization_pub = want.authorization_pub LIMIT 1) AS r`+pendingJoinSQL,
		a.id, c.pubs).Query(collectMatches(found))
}

// sortedReferences returns the distinct references as plain strings.
func sortedReferences(references []wire.Reference) []string {
	texts := make([]string, len(references))
	for i, ref := range references {
		texts[i] = string(ref)
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// sortedKeys returns the distinct keys in lock order.
func sortedKeys(keys []taler.EddsaPublicKey) [][]byte {
	sorted := make([][]byte, len(keys))
	for i := range keys {
		sorted[i] = keys[i][:]
	}
	slices.SortFunc(sorted, bytes.Compare)
	return slices.CompactFunc(sorted, bytes.Equal)
}

// Rows are looked up one by one (LATERAL with LIMIT) because the plan of a join
// may have been made when the tables were empty, and then reads them whole until
// the next ANALYZE.
const (
	resolveSQL = `
	SELECT coalesce(r.subject, ''), r.authorization_pub, r.expiration <= now(), r.recurrent, r.used,
		m.type, m.account_pub, m.wad_id, m.origin_exchange_url, m.mapped, m.authorization_sig,
		m.type = 'reserve' AND (SELECT true FROM transfers t WHERE t.account_pub = m.account_pub AND t.credit_type = 'reserve') IS NOT NULL`
	pendingJoinSQL = `
	LEFT JOIN LATERAL (
		SELECT * FROM mappings m WHERE m.account_id = r.account_id AND m.authorization_pub = r.authorization_pub
			AND m.transfer_id IS NULL AND m.stored >= r.since LIMIT 1) AS m ON true`
)

func collectMatches(found func(wire.Reference, Match)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		var (
			reference wire.Reference
			pub       []byte
			match     Match
			pending   mappingRow
			expired   bool
			recurrent bool
			used      bool
			taken     *bool
		)
		_, err := pgx.ForEachRow(rows, append([]any{&reference, &pub, &expired, &recurrent, &used}, append(pending.targets(), &taken)...), func() error {
			match = Match{Expired: expired, Recurrent: recurrent, Used: used, Taken: taken != nil && *taken}
			copy(match.AuthorizationPub[:], pub)
			match.Pending = pending.mapping(match.AuthorizationPub)
			found(reference, match)
			return nil
		})
		return err
	}
}

// mappingRow scans the columns of a mapping that may be absent.
type mappingRow struct {
	kind              *string
	accountPub, wadID []byte
	url               *string
	mapped            *int64
	signature         []byte
}

func (m *mappingRow) targets() []any {
	return []any{&m.kind, &m.accountPub, &m.wadID, &m.url, &m.mapped, &m.signature}
}

func (m *mappingRow) mapping(pub taler.EddsaPublicKey) *Mapping {
	if m.kind == nil {
		return nil
	}
	out := &Mapping{AuthorizationPub: pub, Target: m.target(), Timestamp: time.Unix(*m.mapped, 0).UTC()}
	copy(out.Signature[:], m.signature)
	return out
}

func (m *mappingRow) target() Target {
	t := Target{Type: CreditType(*m.kind)}
	copy(t.AccountPub[:], m.accountPub)
	copy(t.WadID[:], m.wadID)
	if m.url != nil {
		t.OriginExchangeURL = *m.url
	}
	return t
}

// Use is one mapping being used by a transfer.
type Use struct {
	AuthorizationPub taler.EddsaPublicKey
	TransferID       int64
	Amount           taler.Amount
}

// Extends tells whether a credit of this amount keeps the subject alive (S3):
// a cent must not.
func (a *Account) Extends(amount taler.Amount) bool {
	return amount.Cmp(a.MinimumExtensionAmount) >= 0
}

// QueueUses queues the consumption of pending mappings (M2) and the extension
// of their registrations (S3). The rows are locked by QueueResolve, earlier in
// the same transaction.
func (r *Registry) QueueUses(b *pgx.Batch, a *Account, uses []Use) {
	if len(uses) == 0 {
		return
	}
	var (
		pubs    [][]byte
		ids     []int64
		extends []bool
	)
	for i := range uses {
		pubs = append(pubs, uses[i].AuthorizationPub[:])
		ids = append(ids, uses[i].TransferID)
		extends = append(extends, a.Extends(uses[i].Amount))
	}
	b.Queue(`
		UPDATE mappings m SET transfer_id = use.transfer_id
		FROM unnest($2::bytea[], $3::bigint[]) AS use (authorization_pub, transfer_id)
		WHERE m.account_id = $1 AND m.authorization_pub = use.authorization_pub AND m.transfer_id IS NULL`, a.id, pubs, ids)
	b.Queue(`
		UPDATE registrations r SET used = true,
			expiration = CASE WHEN use.extend THEN greatest(r.expiration, date_trunc('second', now() + $4 * interval '1 second')) ELSE r.expiration END,
			due_day = CASE WHEN use.extend THEN greatest(r.due_day, ((now() + $4 * interval '1 second') AT TIME ZONE 'UTC')::date) ELSE r.due_day END
		FROM unnest($2::bytea[], $3::bool[]) AS use (authorization_pub, extend)
		WHERE r.account_id = $1 AND r.authorization_pub = use.authorization_pub`,
		a.id, pubs, extends, a.RegistrationLifetime.Seconds())
}
