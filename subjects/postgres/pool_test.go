package postgres

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/migrations/testdb"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		more   string // of the URL
		config Config
		want   map[string]string
		conns  int32
	}{
		{"defaults", "", Config{}, map[string]string{
			"application_name": "shortwire", "TimeZone": "UTC", "statement_timeout": "10s", "lock_timeout": "5s",
			"idle_in_transaction_session_timeout": "30s",
		}, int32(min(max(16, 4*runtime.NumCPU()), 64))},
		{"configured", "", Config{MaxConns: 3, StatementTimeout: time.Second, LockTimeout: 2 * time.Second,
			IdleInTransactionTimeout: 1500 * time.Millisecond}, map[string]string{
			"statement_timeout": "1s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "1500ms",
		}, 3},
		{"URL wins", "&statement_timeout=7000&application_name=mine&pool_max_conns=5", Config{StatementTimeout: time.Second},
			map[string]string{"statement_timeout": "7s", "application_name": "mine", "lock_timeout": "5s"}, 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.config.URL = testdb.Empty(t) + test.more
			pool := open(t, test.config)
			for name, want := range test.want {
				var got string
				if err := pool.QueryRow(t.Context(), `SELECT current_setting($1)`, name).Scan(&got); err != nil || got != want {
					t.Errorf("%s = %q, want %q (%v)", name, got, want, err)
				}
			}
			if got := pool.Config().MaxConns; got != test.conns {
				t.Errorf("%d connections, want %d", got, test.conns)
			}
			if pool.Config().MaxConnLifetimeJitter == 0 || pool.Config().ConnConfig.ConnectTimeout == 0 {
				t.Error("no jitter or no connect timeout")
			}
		})
	}
}

// Every mode that is offered carries the shapes the rooms use.
func TestExecModes(t *testing.T) {
	t.Parallel()
	for mode := range execModes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			pool := open(t, Config{URL: testdb.Empty(t), ExecMode: mode})
			var total int
			err := pool.QueryRow(t.Context(), `SELECT sum(length(b) * n) FROM unnest($1::bytea[], $2::bigint[]) AS r (b, n)`,
				[][]byte{{1, 2}, {}, {3}}, []int64{10, 20, 30}).Scan(&total)
			if err != nil || total != 50 {
				t.Errorf("got %d, %v", total, err)
			}
		})
	}
}

func TestExecModesThatAreNotOffered(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{
		{URL: "postgres:///db", ExecMode: "simple_protocol"},
		{URL: "postgres:///db?default_query_exec_mode=simple_protocol"},
		{URL: "postgres:///db", ExecMode: "nonsense"},
	} {
		if _, err := Open(t.Context(), c); !errors.Is(err, ErrExecMode) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestTimesAreUTC(t *testing.T) {
	t.Parallel()
	pool := open(t, Config{URL: testdb.Empty(t)})
	var at time.Time
	err := pool.QueryRow(t.Context(), `SELECT timestamptz '2026-03-01 10:00:00+05'`).Scan(&at)
	if want := time.Date(2026, 3, 1, 5, 0, 0, 0, time.UTC); err != nil || at != want {
		t.Errorf("got %v, %v; want %v", at, err, want)
	}
}

func TestNoErrorHoldsThePassword(t *testing.T) {
	t.Parallel()
	for _, databaseURL := range []string{
		"postgres://me:s3cr/et@localhost/db",
		"postgres://me:s3cr%et@localhost/db",
		"postgres://me:s3cret@localhost:port/db",
		"host=localhost password=s3cret port=x",
		"host=localhost password='s3cret",
		"postgres://me:s3cret@localhost/db?pool_max_conns=x",
		"postgres://me:s3cret@127.0.0.1:1/db", // refused
		"postgres://me:s3cret@localhost/db?sslrootcert=/nonexistent",
	} {
		_, err := Open(t.Context(), Config{URL: databaseURL})
		if err == nil || strings.Contains(err.Error(), "s3cr") {
			t.Errorf("%q: %v", databaseURL, err)
		}
	}
}

func open(t testing.TB, c Config) *pgxpool.Pool {
	t.Helper()
	pool, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func execute(t testing.TB, pool *pgxpool.Pool, statement string, arguments ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), statement, arguments...); err != nil {
		t.Fatal(err)
	}
}
