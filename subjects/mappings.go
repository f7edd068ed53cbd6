package subjects

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Mappings answers the exchange: pending mappings of live registrations in the
// order of their keys and, behind them, used ones with what used them, newest
// first.
func (r *Registry) Mappings(ctx context.Context, a *Account, q MappingQuery) ([]MappingRecord, error) {
	sql, args := q.statement(a.id)
	rows, err := r.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanMappingRecord)
}

// statement holds only the conditions that are asked for, so that each of its
// few forms has a plan that uses the index it wants.
func (q MappingQuery) statement(accountID int32) (string, []any) {
	args := []any{accountID, q.Limit, q.Offset}
	pending, used := pendingSQL, usedMappingsSQL
	if q.AuthorizationPub != nil {
		args = append(args, q.AuthorizationPub[:])
		condition := fmt.Sprintf(" AND authorization_pub = $%d", len(args))
		pending, used = pending+condition, used+condition
	}
	if q.AccountPub != nil {
		args = append(args, q.AccountPub[:])
		pending += fmt.Sprintf(" AND account_pub = $%d", len(args))
		// Spelled out as the two partial indexes have it.
		used += fmt.Sprintf(" AND (account_pub = $%d AND credit_type = 'reserve' OR account_pub = $%[1]d AND credit_type = 'kyc')", len(args))
	}
	// Each side is bounded by itself, so that neither is read whole.
	pending = "(" + pending + " ORDER BY authorization_pub LIMIT $2::bigint + $3::bigint)"
	used = "(" + used + " ORDER BY transfer_id DESC LIMIT $2::bigint + $3::bigint)"
	records := pending + " UNION ALL " + used
	switch q.State {
	case MappingPending:
		records = pending
	case MappingUsed:
		records = used
	}
	return "SELECT * FROM (" + records + ") AS record ORDER BY transfer_id DESC NULLS FIRST, authorization_pub LIMIT $2 OFFSET $3", args
}

const (
	pendingSQL = `
		SELECT 'pending' AS state, authorization_pub, m.type, account_pub, m.wad_id, m.origin_exchange_url,
			m.mapped, m.authorization_sig, NULL::bigint AS row_id, '' AS bank_ref, NULL::bigint AS transfer_id
		FROM mappings m JOIN registrations r USING (account_id, authorization_pub)
		WHERE account_id = $1 AND m.transfer_id IS NULL AND m.stored >= r.since AND r.expiration > now()`
	usedMappingsSQL = `
		SELECT 'used' AS state, authorization_pub, t.credit_type, account_pub, t.wad_id, t.origin_exchange_url,
			t.mapped, t.authorization_sig, h.row_id, t.bank_ref, transfer_id
		FROM transfers t LEFT JOIN history h USING (transfer_id)
		WHERE t.account_id = $1 AND t.credit_type IS NOT NULL AND authorization_pub IS NOT NULL`
)

func scanMappingRecord(row pgx.CollectableRow) (MappingRecord, error) {
	var (
		record    MappingRecord
		stored    mappingRow
		pub       []byte
		rowID, id *int64
	)
	targets := append([]any{&record.State, &pub}, stored.targets()...)
	if err := row.Scan(append(targets, &rowID, &record.BankRef, &id)...); err != nil {
		return MappingRecord{}, err
	}
	copy(record.AuthorizationPub[:], pub)
	record.Target = stored.target()
	record.Timestamp = time.Unix(*stored.mapped, 0).UTC()
	if rowID != nil {
		record.RowID = *rowID
	}
	return record, nil
}
