package main

import (
	"fmt"
	"time"

	"github.com/shortwire/shortwire/migrations"
)

type migrateVerb struct {
	Up     migrateUpVerb     `cmd:"" help:"Apply what is missing."`
	Status migrateStatusVerb `cmd:"" help:"List the migrations and when they were applied."`
}

type migrateUpVerb struct{ configFile }

// Run migrates the configured database, or the private one.
func (v *migrateUpVerb) Run(s *session) error {
	c, err := v.load(s)
	if err != nil {
		return err
	}
	return withDatabase(s.ctx, c, quietLog(s.err, c), func(url string) error {
		applied, err := migrations.Up(s.ctx, url, nil)
		for _, name := range applied {
			fmt.Fprintf(s.out, "applied %s\n", name)
		}
		if err == nil && len(applied) == 0 {
			fmt.Fprintln(s.out, "The schema is up to date.")
		}
		return err
	})
}

type migrateStatusVerb struct{ configFile }

// Run changes nothing.
func (v *migrateStatusVerb) Run(s *session) error {
	c, err := v.load(s)
	if err != nil {
		return err
	}
	return withDatabase(s.ctx, c, quietLog(s.err, c), func(url string) error {
		known, err := migrations.Status(s.ctx, url)
		for _, m := range known {
			at := "missing"
			if !m.At.IsZero() {
				at = "applied " + m.At.UTC().Format(time.DateTime) + " UTC"
			}
			fmt.Fprintf(s.out, "%s  %s\n", m.Name, at)
		}
		return err
	})
}
