package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/shortwire/shortwire/config"
	"github.com/shortwire/shortwire/migrations"
	"github.com/shortwire/shortwire/migrations/cluster"
)

// clusterDir is where the private cluster lives.
func clusterDir(c *config.Config) string { return filepath.Join(c.DataDir, "postgres") }

// openDatabase returns the URL of a database whose schema fits this binary. The
// private cluster is started and migrated; a database of the operator's is left
// alone, since others may use it.
func (h *house) openDatabase(ctx context.Context) (string, error) {
	if url := h.config.Database.URL; url != "" {
		return url, migrations.Check(ctx, url)
	}
	private, err := cluster.Start(ctx, cluster.Config{Dir: clusterDir(h.config), Log: h.log})
	if err != nil {
		return "", err
	}
	h.onClose("private PostgreSQL", func(context.Context) error { return private.Stop() })
	h.databaseEnded = private.Exited()
	_, err = migrations.Up(ctx, private.URL(), h.log)
	return private.URL(), err
}

// databaseEnded tells how to go on. The gateway does not start its server again
// by itself: why it ended is for somebody to see, and a start of the whole
// gateway is the one way to recover that is in use every day.
func databaseEnded(c *config.Config) error {
	return fmt.Errorf("the private PostgreSQL has ended, see %s: start the gateway again, which recovers what was committed",
		filepath.Join(clusterDir(c), "log"))
}

// withDatabase calls fn with the URL of the database, for verbs that work
// beside a gateway or without one: a private cluster that nobody runs is
// started for as long as fn takes.
func withDatabase(ctx context.Context, c *config.Config, log *slog.Logger, fn func(url string) error) error {
	if c.Database.URL != "" {
		return fn(c.Database.URL)
	}
	url, err := cluster.Attach(clusterDir(c))
	if err == nil {
		return fn(url)
	}
	if !errors.Is(err, cluster.ErrNotRunning) {
		return err
	}
	private, err := cluster.Start(ctx, cluster.Config{Dir: clusterDir(c), Log: log})
	if err != nil {
		return err
	}
	return errors.Join(fn(private.URL()), private.Stop())
}
