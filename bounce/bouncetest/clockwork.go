package bouncetest

import (
	"context"
	"crypto/rand"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/migrations/testdb"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/postgres"
)

// stoppedClockSQL puts functions of ours before those of the server: production SQL
// says now() and clock_timestamp(), and PostgreSQL finds names in the order of
// search_path. Defaults of columns were bound when the tables were made and keep
// the true time.
const stoppedClockSQL = `
	CREATE SCHEMA clock;
	CREATE TABLE clock.stopped (at timestamptz NOT NULL);
	INSERT INTO clock.stopped VALUES ('2026-01-01 12:00:00Z');
	CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM clock.stopped';
	CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT at FROM clock.stopped';
	DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = clock, pg_catalog, public', current_database()); END $$`

// Clockwork is a house whose database and gateway share one clock, which stands
// still until it is moved.
type Clockwork struct {
	*House
	accounts []subjects.Account
	at       atomic.Int64
}

// NewClockwork opens a house with a stopped clock.
func NewClockwork(t testing.TB, accounts ...subjects.Account) *Clockwork {
	t.Helper()
	url := testdb.New(t)
	c := &Clockwork{House: &House{URL: url}, accounts: accounts}
	first, err := postgres.Open(t.Context(), postgres.Config{URL: url, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = first.Exec(t.Context(), stoppedClockSQL)
	first.Close() // the path of search is set for connections to come
	if err != nil {
		t.Fatal(err)
	}
	if c.Pool, err = postgres.Open(t.Context(), postgres.Config{URL: url, MaxConns: 8}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Pool.Close)
	c.Renew(t)
	t.Cleanup(c.closeRooms)
	return c
}

// Renew empties the house and sets the clock back: a fresh gateway on a fresh
// database, for a hundredth of the price.
func (c *Clockwork) Renew(t testing.TB) {
	t.Helper()
	c.closeRooms()
	c.Exec(t, `TRUNCATE registrations, mappings, transfers, history, history_queue, revenue, revenue_queue, payments, sightings, generations, pricing, prices, grace, accepted, proofs, accounts`)
	c.Exec(t, `UPDATE walks SET account_id = 0, authorization_pub = '', transfer_id = 0`)
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	c.at.Store(start.Unix())
	c.Exec(t, `UPDATE clock.stopped SET at = $1`, start)
	var err error
	accounts := append([]subjects.Account(nil), c.accounts...)
	c.Registry, c.Desk, err = openRooms(t.Context(), c.Pool, accounts, c.Now)
	if err != nil {
		t.Fatal(err)
	}
}

func (c *Clockwork) closeRooms() {
	if c.Registry != nil {
		c.Registry.Close()
		c.Desk.Close()
	}
}

// Now is the time of the house.
func (c *Clockwork) Now() time.Time { return time.Unix(c.at.Load(), 0).UTC() }

// SetClock moves the clock, to a whole second.
func (c *Clockwork) SetClock(ctx context.Context, to time.Time) error {
	c.at.Store(to.Unix())
	_, err := c.Pool.Exec(ctx, `UPDATE clock.stopped SET at = $1`, c.Now())
	return err
}

// openRooms builds registry and desk on a pool.
func openRooms(ctx context.Context, pool *pgxpool.Pool, accounts []subjects.Account, now func() time.Time) (*subjects.Registry, *bounce.Desk, error) {
	var desk *bounce.Desk
	registry, err := subjects.Open(ctx, pool, accounts, subjects.Options{
		Random: rand.Reader, Now: now, Releaser: bounce.Releaser{}, BatchTimeout: 20 * time.Second,
		OnReleased: func(ctx context.Context, a *subjects.Account) error { return desk.Number(ctx, a) },
	})
	if err != nil {
		return nil, nil, err
	}
	desk = bounce.Open(pool, registry, bounce.Config{
		Retention: Retention, Lease: 5 * time.Minute, PublishLimit: 10 * time.Second, PollInterval: time.Second,
	})
	return registry, desk, nil
}
