package testdb_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/migrations"
	"github.com/shortwire/shortwire/migrations/testdb"
)

func TestNewHasTheCurrentSchema(t *testing.T) {
	t.Parallel()
	if err := migrations.Check(t.Context(), testdb.New(t)); err != nil {
		t.Fatal(err)
	}
}

func TestDatabasesAreSeparate(t *testing.T) {
	t.Parallel()
	a, b := connect(t, testdb.New(t)), connect(t, testdb.New(t))
	if _, err := a.Exec(t.Context(), `CREATE TABLE only_here ()`); err != nil {
		t.Fatal(err)
	}
	var exists bool
	if err := b.QueryRow(t.Context(), `SELECT to_regclass('only_here') IS NOT NULL`).Scan(&exists); err != nil {
		t.Fatal(err)
	}
	if exists {
		t.Error("a table of one database is in the other")
	}
}

func TestEmptyHasNoTables(t *testing.T) {
	t.Parallel()
	var n int
	err := connect(t, testdb.Empty(t)).QueryRow(t.Context(),
		`SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("%d tables, %v", n, err)
	}
}

func TestDatabaseIsDroppedThoughInUse(t *testing.T) {
	t.Parallel()
	outer := connect(t, testdb.Empty(t))
	var name string
	t.Run("inner", func(t *testing.T) {
		// Cleanups run last in, first out: this one closes after the drop.
		var conn *pgx.Conn
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		var err error
		if conn, err = pgx.Connect(t.Context(), testdb.New(t)); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	var exists bool
	err := outer.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists)
	if err != nil || exists {
		t.Errorf("%s still exists: %v, %v", name, exists, err)
	}
}

func BenchmarkNew(b *testing.B) {
	testdb.New(b)
	for b.Loop() {
		testdb.New(b)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
