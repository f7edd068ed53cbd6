package bouncetest

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/migrations/testdb"
	"github.com/shortwire/shortwire/subjects"
)

// Clock moves the time of a database. The statements of the gateway call now()
// and clock_timestamp() without a schema, so those of a schema that stands before
// pg_catalog in the search path are found: nothing in the gateway knows.
type Clock struct {
	url string
}

const clockSQL = `
	CREATE SCHEMA clock;
	CREATE TABLE clock.skew (only_row boolean PRIMARY KEY, ahead interval NOT NULL);
	INSERT INTO clock.skew VALUES (true, '0');
	-- PL/pgSQL keeps its plans for the session; SQL would plan at every call.
	CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE plpgsql STABLE AS
		'BEGIN RETURN pg_catalog.now() + (SELECT ahead FROM clock.skew WHERE only_row); END';
	CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS
		'BEGIN RETURN pg_catalog.clock_timestamp() + (SELECT ahead FROM clock.skew WHERE only_row); END';
	DO $$ BEGIN
		EXECUTE format('ALTER DATABASE %I SET search_path = clock, pg_catalog, public', current_database());
	END $$`

// NewClock returns a fresh database whose clock the test has in its hand. It
// begins with the present time and goes on by itself.
func NewClock(t testing.TB) *Clock {
	t.Helper()
	c := &Clock{url: testdb.New(t)}
	c.exec(t, clockSQL)
	return c
}

// Open opens a house on the database: one more replica at each call.
func (c *Clock) Open(t testing.TB, accounts ...subjects.Account) *House {
	t.Helper()
	return Open(t, c.url, accounts...)
}

// Move moves the clock ahead, for every replica.
func (c *Clock) Move(t testing.TB, by time.Duration) {
	t.Helper()
	c.exec(t, `UPDATE clock.skew SET ahead = ahead + $1 * interval '1 second'`, by.Seconds())
}

func (c *Clock) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // the statement's own error counts
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		t.Fatal(err)
	}
}
