package migrations

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed *.sql
var files embed.FS

// Applied is one migration this binary knows, and when the database got it.
type Applied struct {
	Number int64
	Name   string    // file name without .sql
	At     time.Time // UTC; zero: not yet applied
}

// Fingerprint is a hash over every migration, names and contents: equal
// fingerprints make equal schemas.
func Fingerprint() string {
	return fingerprint(files)
}

// Up applies what is missing and returns the names of what it applied, in
// order; none when there was nothing to do. A nil log is silent.
//
// Errors: ErrURL, ErrAhead, and whatever the database says, with the number of
// the migration that failed. Those before it stay applied.
func Up(ctx context.Context, databaseURL string, log *slog.Logger) ([]string, error) {
	return up(ctx, files, databaseURL, log)
}

// Status lists every migration this binary knows, in order. It changes nothing.
func Status(ctx context.Context, databaseURL string) ([]Applied, error) {
	return status(ctx, files, databaseURL)
}

// Check tells whether binary and schema fit: nil, or an error that wraps
// ErrBehind or ErrAhead. It changes nothing.
func Check(ctx context.Context, databaseURL string) error {
	return check(ctx, files, databaseURL)
}

func up(ctx context.Context, fsys fs.FS, databaseURL string, log *slog.Logger) ([]string, error) {
	switch err := check(ctx, fsys, databaseURL); {
	case err == nil: // the fast path: no lock, no write
		return nil, nil
	case !errors.Is(err, ErrBehind):
		return nil, err
	}
	db, err := open(databaseURL)
	if err != nil {
		return nil, err
	}
	defer db.Close() //nolint:errcheck // nothing is written after the migrations
	provider, err := newProvider(db, fsys)
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	if partial := (*goose.PartialError)(nil); errors.As(err, &partial) {
		results = partial.Applied
	}
	return announce(ctx, results, log), wrap(err)
}

// newProvider waits for the lock by asking every second, five minutes long:
// longer than any migration should take, and replicas that wait do no harm.
func newProvider(db *sql.DB, fsys fs.FS) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, wrap(err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, fsys,
		goose.WithSessionLocker(locker),
		goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()),
	)
	return provider, wrap(err)
}

func announce(ctx context.Context, results []*goose.MigrationResult, log *slog.Logger) []string {
	var names []string
	for _, r := range results {
		name := baseName(r.Source.Path)
		names = append(names, name)
		if log != nil {
			log.InfoContext(ctx, "migration applied", "migration", name, "took", r.Duration)
		}
	}
	return names
}

func check(ctx context.Context, fsys fs.FS, databaseURL string) error {
	known, err := list(fsys)
	if err != nil {
		return err
	}
	at, err := history(ctx, databaseURL)
	if err != nil {
		return err
	}
	newest := known[len(known)-1].Number
	for number := range at {
		if number > newest {
			return fmt.Errorf("migrations: %w (database has %d, binary knows %d)", ErrAhead, number, newest)
		}
	}
	for _, m := range known {
		if _, ok := at[m.Number]; !ok {
			return fmt.Errorf("migrations: %w (missing: %s)", ErrBehind, m.Name)
		}
	}
	return nil
}

func status(ctx context.Context, fsys fs.FS, databaseURL string) ([]Applied, error) {
	known, err := list(fsys)
	if err != nil {
		return nil, err
	}
	at, err := history(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	for i := range known {
		known[i].At = at[known[i].Number]
	}
	return known, nil
}

// history reads which numbers were applied when (goose stores the clock of the
// session, which open sets to UTC). goose would create its table
// just to look; a check must work for a role that may only read.
func history(ctx context.Context, databaseURL string) (map[int64]time.Time, error) {
	db, err := open(databaseURL)
	if err != nil {
		return nil, err
	}
	defer db.Close() //nolint:errcheck // read only
	var exists bool
	err = db.QueryRowContext(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&exists)
	if err != nil || !exists {
		return nil, wrap(err)
	}
	rows, err := db.QueryContext(ctx,
		`SELECT version_id, tstamp FROM goose_db_version WHERE is_applied AND version_id > 0`)
	if err != nil {
		return nil, wrap(err)
	}
	defer rows.Close() //nolint:errcheck // Err is checked
	at := map[int64]time.Time{}
	for rows.Next() {
		var number int64
		var when time.Time
		if err := rows.Scan(&number, &when); err != nil {
			return nil, wrap(err)
		}
		at[number] = when
	}
	return at, wrap(rows.Err())
}

// open returns a pool of short life. An error of the parser is dropped, since
// it may quote parts of the password, unless it tells of a file (of a
// certificate) that cannot be read.
func open(databaseURL string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("migrations: %w (%w)", ErrURL, file)
	}
	if err != nil {
		return nil, wrap(ErrURL)
	}
	config.RuntimeParams["application_name"] = "shortwire-migrate"
	config.RuntimeParams["timezone"] = "UTC"
	return stdlib.OpenDB(*config), nil
}

// list returns the known migrations in the order of their numbers, which is
// the order of their names.
func list(fsys fs.FS) ([]Applied, error) {
	paths, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return nil, wrap(err)
	}
	if len(paths) == 0 {
		return nil, wrap(goose.ErrNoMigrations)
	}
	known := make([]Applied, 0, len(paths))
	for _, p := range paths {
		number, err := goose.NumericComponent(p)
		if err != nil {
			return nil, wrap(err)
		}
		known = append(known, Applied{Number: number, Name: baseName(p)})
	}
	return known, nil
}

func fingerprint(fsys fs.FS) string {
	hash := sha256.New()
	paths, _ := fs.Glob(fsys, "*.sql") // the pattern is well-formed
	for _, p := range paths {
		text, _ := fs.ReadFile(fsys, p) // embedded: always readable
		fmt.Fprintf(hash, "%s %d\n", p, len(text))
		hash.Write(text)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}

func baseName(p string) string {
	return strings.TrimSuffix(path.Base(p), ".sql")
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("migrations: %w", err)
}
