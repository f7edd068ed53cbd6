package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says how to reach the database. The zero value of everything but URL
// is a good choice. Parameters in the URL (connect_timeout=3,
// statement_timeout=5000, pool_max_conns=10, ...) win over the defaults here,
// and MaxConns and ExecMode win over the URL.
//
// A pgbouncer that pools by transaction needs ExecMode "exec" or
// "cache_describe", needs its ignore_startup_parameters to name
// statement_timeout, lock_timeout and idle_in_transaction_session_timeout (then
// give these to the role with ALTER ROLE), and cannot serve a Listener.
type Config struct {
	// URL in either form PostgreSQL knows; it usually holds a password.
	URL string
	// MaxConns bounds the pool. 0: four per processor, at least 16, at most 64.
	MaxConns int
	// ExecMode is how statements travel: "cache_statement" (the default:
	// prepared once per connection), "cache_describe" or "exec". pgx's simple
	// protocol is not offered: it puts arguments into the text of statements.
	ExecMode string
	// ConnectTimeout of one attempt. 0: 5 s.
	ConnectTimeout time.Duration
	// StatementTimeout ends a statement on the server. It should be a little
	// below the deadlines of the contexts, since a context that ends costs its
	// connection. 0: 10 s.
	StatementTimeout time.Duration
	// LockTimeout ends the wait for one lock. 0: 5 s.
	LockTimeout time.Duration
	// IdleInTransactionTimeout ends a session that holds a transaction open
	// and does nothing: its client is probably gone. 0: 30 s.
	IdleInTransactionTimeout time.Duration
}

// Connections are replaced after an hour, so that a new server behind the same
// name is found, and not all at once.
const (
	connLifetime       = time.Hour
	connLifetimeJitter = 10 * time.Minute
)

var execModes = map[string]pgx.QueryExecMode{
	"cache_statement": pgx.QueryExecModeCacheStatement,
	"cache_describe":  pgx.QueryExecModeCacheDescribe,
	"exec":            pgx.QueryExecModeExec,
}

// Open returns a pool that has reached the database once. The caller closes it.
//
// Errors: ErrURL, ErrExecMode, and what connecting says.
func Open(ctx context.Context, c Config) (*pgxpool.Pool, error) {
	config, err := c.pool()
	if err != nil {
		return nil, wrap(err)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, wrap(err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, wrap(err)
	}
	return pool, nil
}

// pool drops the error of the parser, which may quote parts of the password,
// unless it tells of a file (of a certificate) that cannot be read.
func (c Config) pool() (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(c.URL)
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("%w (%w)", ErrURL, file)
	}
	if err != nil {
		return nil, ErrURL
	}
	switch {
	case c.MaxConns > 0:
		config.MaxConns = int32(min(c.MaxConns, 10_000))
	case !strings.Contains(c.URL, "pool_max_conns"):
		config.MaxConns = int32(min(max(16, 4*runtime.NumCPU()), 64))
	}
	config.MaxConnLifetime = connLifetime
	config.MaxConnLifetimeJitter = connLifetimeJitter
	config.AfterConnect = scanUTC
	return config, c.connection(config.ConnConfig)
}

func (c Config) connection(config *pgx.ConnConfig) error {
	if c.ExecMode != "" {
		mode, ok := execModes[c.ExecMode]
		if !ok {
			return fmt.Errorf("%w, not %q", ErrExecMode, c.ExecMode)
		}
		config.DefaultQueryExecMode = mode
	}
	if config.DefaultQueryExecMode == pgx.QueryExecModeSimpleProtocol {
		return fmt.Errorf("%w, not simple_protocol", ErrExecMode)
	}
	if !strings.Contains(c.URL, "connect_timeout") {
		config.ConnectTimeout = cmp.Or(c.ConnectTimeout, 5*time.Second)
	}
	for name, value := range map[string]string{
		"application_name": "shortwire",
		"timezone":         "UTC",
		// Our statements are few, fixed and all by index, and planning one costs
		// up to three times what running it does. PostgreSQL would plan many of
		// them anew at every execution, because it cannot know how long the
		// arrays are that most of them take.
		"plan_cache_mode": "force_generic_plan",
		// Such a plan outlives the table it was made for: one that read a small
		// table whole would still do so when a million rows are in it. So
		// statements are written as joins along indexes, and are kept to them.
		"enable_seqscan": "off",
		// A scan that there is no way around then counts as very dear, and would be
		// compiled to machine code at every execution, for milliseconds.
		"jit": "off",
		// What is read by index is in memory or on a disk without a head.
		"random_page_cost":                    "1.1",
		"enable_hashjoin":                     "off",
		"enable_mergejoin":                    "off",
		"statement_timeout":                   milliseconds(cmp.Or(c.StatementTimeout, 10*time.Second)),
		"lock_timeout":                        milliseconds(cmp.Or(c.LockTimeout, 5*time.Second)),
		"idle_in_transaction_session_timeout": milliseconds(cmp.Or(c.IdleInTransactionTimeout, 30*time.Second)),
	} {
		if _, ok := config.RuntimeParams[name]; !ok {
			config.RuntimeParams[name] = value
		}
	}
	return nil
}

// scanUTC makes pgx return timestamptz in UTC; without it they come in the time
// zone of the machine.
func scanUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

// milliseconds writes a timeout for PostgreSQL, to which 0 means none.
func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(d.Milliseconds(), 1), 10)
}
