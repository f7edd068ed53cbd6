package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
	"github.com/jackc/pgx/v5"
)

// attempts of a start: another program may take the port between our choice and
// the server's, and the shared memory of a killed server may linger.
const attempts = 4

// patience is how long a server may take to answer, or to end.
const patience = 60 * time.Second

// launch starts the server and makes the database.
func (c *Cluster) launch(ctx context.Context) error {
	password, err := os.ReadFile(filepath.Join(c.data(), "password"))
	if err != nil {
		return fmt.Errorf("%w (the file password is missing)", ErrForeignData)
	}
	for attempt := 1; ; attempt++ {
		if err = c.launchOnce(string(password)); err == nil {
			break
		}
		if haltErr := c.halt(ctx); haltErr != nil || attempt == attempts || ctx.Err() != nil {
			return errors.Join(fmt.Errorf("%w\n%s", err, c.logTail()), haltErr)
		}
	}
	if err := c.createDatabase(ctx); err != nil {
		return errors.Join(err, c.halt(context.WithoutCancel(ctx)))
	}
	return nil
}

// launchOnce lets the library start the server on a new port and wait for it.
// The version it is told is that of the data, for it removes what it believes
// to be another version's.
func (c *Cluster) launchOnce(password string) (err error) {
	if c.port, err = freePort(); err != nil {
		return err
	}
	output := &temporaryLog{}
	defer func() { err = errors.Join(err, output.remove()) }()
	return embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(embeddedpostgres.PostgresVersion(strconv.Itoa(c.binaries.major) + ".0.0")).
		BinariesPath(filepath.Dir(c.binaries.bin)).
		CachePath(filepath.Join(c.dir, "cache")).
		RuntimePath(filepath.Join(c.dir, "run")).
		DataPath(c.data()).
		Port(c.port).
		Username(roleName).
		Password(password).
		Database("postgres").
		StartTimeout(patience).
		Logger(output)).Start()
}

// createDatabase runs after every start, since a crash may have come between
// the first start and it. The lock of the directory keeps others away.
func (c *Cluster) createDatabase(ctx context.Context) (err error) {
	config, err := pgx.ParseConfig(c.URL())
	if err != nil {
		return err
	}
	config.Database = "postgres"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var exists bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, databaseName).Scan(&exists)
	if err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{databaseName}.Sanitize())
	return err
}

// halt makes sure that nothing works in the data directory: it stops the
// server, gently first, and waits for backends that a killed server left. Only
// then is a stale postmaster.pid removed: its process number may belong to
// another program by now (in a container it usually does), and PostgreSQL would
// refuse to start.
func (c *Cluster) halt(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, mode := range []string{"fast", "immediate"} {
		if len(processesIn(c.data())) == 0 {
			break
		}
		// An error shows in what is left running.
		_ = c.binaries.command("pg_ctl", "stop", "-w", "-t", "30", "-m", mode, "-D", c.data()).Run()
	}
	for {
		left := processesIn(c.data())
		if len(left) == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL processes %v do not end: end them by hand", left)
		case <-time.After(20 * time.Millisecond):
		}
	}
	err := os.Remove(filepath.Join(c.data(), "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// logTail returns the end of the newest server log, which says why a start
// failed.
func (c *Cluster) logTail() string {
	logs, _ := filepath.Glob(filepath.Join(c.dir, "log", "*.log")) // the pattern is well-formed
	var newest string
	var at time.Time
	for _, path := range logs {
		if info, err := os.Stat(path); err == nil && info.ModTime().After(at) {
			newest, at = path, info.ModTime()
		}
	}
	text, err := os.ReadFile(newest)
	if err != nil {
		return ""
	}
	return string(text[max(0, len(text)-1000):])
}

func freePort() (uint32, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("no free port on 127.0.0.1: %w", err)
	}
	defer l.Close() //nolint:errcheck // nothing was sent
	return uint32(l.Addr().(*net.TCPAddr).Port), nil
}

// temporaryLog finds the file the library collects output in, which it never
// removes. The library copies from that file to its logger, and io.Copy gives
// the file to a logger with ReadFrom. Its text is in the library's errors.
type temporaryLog struct{ name string }

func (l *temporaryLog) Write(p []byte) (int, error) { return len(p), nil }

// ReadFrom remembers the name of the file.
func (l *temporaryLog) ReadFrom(r io.Reader) (int64, error) {
	if f, ok := r.(interface{ Name() string }); ok {
		l.name = f.Name()
	}
	return io.Copy(io.Discard, struct{ io.Reader }{r})
}

func (l *temporaryLog) remove() error {
	if l.name == "" {
		return nil
	}
	return os.Remove(l.name)
}
