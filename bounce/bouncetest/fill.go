package bouncetest

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Fill puts rows numbered from (inclusive) to (exclusive) into every table, as if
// so many keys of the account tiny had been registered and mapped and as many
// transfers had come: eight of ten credited, one held, one bounced. Keys are
// random, as keys are. Nothing is planned from it before ANALYZE, which is done.
func Fill(t testing.TB, pool *pgxpool.Pool, from, to int) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO registrations (account_id, authorization_pub, generation_id, slot, subject, recurrent, used, since, expiration, due_day)
		SELECT account_id, sha256(('key ' || i)::bytea), generation_id, i, 'F' || lpad(i::text, 10, '0'), true, true, now(),
			date_trunc('second', now() + interval '90 days'), (now() + interval '90 days')::date
		FROM generate_series($1::bigint, $2::bigint - 1) AS i, generations`,
		`INSERT INTO mappings (account_id, authorization_pub, type, account_pub, mapped, authorization_sig, stored, transfer_id)
		SELECT account_id, sha256(('key ' || i)::bytea), 'reserve', sha256(('reserve ' || i)::bytea), 1, decode(repeat('00', 64), 'hex'), now(), -1 - i
		FROM generate_series($1::bigint, $2::bigint - 1) AS i, generations`,
		`INSERT INTO transfers (account_id, transfer_id, bank_ref, content_hash, currency, value, fraction, debtor, remittance, received,
			state, reason, hold_until, settled, authorization_pub, authorization_sig, credit_type, account_pub, mapped)
		SELECT account_id, -1 - i, 'FILL' || i, '\x00112233445566778899aabbccddeeff', 'CHF', 12, 0, 'payto://iban/CH5109000000250092291?receiver-name=Maria%20Bernasconi',
			'{"unstructured":["T0000000000"]}', now(), CASE i % 10 WHEN 0 THEN 'held' WHEN 1 THEN 'bounced' ELSE 'credited' END,
			CASE i % 10 WHEN 1 THEN 'malformed' END, CASE i % 10 WHEN 0 THEN now() + interval '7 days' END, CASE WHEN i % 10 > 0 THEN now() END,
			CASE WHEN i % 10 <> 1 THEN sha256(('key ' || i)::bytea) END, CASE WHEN i % 10 > 1 THEN decode(repeat('00', 64), 'hex') END,
			CASE WHEN i % 10 > 1 THEN 'reserve' END, CASE WHEN i % 10 > 1 THEN sha256(('reserve ' || i)::bytea) END, CASE WHEN i % 10 > 1 THEN 1 END
		FROM generate_series($1::bigint, $2::bigint - 1) AS i, generations`,
		`INSERT INTO history (transfer_id, account_id, row_id)
		SELECT -1 - i, account_id, last_row_id + row_number() OVER (ORDER BY i)
		FROM generate_series($1::bigint, $2::bigint - 1) AS i, accounts WHERE i % 10 > 1`,
		`INSERT INTO payments (account_id, kind, transfer_id, end_to_end_id, currency, value, fraction, creditor, subject, status)
		SELECT account_id, 'bounce', -1 - i, 'SWF' || i, 'CHF', 12, 0, 'payto://iban/CH5109000000250092291?receiver-name=Maria%20Bernasconi', 'bounce', 'success'
		FROM generate_series($1::bigint, $2::bigint - 1) AS i, generations WHERE i % 10 = 1`,
		`UPDATE generations SET cursor = greatest(cursor, $2::bigint + 0 * $1::bigint)`,
		`UPDATE accounts SET last_row_id = (SELECT max(row_id) FROM history h WHERE h.account_id = accounts.account_id), numbered_below = pg_current_xact_id()
		WHERE $1::bigint < $2::bigint`,
	} {
		if _, err := pool.Exec(t.Context(), sql, from, to); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pool.Exec(t.Context(), `VACUUM ANALYZE`); err != nil {
		t.Fatal(err)
	}
}
