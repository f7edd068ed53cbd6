package postgres

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// ListenerConfig says what to listen to.
type ListenerConfig struct {
	// Database is how to connect. Not through a pgbouncer that pools by
	// transaction.
	Database Config
	// Channels to LISTEN on.
	Channels []string
	// OnNotify is called for every notification, one after the other. It must
	// return soon, and treat a notification as a hint to read again: several
	// may come as one.
	OnNotify func(channel, payload string)
	// OnReconnect is called after a lost connection was replaced and LISTENs
	// again: notifications were missed, everything must be read again. It may
	// be nil.
	OnReconnect func()
	// Log is told about lost connections; nil is silent.
	Log *slog.Logger
}

// A connection that says nothing is asked for a sign of life, since a peer that
// vanished sends nothing at all. Attempts to reconnect begin fast and slow down.
const (
	silenceLimit  = 30 * time.Second
	lifeSignLimit = 5 * time.Second
	firstRetry    = 50 * time.Millisecond
	slowestRetry  = 5 * time.Second
)

// Listener keeps one connection of its own that LISTENs. Its states: connecting,
// listening, ended; it goes back from listening to connecting for ever.
type Listener struct {
	config ListenerConfig
	log    *slog.Logger
	ready  chan struct{}
	once   sync.Once
}

// NewListener returns a listener that does nothing before Run.
func NewListener(c ListenerConfig) *Listener {
	l := &Listener{config: c, log: c.Log, ready: make(chan struct{})}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	return l
}

// Ready is closed when the listener LISTENs for the first time: what is read
// after that misses nothing.
func (l *Listener) Ready() <-chan struct{} { return l.ready }

// Run listens until ctx ends and returns its error. Other errors are those of
// a configuration that never works (ErrURL, ErrExecMode).
func (l *Listener) Run(ctx context.Context) error {
	config, err := l.config.Database.pool()
	if err != nil {
		return wrap(err)
	}
	pause := firstRetry
	for {
		listening, err := l.session(ctx, config.ConnConfig)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if listening {
			pause = firstRetry
		}
		l.log.WarnContext(ctx, "database listener: connection lost", "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause)): // replicas shall not come at once
		}
		pause = min(2*pause, slowestRetry)
	}
}

// session is one connection, from connecting to its loss. It tells whether it
// came to listening.
func (l *Listener) session(ctx context.Context, config *pgx.ConnConfig) (listening bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), lifeSignLimit)
		defer cancel()
		err = errors.Join(err, conn.Close(closing))
	}()
	for _, channel := range l.config.Channels {
		if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
			return false, err
		}
	}
	l.announce()
	return true, l.receive(ctx, conn)
}

// announce reports the first time by Ready, every later one by OnReconnect.
func (l *Listener) announce() {
	again := true
	l.once.Do(func() {
		again = false
		close(l.ready)
	})
	if again && l.config.OnReconnect != nil {
		l.config.OnReconnect()
	}
}

func (l *Listener) receive(ctx context.Context, conn *pgx.Conn) error {
	for {
		waiting, cancel := context.WithTimeout(ctx, silenceLimit)
		n, err := conn.WaitForNotification(waiting)
		silent := waiting.Err() != nil && ctx.Err() == nil
		cancel()
		switch {
		case err == nil:
			l.config.OnNotify(n.Channel, n.Payload)
		case !silent:
			return err
		default: // a wait that ended by its context leaves the connection usable
			if err := lifeSign(ctx, conn); err != nil {
				return err
			}
		}
	}
}

func lifeSign(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, lifeSignLimit)
	defer cancel()
	return conn.Ping(ctx)
}
