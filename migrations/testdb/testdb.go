// Package testdb gives tests real PostgreSQL databases. Tests only.
//
// New returns a fresh database with the current schema. It lives on a private
// cluster that is started once per test binary, without durability, and ends
// with it however it ends: a watchdog process waits for the end of a pipe that
// only the test binary holds. No TestMain is needed.
//
// With TEST_DATABASE_URL set (the URL form, a role that may create databases),
// databases are created on that server instead.
//
// The schema is built once, in a template database that is cloned. On a server
// that is not ours the template stays, named after the fingerprint of the
// migrations, for the next run.
package testdb

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/migrations"
)

// New returns the URL of a fresh database with the current schema. It is
// dropped when the test ends, after every cleanup that the test registers later,
// whoever is still connected.
func New(t testing.TB) string {
	t.Helper()
	template, err := templateOnce()
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	return create(t, template)
}

// Empty returns the URL of a fresh database without any schema. It is dropped
// like those of New.
func Empty(t testing.TB) string {
	t.Helper()
	return create(t, "template0")
}

// serverOnce returns the URL of the server all databases of this binary are on.
var serverOnce = sync.OnceValues(func() (string, error) {
	if server := os.Getenv("TEST_DATABASE_URL"); server != "" {
		return server, nil
	}
	return startCluster()
})

// templateOnce makes the template, or finds the one another binary made on the
// same server. It is built under another name, so that it is never half built.
var templateOnce = sync.OnceValues(func() (string, error) {
	server, err := serverOnce()
	if err != nil {
		return "", err
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx) //nolint:errcheck // the lock ends either way
	// One builder at a time; any number will do that nobody else takes.
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(7306357)`); err != nil {
		return "", err
	}
	template := "shortwire_template_" + migrations.Fingerprint()
	var exists bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, template).Scan(&exists)
	if err != nil || exists {
		return template, err
	}
	return template, build(ctx, conn, server, template)
})

func build(ctx context.Context, conn *pgx.Conn, server, template string) error {
	name := randomName()
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return err
	}
	database, err := withDatabase(server, name)
	if err != nil {
		return err
	}
	if _, err := migrations.Up(ctx, database, nil); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+name+" RENAME TO "+template)
	return err
}

func create(t testing.TB, template string) string {
	t.Helper()
	server, err := serverOnce()
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	name := randomName()
	database, err := withDatabase(server, name)
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	// The log-based strategy (PostgreSQL 15) needs no checkpoint.
	execute(t, server, "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY wal_log")
	t.Cleanup(func() { execute(t, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return database
}

func execute(t testing.TB, server, statement string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // the statement's own error counts
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("testdb: %v", err)
	}
}

func randomName() string {
	return "shortwire_test_" + strings.ToLower(rand.Text())
}

func withDatabase(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return "", fmt.Errorf("TEST_DATABASE_URL: %w", migrations.ErrURL)
	}
	u.Path = "/" + name
	return u.String(), nil
}
