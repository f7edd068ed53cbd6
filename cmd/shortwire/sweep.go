package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/shortwire/shortwire/migrations"
)

type sweepVerb struct{ configFile }

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
	swept, err := h.desk.Sweep(s.ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "bounced %d held transfers whose time was over\n", swept.Unmapped)
	return err
}
