package subjects

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Mappings answers the exchange: pending mappings of live registrations and,
// behind them, used ones with what used them, newest first.
func (r *Registry) Mappings(ctx context.Context, a *Account, q MappingQuery) ([]MappingRecord, error) {
	var pub, account []byte
	if q.AuthorizationPub != nil {
		pub = q.AuthorizationPub[:]
	}
	if q.AccountPub != nil {
		account = q.AccountPub[:]
	}
	rows, err := r.db.Query(ctx, `
		SELECT * FROM (
			SELECT 'pending' AS state, m.authorization_pub, m.type, m.account_pub, m.wad_id, m.origin_exchange_url,
				m.mapped, m.authorization_sig, NULL::bigint AS row_id, '' AS bank_ref, NULL::bigint AS transfer_id
			FROM mappings m JOIN registrations r USING (account_id, authorization_pub)
			WHERE m.account_id = $1 AND m.transfer_id IS NULL AND m.stored >= r.since AND r.expiration > now()
				AND ($2::bytea IS NULL OR m.authorization_pub = $2) AND ($3::bytea IS NULL OR m.account_pub = $3)
			UNION ALL
			SELECT 'used', t.authorization_pub, t.credit_type, t.account_pub, t.wad_id, t.origin_exchange_url,
				t.mapped, t.authorization_sig, h.row_id, t.bank_ref, t.transfer_id
			FROM transfers t LEFT JOIN history h USING (transfer_id)
			WHERE t.account_id = $1 AND t.credit_type IS NOT NULL AND t.authorization_pub IS NOT NULL
				AND ($2::bytea IS NULL OR t.authorization_pub = $2) AND ($3::bytea IS NULL OR t.account_pub = $3)
		) AS record
		WHERE $4 = '' OR state = $4
		ORDER BY transfer_id DESC NULLS FIRST, mapped DESC, authorization_pub
		LIMIT $5 OFFSET $6`, a.id, pub, account, string(q.State), q.Limit, q.Offset)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanMappingRecord)
}

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
