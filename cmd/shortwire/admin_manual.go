package main

import (
	"fmt"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/subjects/taler"
)

type manualVerbs struct {
	List     casesVerb    `cmd:"" help:"List them, oldest first."`
	Log      caseLogVerb  `cmd:"" help:"Who decided what about them, and why; newest first."`
	Credit   creditVerb   `cmd:"" help:"Credit a reserve or a KYC account with one."`
	Bounce   sendBackVerb `cmd:"" help:"Send one back, or to a given account."`
	WriteOff writeOffVerb `cmd:"" help:"End one that was dealt with elsewhere."`
}

// desk are the flags of verbs that are about no account in particular.
type desk struct {
	URL  string `name:"url" placeholder:"URL" help:"Address of the gateway, such as http://127.0.0.1:8080/ or unix:/path/of/socket (or $$SHORTWIRE_URL)."`
	JSON bool   `name:"json" help:"Print the gateway's own answer."`
	login
}

func (d *desk) open(s *session) (*client.Client, error) {
	r := remote{URL: d.URL}
	return r.openWith(s, &d.login)
}

type caseQuery struct {
	Account string `placeholder:"NAME" help:"Of this account only."`
	Limit   int    `placeholder:"N" help:"At most so many."`
	Offset  int64  `placeholder:"N" help:"Begin behind this number."`
}

func (q *caseQuery) query() client.CaseQuery {
	return client.CaseQuery{Account: q.Account, Limit: q.Limit, Offset: q.Offset}
}

type casesVerb struct {
	desk
	caseQuery
}

// Run prints one line per case, and one about the payment behind it.
func (v *casesVerb) Run(s *session) error {
	c, err := v.open(s)
	if err != nil {
		return err
	}
	defer c.Close()
	cases, err := c.Cases(s.ctx, v.query())
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, cases.JSON)
	}
	if len(cases.Cases) == 0 {
		fmt.Fprintln(s.out, "Nothing waits.")
	}
	for i := range cases.Cases {
		printCase(s, &cases.Cases[i])
	}
	return nil
}

func printCase(s *session, c *client.Case) {
	from := "an unknown account"
	if c.Debtor != "" {
		from = c.Debtor
	}
	fmt.Fprintf(s.out, "case %d  %s  %s  %s  %s: %s  from %s  text %s\n",
		c.ID, date(c.Received), c.Account, c.Amount, c.BankRef, c.Reason, from, c.Remittance)
	if p := c.Payment; p != nil {
		fmt.Fprintf(s.out, "  behind it: %s, payment %d to %s, %s (%s)\n", p.Kind, p.ID, p.Creditor, p.Status, p.Detail)
	}
}

type caseLogVerb struct {
	desk
	caseQuery
}

// Run prints one line per decision.
func (v *caseLogVerb) Run(s *session) error {
	c, err := v.open(s)
	if err != nil {
		return err
	}
	defer c.Close()
	log, err := c.CaseLog(s.ctx, v.query())
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, log.JSON)
	}
	if len(log.Log) == 0 {
		fmt.Fprintln(s.out, "Nothing was decided.")
	}
	for i := range log.Log {
		e := &log.Log[i]
		fmt.Fprintf(s.out, "%d  %s  %s: case %d  %s  %s  %s (%s)  %s %s: %s\n",
			e.LogID, date(e.Decided), e.Operator, e.ID, e.Account, e.Amount, e.BankRef, e.CaseReason, e.Action, e.Target, e.Reason)
	}
	return nil
}

// decision are the flags of every decision.
type decision struct {
	desk
	ID     int64  `arg:"" help:"Number of the case, as admin manual list shows it."`
	Reason string `required:"" placeholder:"TEXT" help:"Why; it is kept for good, with the name of your token."`
}

func (v *decision) decide(s *session, what string, d client.Decision) error {
	c, err := v.open(s)
	if err != nil {
		return err
	}
	defer c.Close()
	d.Reason = v.Reason
	settled, err := c.Decide(s.ctx, v.ID, what, d)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, settled.JSON)
	}
	line := fmt.Sprintf("case %d: %s", settled.ID, settled.State)
	switch {
	case settled.RowID != 0:
		line += fmt.Sprintf(", row %d of the history", settled.RowID)
	case settled.PaymentID != 0:
		line += fmt.Sprintf(", payment %d", settled.PaymentID)
	case what == client.DecideWriteOff:
		line = fmt.Sprintf("case %d: written off", settled.ID)
	}
	_, err = fmt.Fprintln(s.out, line)
	return err
}

type creditVerb struct {
	decision
	Reserve string `placeholder:"PUB" xor:"key" required:"" help:"Reserve key to credit."`
	KYC     string `name:"kyc" placeholder:"PUB" xor:"key" required:"" help:"KYC account key to credit."`
}

// Run credits a case.
func (v *creditVerb) Run(s *session) error {
	d, text := client.Decision{Type: "reserve"}, v.Reserve
	if v.KYC != "" {
		d.Type, text = "kyc", v.KYC
	}
	key, err := taler.ParseEddsaPublicKey(text)
	if err != nil {
		return usageError{fmt.Errorf("--%s: %w", d.Type, err)}
	}
	d.AccountPub = &key
	return v.decide(s, client.DecideCredit, d)
}

type sendBackVerb struct {
	decision
	To string `placeholder:"PAYTO" help:"Account to pay: a payto URI with receiver-name; without it, the debtor's."`
}

// Run bounces a case.
func (v *sendBackVerb) Run(s *session) error {
	return v.decide(s, client.DecideBounce, client.Decision{Creditor: v.To})
}

type writeOffVerb struct {
	decision
}

// Run writes a case off.
func (v *writeOffVerb) Run(s *session) error {
	return v.decide(s, client.DecideWriteOff, client.Decision{})
}
