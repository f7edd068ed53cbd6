package main

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/subjects/taler"
)

type exchangeVerbs struct {
	History  historyVerb  `cmd:"" help:"Read the credited transfers."`
	Mappings mappingsVerb `cmd:"" help:"Query mappings and what used them."`

	Transfer  transferVerb  `cmd:"" help:"Order a transfer; the bank job will pay it."`
	Transfers transfersVerb `cmd:"" help:"List the ordered transfers, or show one."`
	Paid      paidVerb      `cmd:"" help:"Read the transfers that were paid."`
}

// paging are the flags of verbs that read a history.
type paging struct {
	Limit  int           `placeholder:"N" default:"-20" help:"N rows forward, -N rows back (${default})."`
	Offset *int64        `placeholder:"ROW" help:"Begin behind this row; without it at the end that --limit comes from."`
	Wait   time.Duration `placeholder:"30s" help:"Wait so long for the first row; needs a positive --limit."`
}

func (p *paging) page() (client.Page, error) {
	if p.Wait > 0 && p.Limit <= 0 {
		return client.Page{}, usageError{errors.New("--wait looks forward: give a positive --limit with it")}
	}
	return client.Page{Limit: p.Limit, Offset: p.Offset, Wait: p.Wait}, nil
}

type historyVerb struct {
	remote
	login
	paging
}

// Run prints one line per credit.
func (v *historyVerb) Run(s *session) error {
	page, err := v.page()
	if err != nil {
		return err
	}
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	history, err := c.History(s.ctx, v.Account, page)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, history.JSON)
	}
	if len(history.IncomingTransactions) == 0 {
		fmt.Fprintln(s.out, "No credit.")
	}
	for i := range history.IncomingTransactions {
		t := &history.IncomingTransactions[i]
		fmt.Fprintf(s.out, "row %d  %s  %s  %s %s  from %s\n",
			t.RowID, date(t.Date), t.Amount, t.Type, creditTarget(t), t.DebitAccount)
	}
	return nil
}

// creditTarget is whose money it is.
func creditTarget(t *client.Transaction) string {
	if t.WadID != nil {
		return t.WadID.String() + " of " + t.OriginExchangeURL
	}
	return keyText(cmp.Or(t.ReservePub, t.AccountPub))
}

func keyText(key *taler.EddsaPublicKey) string {
	if key == nil {
		return ""
	}
	return key.String()
}

type mappingsVerb struct {
	remote
	login
	AuthorizationPub string `placeholder:"PUB" help:"Mappings of this authorization key."`
	AccountPub       string `placeholder:"PUB" help:"Mappings to this reserve or KYC key."`
	State            string `placeholder:"STATE" enum:",pending,used" default:"" help:"pending or used."`
	Limit            int    `placeholder:"N" help:"At most so many."`
	Offset           int    `placeholder:"N" help:"Leave out the first N."`
}

// Run prints one line per mapping.
func (v *mappingsVerb) Run(s *session) error {
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	mappings, err := c.Mappings(s.ctx, v.Account, client.MappingQuery{
		AuthorizationPub: v.AuthorizationPub, AccountPub: v.AccountPub, State: v.State, Limit: v.Limit, Offset: v.Offset,
	})
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, mappings.JSON)
	}
	if len(mappings.Mappings) == 0 {
		fmt.Fprintln(s.out, "No mapping.")
	}
	for i := range mappings.Mappings {
		fmt.Fprintln(s.out, mappingLine(&mappings.Mappings[i]))
	}
	return nil
}

func mappingLine(m *client.MappingRecord) string {
	target := keyText(m.AccountPub)
	if m.WadID != nil {
		target = m.WadID.String() + " of " + m.OriginExchangeURL
	}
	line := fmt.Sprintf("%s  %s  %s -> %s %s", m.State, date(m.Timestamp), m.AuthorizationPub, m.Type, target)
	if m.State == "used" {
		line += fmt.Sprintf("  by %s, row %d", m.BankRef, m.RowID)
	}
	return line
}
