package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// The sentinels of this package.
var (
	// ErrURL means that a database URL cannot be read. It never quotes the
	// URL, which holds the password.
	ErrURL = errors.New("the database URL cannot be read: write postgres://user:password@host:port/name " +
		"and percent-encode special characters of the password")
	// ErrExecMode means that the exec mode is none that is offered.
	ErrExecMode = errors.New("the exec mode must be cache_statement, cache_describe or exec")
	// ErrNested means that a transaction was begun inside a transaction.
	ErrNested = errors.New("a transaction inside a transaction: use the one that is open")
	// ErrBusy means that no connection or place in a queue became free in time.
	ErrBusy = errors.New("the database is busy: try again later")
	// ErrClosed means that a Combiner was closed.
	ErrClosed = errors.New("shutting down: try again later")
)

// SQLSTATE codes (PostgreSQL manual, appendix A) this package decides by.
const (
	serializationFailure  = "40001"
	deadlockDetected      = "40P01"
	queryCanceled         = "57014" // statement_timeout
	lockNotAvailable      = "55P03" // lock_timeout
	idleInTransaction     = "25P03" // idle_in_transaction_session_timeout
	readOnlyTransaction   = "25006" // a standby, shortly after a failover
	classConnection       = "08"
	classResources        = "53" // too many connections, disk full, out of memory
	classOperatorShutdown = "57P"
)

// ConstraintName returns the name of the constraint that was violated, or "".
func ConstraintName(err error) string {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pgErr.ConstraintName
	}
	return ""
}

// IsServerError tells whether the server itself refused, so that the transaction
// is known to have stored nothing.
func IsServerError(err error) bool { return sqlState(err) != "" }

// IsTransient tells whether an error will probably pass by itself, so that a
// caller answers "try again" and not "we are broken": no connection, a lost
// one, a server that starts, stops, has too much to do or became a standby, a
// timeout of statement or lock, and conflicts that outlasted every retry.
//
// After a lost connection nobody knows whether a commit happened: what is tried
// again must be idempotent.
func IsTransient(err error) bool {
	if isUnreachable(err) || isConflict(err) {
		return true
	}
	switch sqlState(err) {
	case queryCanceled, lockNotAvailable, idleInTransaction:
		return true
	}
	return errors.Is(err, ErrBusy) || errors.Is(err, ErrClosed)
}

// isUnreachable tells whether the cause is the server or the way to it, so that
// any other statement would fail as well.
func isUnreachable(err error) bool {
	if code := sqlState(err); code != "" {
		return code == readOnlyTransaction || strings.HasPrefix(code, classConnection) ||
			strings.HasPrefix(code, classResources) || strings.HasPrefix(code, classOperatorShutdown)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok { // resets, timeouts; also context.DeadlineExceeded
		return true
	}
	return pgconn.SafeToRetry(err) || // nothing was sent: the connection was closed already
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.DeadlineExceeded)
}

// isConflict tells whether the same transaction may well succeed at once.
func isConflict(err error) bool {
	code := sqlState(err)
	return code == serializationFailure || code == deadlockDetected
}

func sqlState(err error) string {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pgErr.Code
	}
	return ""
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("postgres: %w", err)
}
