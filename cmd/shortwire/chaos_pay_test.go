package main

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

// pay is a bank job that makes payments, beside another one that does the same.
// It pays what it could say "sent" about under its lease, and nothing else; so a
// payment that is handed out again, or to both, may not be paid twice. Leases are
// as short as an outage here.
func (c *chaos) pay(int) {
	clients := []*client.Client{c.fleet.client(0, fleetBank), c.fleet.client(1, fleetBank)}
	for !c.allPaid(clients) {
		for _, account := range []string{"ch", "nz"} {
			c.paySome(clients, account)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// allPaid tells whether everything is over, with a payer's patience.
func (c *chaos) allPaid(clients []*client.Client) bool {
	if !c.finished.Load() {
		return false
	}
	for _, account := range []string{"ch", "nz"} {
		for _, status := range []string{"pending", "transient_failure", "sent"} {
			var left client.Payments
			err := c.insist(clients, func(gate *client.Client) (err error) {
				left, err = gate.Outgoing(c.t.Context(), account, status, 1, 0)
				return err
			})
			if err != nil || len(left.Payments) > 0 {
				return err != nil
			}
		}
	}
	return true
}

func (c *chaos) paySome(clients []*client.Client, account string) {
	asked := time.Now()
	var taken client.Payments
	err := c.insist(clients[rand.N(2):], func(gate *client.Client) (err error) {
		taken, err = gate.Outgoing(c.t.Context(), account, "", 1+rand.N(20), 0)
		return err
	})
	if err != nil {
		c.t.Errorf("taking payments: %v", err)
		return
	}
	for _, p := range taken.Payments {
		c.mu.Lock()
		at, paid := c.paid[p.ID]
		c.mu.Unlock()
		if paid && at.Before(asked) {
			c.t.Errorf("payment %d was offered after it had been paid", p.ID)
		}
		c.payOne(clients, account, &p)
	}
}

func (c *chaos) payOne(clients []*client.Client, account string, p *client.Payment) {
	say := func(status string) bool {
		err := c.insist(clients, func(gate *client.Client) error {
			_, err := gate.Confirm(c.t.Context(), account, p.ID, client.Confirmation{Status: status, MessageID: p.MessageID})
			return err
		})
		if refused := (*client.Error)(nil); err != nil && !(errors.As(err, &refused) && refused.Status == 409) {
			c.t.Errorf("payment %d, %s: %v", p.ID, status, err)
		}
		return err == nil
	}
	if rand.N(10) == 0 {
		say("transient_failure") // the bank is not to be reached
		return
	}
	if !say("sent") {
		return // the lease was lost: the other job pays
	}
	c.mu.Lock()
	if _, again := c.paid[p.ID]; again {
		c.t.Errorf("payment %d was paid twice", p.ID)
	}
	c.paid[p.ID] = time.Now()
	c.mu.Unlock()
	if !say("success") {
		c.t.Errorf("payment %d was paid, and that could not be said", p.ID)
	}
}
