package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

type bankVerbs struct {
	Ingest   ingestVerb   `cmd:"" help:"Post what the bank reports: camt, pain.002, MT940, CSV, BgMax, JSON or NDJSON files, folders and zip archives of them."`
	Outgoing outgoingVerb `cmd:"" help:"Fetch the payments to make now; they are yours for the lease."`
	Confirm  confirmVerb  `cmd:"" help:"Tell what became of a payment."`
	Sent     sentVerb     `cmd:"" help:"Tell that a payment order is about to be handed to the bank; if that fails, do not."`
	Report   reportVerb   `cmd:"" help:"Post what the bank says about payments: pain.002, or camt.052 to camt.054 for their debits."`
}

type outgoingVerb struct {
	remote
	login
	Status string        `placeholder:"STATUS" enum:",pending,sent,success,transient_failure,permanent_failure" default:"" help:"Only list payments of this status, leased ones as well, and lease nothing: pending, sent, success, transient_failure or permanent_failure."`
	Limit  int           `placeholder:"N" help:"At most so many."`
	Wait   time.Duration `placeholder:"30s" help:"Wait so long for the first one."`
	Order  string        `placeholder:"FILE" help:"Write them into this new file as a payment order for the bank: pain.001, or direct credits if its name ends in .csv."`
}

// Run prints one line per payment.
func (v *outgoingVerb) Run(s *session) error {
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	if v.Order != "" {
		return v.writeOrder(s, c)
	}
	payments, err := c.Outgoing(s.ctx, v.Account, v.Status, v.Limit, v.Wait)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, payments.JSON)
	}
	switch {
	case len(payments.Payments) > 0:
	case v.Status != "":
		fmt.Fprintf(s.out, "No payment is %s.\n", v.Status)
	default:
		fmt.Fprintln(s.out, "Nothing to pay.")
	}
	for _, p := range payments.Payments {
		fmt.Fprintf(s.out, "payment %d  %s  %s  to %s  subject %q  end-to-end id %s\n",
			p.ID, p.Kind, p.Amount, p.Creditor, p.Subject, p.EndToEndID)
	}
	return nil
}

// writeOrder opens the file before it leases: payments that cannot be written
// down must not be taken.
func (v *outgoingVerb) writeOrder(s *session, c *client.Client) error {
	if v.Status != "" || v.JSON {
		return usageError{errors.New("--order leases and writes a payment order: leave out --status and --json")}
	}
	file, err := os.OpenFile(v.Order, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return usageError{err}
	}
	kind := client.TypeXML
	if strings.EqualFold(filepath.Ext(v.Order), ".csv") {
		kind = client.TypeCSV
	}
	order, err := c.OutgoingOrder(s.ctx, v.Account, kind, v.Limit, v.Wait)
	if err != nil || len(order.Text) == 0 {
		_ = file.Close()
		_ = os.Remove(v.Order)
		if err == nil {
			fmt.Fprintln(s.out, "Nothing to pay.")
		}
		return err
	}
	if _, err = file.Write(order.Text); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if _, err = fmt.Fprintf(s.out, "wrote %s\n", v.Order); err == nil && order.MessageID != "" {
		_, err = fmt.Fprintf(s.out, "message id %s\n", order.MessageID)
	}
	return err
}

type confirmVerb struct {
	remote
	login
	ID     int64  `arg:"" help:"Number of the payment, as bank outgoing lists it."`
	Status string `arg:"" enum:"sent,success,transient_failure,permanent_failure" help:"sent, success, transient_failure or permanent_failure."`
	Detail string `placeholder:"TEXT" help:"What the bank says."`

	MessageID string `placeholder:"ID" help:"The lease that the payment came with: told so, a job that lost it cannot confirm sent."`
}

// Run prints the payment's new status.
func (v *confirmVerb) Run(s *session) error {
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	payment, err := c.Confirm(s.ctx, v.Account, v.ID, client.Confirmation{Status: v.Status, Detail: v.Detail, MessageID: v.MessageID})
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, payment.JSON)
	}
	_, err = fmt.Fprintf(s.out, "payment %d: %s\n", payment.ID, payment.Status)
	return err
}
