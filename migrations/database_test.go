package migrations_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3/lock"

	"github.com/shortwire/shortwire/migrations"
	"github.com/shortwire/shortwire/migrations/testdb"
)

func TestUpStepByStep(t *testing.T) {
	t.Parallel()
	migrations.TestUpStepByStepOn(t, testdb.Empty(t))
}

func TestManyReplicasMigrateAtOnce(t *testing.T) {
	t.Parallel()
	migrations.TestManyReplicasOn(t, testdb.Empty(t))
}

// A role that may only read can check, and nothing is created on the way.
func TestCheckWritesNothing(t *testing.T) {
	t.Parallel()
	database := testdb.Empty(t)
	if err := migrations.Check(t.Context(), database); err == nil {
		t.Fatal("an empty database passes")
	}
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // read only
	var n int
	err = conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("%d tables, %v", n, err)
	}
}

// While somebody holds goose's lock, a replica with nothing to do passes.
func TestNothingToDoTakesNoLock(t *testing.T) {
	t.Parallel()
	database := testdb.New(t)
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // the lock ends with it

	if _, err := conn.Exec(t.Context(), `SELECT pg_advisory_lock($1)`, lock.DefaultLockID); err != nil {
		t.Fatal(err)
	}
	if names, err := migrations.Up(t.Context(), database, nil); err != nil || len(names) != 0 {
		t.Errorf("applied %v, %v", names, err)
	}
}
