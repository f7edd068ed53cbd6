package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/shortwire/shortwire/migrations/testdb"
)

func TestIsTransient(t *testing.T) {
	t.Parallel()
	state := func(code string) error { return fmt.Errorf("x: %w", &pgconn.PgError{Code: code}) }
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"nil", nil, false},
		{"other", errors.New("x"), false},
		{"no rows", pgx.ErrNoRows, false},
		{"caller left", context.Canceled, false},
		{"unique_violation", state("23505"), false},
		{"syntax_error", state("42601"), false},
		{"invalid text", state("22021"), false},
		{"serialization_failure", state("40001"), true},
		{"deadlock_detected", state("40P01"), true},
		{"connection_failure", state("08006"), true},
		{"too_many_connections", state("53300"), true},
		{"disk_full", state("53100"), true},
		{"admin_shutdown", state("57P01"), true},
		{"cannot_connect_now", state("57P03"), true},
		{"query_canceled", state("57014"), true},
		{"lock_not_available", state("55P03"), true},
		{"idle_in_transaction_session_timeout", state("25P03"), true},
		{"read_only_sql_transaction", state("25006"), true},
		{"deadline", context.DeadlineExceeded, true},
		{"cut off", io.ErrUnexpectedEOF, true},
		{"busy", wrap(ErrBusy), true},
		{"closed", wrap(ErrClosed), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := IsTransient(test.err); got != test.want {
				t.Errorf("%v: %v", test.err, got)
			}
		})
	}
}

// The same with errors of a real server.
func TestRealErrorsAreTransient(t *testing.T) {
	t.Parallel()
	url := testdb.Empty(t)
	execute(t, open(t, Config{URL: url}), `CREATE TABLE r (id int PRIMARY KEY)`)
	// Long enough for every statement but the one that shall run into it.
	pool := open(t, Config{URL: url, StatementTimeout: 2 * time.Second, LockTimeout: 20 * time.Millisecond})
	tests := map[string]func(conn *pgx.Conn) error{
		"statement timeout": func(conn *pgx.Conn) error {
			_, err := conn.Exec(t.Context(), `SELECT pg_sleep(60)`)
			return err
		},
		"lock timeout": func(conn *pgx.Conn) error {
			return InTx(t.Context(), pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), `LOCK TABLE r`); err != nil {
					t.Error(err)
				}
				_, err := conn.Exec(t.Context(), `INSERT INTO r VALUES (1)`)
				return err
			})
		},
		"terminated": func(conn *pgx.Conn) error {
			_, err := conn.Exec(t.Context(), `SELECT pg_terminate_backend(pg_backend_pid())`)
			return err
		},
		"terminated earlier": func(conn *pgx.Conn) error {
			execute(t, pool, `SELECT pg_terminate_backend($1)`, int32(conn.PgConn().PID()))
			_, first := conn.Exec(t.Context(), `SELECT 1`)
			_, second := conn.Exec(t.Context(), `SELECT 1`)
			if !IsTransient(first) {
				t.Errorf("first use: %v", first)
			}
			return second
		},
		"nobody listens": func(*pgx.Conn) error {
			_, err := Open(t.Context(), Config{URL: "postgres://127.0.0.1:1/db"})
			return err
		},
	}
	for name, provoke := range tests {
		t.Run(name, func(t *testing.T) {
			conn, err := pgx.ConnectConfig(t.Context(), pool.Config().ConnConfig)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(t.Context()) //nolint:errcheck // usually broken by now
			if err := provoke(conn); !IsTransient(err) {
				t.Errorf("%v is not transient", err)
			}
		})
	}
}

func TestConstraintName(t *testing.T) {
	t.Parallel()
	pool := open(t, Config{URL: testdb.Empty(t)})
	execute(t, pool, `CREATE TABLE r (id int CONSTRAINT r_id UNIQUE)`)
	err := InTx(t.Context(), pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO r VALUES (1), (1)`)
		return fmt.Errorf("in a room: %w", err)
	})
	if got := ConstraintName(err); got != "r_id" || IsTransient(err) {
		t.Errorf("got %q of %v", got, err)
	}
	if got := ConstraintName(errors.New("x")); got != "" {
		t.Errorf("got %q", got)
	}
}
