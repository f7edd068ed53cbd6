package main

import (
	"crypto/rand"
	"fmt"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/subjects/taler"
)

type transferVerb struct {
	remote
	login
	Amount     string `required:"" placeholder:"CHF:10" help:"How much."`
	To         string `required:"" placeholder:"PAYTO" help:"Account of the payee: a payto URI with receiver-name."`
	Exchange   string `required:"" placeholder:"URL" help:"Base URL of the exchange."`
	Wtid       string `placeholder:"WTID" help:"Identifier that the payee looks for (52 symbols); a random one if left out."`
	RequestUID string `placeholder:"UID" help:"Give the one of an earlier run (103 symbols) to repeat it; a random one if left out."`
	Metadata   string `placeholder:"TEXT" help:"Up to 40 letters, digits, hyphens, dots and colons."`
}

// Run orders one transfer. The identifiers are told before it is sent, so that
// it can be repeated when no answer comes.
func (v *transferVerb) Run(s *session) error {
	order, err := v.order()
	if err != nil {
		return usageError{err}
	}
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	if v.RequestUID == "" || v.Wtid == "" {
		fmt.Fprintf(s.err, "to repeat it: --request-uid %s --wtid %s\n", order.RequestUID, order.Wtid)
	}
	ordered, err := c.Transfer(s.ctx, v.Account, order)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, ordered.JSON)
	}
	_, err = fmt.Fprintf(s.out, "transfer %d  ordered %s  wtid %s\n", ordered.RowID, date(ordered.Timestamp), order.Wtid)
	return err
}

func (v *transferVerb) order() (client.Order, error) {
	o := client.Order{ExchangeBaseURL: v.Exchange, Metadata: v.Metadata, CreditAccount: v.To}
	_, _ = rand.Read(o.RequestUID[:]) // never fails (crypto/rand)
	_, _ = rand.Read(o.Wtid[:])
	var err error
	if o.Amount, err = taler.ParseAmount(v.Amount); err != nil {
		return o, fmt.Errorf("--amount: %w", err)
	}
	if v.RequestUID != "" {
		if o.RequestUID, err = taler.ParseHashCode(v.RequestUID); err != nil {
			return o, fmt.Errorf("--request-uid: %w", err)
		}
	}
	if v.Wtid != "" {
		if o.Wtid, err = taler.ParseShortHashCode(v.Wtid); err != nil {
			return o, fmt.Errorf("--wtid: %w", err)
		}
	}
	return o, nil
}

type transfersVerb struct {
	remote
	login
	Row    int64  `arg:"" optional:"" help:"Show this one; without it they are listed."`
	Status string `placeholder:"STATUS" enum:",pending,transient_failure,permanent_failure,success" default:"" help:"pending, transient_failure, permanent_failure or success."`
	Limit  int    `placeholder:"N" default:"-20" help:"N rows forward, -N rows back (${default})."`
	Offset *int64 `placeholder:"ROW" help:"Begin behind this row; without it at the end that --limit comes from."`
}

// Run prints one line per transfer, or all about one.
func (v *transfersVerb) Run(s *session) error {
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	if v.Row > 0 {
		return v.show(s, c)
	}
	transfers, err := c.Transfers(s.ctx, v.Account, v.Status, client.Page{Limit: v.Limit, Offset: v.Offset})
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, transfers.JSON)
	}
	if len(transfers.Transfers) == 0 {
		fmt.Fprintln(s.out, "No transfer.")
	}
	for i := range transfers.Transfers {
		fmt.Fprintln(s.out, transferLine(&transfers.Transfers[i]))
	}
	return nil
}

func (v *transfersVerb) show(s *session, c *client.Client) error {
	t, err := c.OrderedTransfer(s.ctx, v.Account, v.Row)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, t.JSON)
	}
	line := transferLine(&t) + fmt.Sprintf("  wtid %s  of %s", t.Wtid, t.ExchangeBaseURL)
	if t.Metadata != "" {
		line += "  metadata " + t.Metadata
	}
	if t.StatusMsg != "" {
		line += fmt.Sprintf("  (%s)", t.StatusMsg)
	}
	_, err = fmt.Fprintln(s.out, line)
	return err
}

func transferLine(t *client.OrderedTransfer) string {
	return fmt.Sprintf("transfer %d  %s  %s  %s  to %s", t.RowID, date(t.Timestamp), t.Status, t.Amount, t.CreditAccount)
}

type paidVerb struct {
	remote
	login
	paging
}

// Run prints one line per paid transfer.
func (v *paidVerb) Run(s *session) error {
	page, err := v.page()
	if err != nil {
		return err
	}
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	paid, err := c.Paid(s.ctx, v.Account, page)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, paid.JSON)
	}
	if len(paid.OutgoingTransactions) == 0 {
		fmt.Fprintln(s.out, "No transfer was paid.")
	}
	for i := range paid.OutgoingTransactions {
		t := &paid.OutgoingTransactions[i]
		fmt.Fprintf(s.out, "row %d  %s  %s  to %s  wtid %s\n", t.RowID, date(t.Date), t.Amount, t.CreditAccount, t.Wtid)
	}
	return nil
}
