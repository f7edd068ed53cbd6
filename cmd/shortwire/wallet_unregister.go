package main

import (
	"fmt"
	"time"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/subjects/taler"
)

type unregisterVerb struct {
	remote
	keyFile
	Timestamp string `placeholder:"TIME" help:"Time of the wish, in seconds since 1970 or like 2026-11-22T10:00:00Z (now); not before the registration."`
}

// Run signs the unregistration and sends it.
func (v *unregisterVerb) Run(s *session) error {
	key, err := v.load()
	if err != nil {
		return err
	}
	at, err := parseTime(v.Timestamp)
	if err != nil {
		return usageError{err}
	}
	c, err := v.open(s)
	if err != nil {
		return err
	}
	defer c.Close()
	done, err := v.send(s, c, key, at)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, done.JSON)
	}
	_, err = fmt.Fprintf(s.out, "Ended       %s\nReturned    %s\n", key.Pub, transfers(done.Returned))
	return err
}

// send asks for the credit account first, because the signature covers it.
func (v *unregisterVerb) send(s *session, c *client.Client, key client.Key, at time.Time) (client.Unregistered, error) {
	account, err := c.AccountConfig(s.ctx, v.Account)
	if err != nil {
		return client.Unregistered{}, err
	}
	payto, err := taler.ParsePayto(account.CreditAccount)
	if err != nil {
		return client.Unregistered{}, fmt.Errorf("the credit account of the gateway: %w", err)
	}
	u := client.Unregistration{AuthorizationPub: key.Pub}
	u.Sign(key.Private(), payto, at)
	return c.Unregister(s.ctx, v.Account, u)
}
