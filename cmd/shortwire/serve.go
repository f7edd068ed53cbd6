package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/shortwire/shortwire/config"
	"github.com/shortwire/shortwire/subjects"
)

// stopLimit is how long the way down may take.
const stopLimit = 15 * time.Second

type serveVerb struct {
	configFile
	ReadyFile string `placeholder:"FILE" help:"Write the URL into this file when the gateway is ready, and remove it at the end."`
	JSON      bool   `name:"json" help:"Write the log as JSON."`
}

// Run serves until the context ends.
func (v *serveVerb) Run(s *session) error {
	c, accounts, err := v.loadWithAccounts(s)
	if err != nil {
		return err
	}
	h := newHouse(c, newLog(s.err, c.LogLevel, v.JSON))
	for _, risk := range c.Risks() {
		h.log.Warn("a setting for tests is on", "setting", risk.Setting, "why", risk.Why)
	}
	failed := make(chan error, 2) // one for each listener
	err = v.open(s, h, accounts, failed)
	if err == nil {
		select {
		case <-s.ctx.Done():
			h.log.Info("stopping")
		case err = <-failed:
			h.log.Error("a listener failed", "error", err)
		case <-h.databaseEnded:
			err = databaseEnded(c)
			h.log.Error("stopping, because the private PostgreSQL has ended", "error", err)
		}
	} else if s.ctx.Err() != nil {
		err = nil // somebody changed their mind
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), stopLimit)
	defer cancel()
	return errors.Join(err, h.close(ctx))
}

// open goes the way up: database and schema, registry and desk, listener,
// schedule, door. Each step undoes itself in close.
func (v *serveVerb) open(s *session, h *house, accounts []subjects.Account, failed chan<- error) error {
	url, err := h.openDatabase(s.ctx)
	if err != nil {
		return err
	}
	if err := h.openRooms(s.ctx, url, accounts); err != nil {
		return err
	}
	if err := h.startListener(s.ctx, url); err != nil {
		return err
	}
	if err := h.startSchedule(s.ctx); err != nil {
		return err
	}
	address, err := h.openDoor(failed)
	if err != nil {
		return err
	}
	return v.announce(s, h, address)
}

// announce tells people and programs that the gateway is ready.
func (v *serveVerb) announce(s *session, h *house, url string) error {
	if v.ReadyFile != "" {
		if err := writeReadyFile(v.ReadyFile, url); err != nil {
			return err
		}
		h.onClose("ready file", func(context.Context) error { return os.Remove(v.ReadyFile) })
	}
	if v.JSON {
		text, _ := json.Marshal(map[string]string{"url": url}) // a string: cannot fail
		return printJSON(s, text)
	}
	_, err := fmt.Fprintf(s.out, "shortwire is ready at %s\n", url)
	return err
}

// writeReadyFile writes the whole file or none: somebody is waiting for it.
func writeReadyFile(path, url string) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, []byte(url+"\n"), 0o644); err != nil {
		return fmt.Errorf("writing the ready file: %w", err)
	}
	return os.Rename(temporary, path)
}

// newLog writes lines for people, or JSON for programs.
func newLog(w io.Writer, level slog.Level, asJSON bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if asJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// quietLog is for verbs that do one thing: only what is wrong is said.
func quietLog(w io.Writer, c *config.Config) *slog.Logger {
	return newLog(w, max(c.LogLevel, slog.LevelWarn), false)
}
