package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/shortwire/shortwire/migrations"
)

type sweepVerb struct {
	configFile
	JSON bool `name:"json" help:"Print the summary as JSON."`
}

// swept is the summary of one run.
type swept struct {
	Bounced       int `json:"bounced"`
	Registrations int `json:"registrations"`
	Mappings      int `json:"mappings"`
	Texts         int `json:"texts"`
}

// Run is one run of the sweeper, beside a gateway or without one.
func (v *sweepVerb) Run(s *session) error {
	c, accounts, err := v.loadWithAccounts(s)
	if err != nil {
		return err
	}
	log := quietLog(s.err, c)
	return withDatabase(s.ctx, c, log, func(url string) error {
		if err := migrations.Check(s.ctx, url); err != nil {
			return err
		}
		h := newHouse(c, log)
		err := h.openRooms(s.ctx, url, accounts)
		if err == nil {
			err = v.sweep(s, h)
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), stopLimit)
		defer cancel()
		return errors.Join(err, h.close(ctx))
	})
}

func (v *sweepVerb) sweep(s *session, h *house) error {
	moved, err := h.desk.Sweep(s.ctx)
	if err != nil {
		return err
	}
	removed, err := h.desk.Retain(s.ctx)
	if err != nil {
		return err
	}
	if v.JSON {
		text, _ := json.Marshal(swept{moved.Unmapped, removed.Registrations, removed.Mappings, removed.Texts}) // numbers: cannot fail
		return printJSON(s, text)
	}
	fmt.Fprintf(s.out, "bounced %d held transfers whose time was over\n", moved.Unmapped)
	if h.config.Retention == 0 {
		_, err = fmt.Fprintln(s.out, "removed nothing: there is no retention")
		return err
	}
	_, err = fmt.Fprintf(s.out, "removed %d registrations, %d mappings and %d remittance texts that were older than %s\n",
		removed.Registrations, removed.Mappings, removed.Texts, days(h.config.Retention))
	return err
}

// days writes a long duration for people.
func days(d time.Duration) string { return fmt.Sprintf("%d days", int(d.Hours()/24)) }
