package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/config"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/postgres"
)

// What every wait in the rooms ends with. All stay below the limit of a
// request, so that the caller still hears the answer.
const (
	batchTimeout  = 12 * time.Second // one batch of registrations or mappings
	publishLimit  = 10 * time.Second // one numbering of credits
	pollInterval  = 5 * time.Second  // a long poll reads again although nobody woke it: for leases that ran out
	listenTimeout = 10 * time.Second // until the listener hears
	sweepTimeout  = time.Minute      // one run of the sweeper
	priceTimeout  = 2 * time.Minute  // one look at the prices, with a count of ten million subjects
	offerAge      = time.Second      // a price that was read may be told to others
)

// house is a gateway at work: the rooms from the bottom up. What was opened
// last is closed first.
type house struct {
	config  *config.Config
	log     *slog.Logger
	metrics *prometheus.Registry
	closers []closer

	// databaseEnded is closed when the private PostgreSQL has ended by itself;
	// nil when the database is the operator's.
	databaseEnded <-chan struct{}

	pool     *pgxpool.Pool
	registry *subjects.Registry
	desk     *bounce.Desk
}

// closer undoes one step of the way up.
type closer struct {
	name  string
	close func(context.Context) error
}

func newHouse(c *config.Config, log *slog.Logger) *house {
	return &house{config: c, log: log, metrics: prometheus.NewRegistry()}
}

// onClose remembers how to undo what was just done.
func (h *house) onClose(name string, undo func(context.Context) error) {
	h.closers = append(h.closers, closer{name, undo})
}

// close undoes everything in reverse order. It returns when that is done or
// when ctx ends; what is late then ends with the process.
func (h *house) close(ctx context.Context) error {
	done := make(chan error, 1)
	go func() {
		var errs []error
		for _, c := range slices.Backward(h.closers) {
			h.log.Debug("closing", "what", c.name)
			if err := c.close(ctx); err != nil {
				errs = append(errs, fmt.Errorf("closing %s: %w", c.name, err))
			}
		}
		done <- errors.Join(errs...)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.New("some of the gateway did not stop in time")
	}
}

// postgres says how to reach the database at url.
func (h *house) postgres(url string) postgres.Config {
	return postgres.Config{URL: url, MaxConns: h.config.Database.MaxConnections, ExecMode: h.config.Database.StatementCache}
}

// openRooms opens pool, registry and receiving desk.
func (h *house) openRooms(ctx context.Context, url string, accounts []subjects.Account) error {
	var err error
	if h.pool, err = postgres.Open(ctx, h.postgres(url)); err != nil {
		return err
	}
	h.onClose("connection pool", func(context.Context) error { h.pool.Close(); return nil })
	h.registry, err = subjects.Open(ctx, h.pool, accounts, subjects.Options{
		Random:   rand.Reader,
		Now:      time.Now,
		Releaser: bounce.Releaser{},
		// The two rooms know each other through this one function only; no
		// mapping arrives before the desk is there.
		OnReleased:    func(ctx context.Context, a *subjects.Account) error { return h.desk.Number(ctx, a) },
		BatchTimeout:  batchTimeout,
		Verifiers:     h.config.Verifiers,
		VerifierQueue: h.config.VerifierQueue,
		OfferAge:      offerAge,
	})
	if err != nil {
		return err
	}
	h.desk = bounce.Open(h.pool, h.registry, bounce.Config{
		Retention: h.config.Retention, Lease: h.config.OutgoingLease, PublishLimit: publishLimit, PollInterval: pollInterval,
	})
	// The registry first: its last mappings still want numbers from the desk.
	h.onClose("registry and desk", func(context.Context) error { h.registry.Close(); h.desk.Close(); return nil })
	return nil
}

// startListener wakes long polls for what other replicas did.
func (h *house) startListener(ctx context.Context, url string) error {
	listener := postgres.NewListener(postgres.ListenerConfig{
		Database:    h.postgres(url),
		Channels:    bounce.Channels(),
		OnNotify:    h.desk.Wake,
		OnReconnect: func() { h.desk.Wake("", "") },
		Log:         h.log,
	})
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- listener.Run(running) }()
	h.onClose("listener", func(context.Context) error { stop(); <-ended; return nil })
	select {
	case <-listener.Ready():
		return nil
	case err := <-ended:
		ended <- err // for onClose
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(listenTimeout):
		return errors.New("the database does not let the gateway LISTEN: see whether a pooler stands between them")
	}
}

// startSchedule starts the sweeper. Expiry and the end of a quarantine need no
// job: both are read off the clock.
func (h *house) startSchedule(ctx context.Context) error {
	schedule, err := bounce.StartSchedule(context.WithoutCancel(ctx), h.log,
		bounce.Job{Name: "hold deadlines", Spec: "@every 30s", Timeout: sweepTimeout, Run: h.sweep},
		bounce.Job{Name: "prices", Spec: "@every 5s", Timeout: priceTimeout, Run: h.registry.Reprice},
		bounce.Job{Name: "old prices", Spec: "@every 1h", Timeout: sweepTimeout, Run: h.registry.ForgetPrices},
		bounce.Job{Name: "retention", Spec: "@every 1h", Timeout: sweepTimeout, Run: h.retain},
		bounce.Job{Name: "numbering", Spec: "@every 10s", Timeout: sweepTimeout, Run: h.desk.NumberAll},
		bounce.Job{Name: "statistics", Spec: "@every 3s", Timeout: sweepTimeout, Run: h.desk.RefreshStatistics})
	if err != nil {
		return err
	}
	h.metrics.MustRegister(&jobCollector{schedule})
	h.onClose("schedule", func(ctx context.Context) error { schedule.Stop(ctx); return nil })
	return nil
}

func (h *house) sweep(ctx context.Context) error {
	swept, err := h.desk.Sweep(ctx)
	if swept.Unmapped > 0 {
		h.log.Info("bounced held transfers whose time was over", "count", swept.Unmapped)
	}
	return err
}

func (h *house) retain(ctx context.Context) error {
	removed, err := h.desk.Retain(ctx)
	if removed != (bounce.Retained{}) {
		h.log.Info("removed what is older than the retention",
			"registrations", removed.Registrations, "mappings", removed.Mappings, "texts", removed.Texts)
	}
	return err
}
