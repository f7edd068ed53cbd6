package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

type sentVerb struct {
	remote
	login
	Order     string `arg:"" help:"The payment order, as bank outgoing --order wrote it."`
	Detail    string `placeholder:"TEXT" help:"What to remember about it, such as the number of the upload."`
	MessageID string `placeholder:"ID" help:"The message id that bank outgoing told, for direct credits, which do not hold it."`
}

// orderHead is what a payment order says about itself.
type orderHead struct {
	MessageID string `xml:"CstmrCdtTrfInitn>GrpHdr>MsgId"`
	Count     int    `xml:"CstmrCdtTrfInitn>GrpHdr>NbOfTxs"`
}

// Run confirms every payment of the order as sent. One that is not confirmed
// was handed out to another job meanwhile: then nobody may pay this order.
func (v *sentVerb) Run(s *session) error {
	text, err := os.ReadFile(v.Order)
	if err != nil {
		return usageError{err}
	}
	head, err := v.readHead(text)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", v.Order, err)}
	}
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	told, err := c.ConfirmLease(s.ctx, v.Account, client.Confirmation{Status: "sent", Detail: v.Detail, MessageID: head.MessageID})
	if err != nil {
		return err
	}
	confirmed, err := printTold(s, &told, v.JSON)
	if err != nil {
		return err
	}
	if confirmed != head.Count {
		fmt.Fprintf(s.err, "%s: DO NOT hand it to the bank: only %d of its %d payments are still its own; the others were handed out again\n",
			v.Order, confirmed, head.Count)
		return errReported
	}
	return nil
}

// readHead reads either form of an order. The control row of direct credits is
// their last and tells their number.
func (v *sentVerb) readHead(text []byte) (head orderHead, err error) {
	rows := strings.Split(strings.TrimSpace(string(text)), "\r\n")
	control := strings.Split(rows[len(rows)-1], ",")
	if !strings.HasPrefix(rows[0], "1,") || len(control) != 4 || control[0] != "3" {
		if err = xml.Unmarshal(text, &head); err != nil || head.MessageID == "" {
			err = errors.New("this is no payment order")
		}
		return head, err
	}
	if v.MessageID == "" {
		return head, errors.New("direct credits do not hold their message id: add --message-id, as bank outgoing told it")
	}
	head.MessageID = v.MessageID
	head.Count, err = strconv.Atoi(control[2])
	return head, err
}

type reportVerb struct {
	remote
	login
	Files []string `arg:"" name:"file" help:"Files to post, each as it is; - is standard input."`
}

// Run posts one file after the other. Posting any of them again changes nothing.
func (v *reportVerb) Run(s *session) error {
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	failed := false
	for _, name := range v.Files {
		told, err := v.post(s, c, name)
		var refused *client.Error
		switch {
		case errors.As(err, &refused):
			fmt.Fprintf(s.err, "%s: error %v\n", name, refused)
			failed = true
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, err := printTold(s, &told, v.JSON); err != nil {
			return err
		}
		for i := range told.Results {
			failed = failed || told.Results[i].Error != nil
		}
	}
	if failed {
		return errReported
	}
	return nil
}

func (v *reportVerb) post(s *session, c *client.Client, name string) (client.Told, error) {
	file := io.NopCloser(s.in)
	if name != "-" {
		var err error
		if file, err = os.Open(name); err != nil {
			return client.Told{}, usageError{err}
		}
	}
	defer file.Close() //nolint:errcheck // read only
	return c.Report(s.ctx, v.Account, file)
}

// printTold prints one line per payment and counts the confirmed ones.
func printTold(s *session, told *client.Told, asJSON bool) (confirmed int, err error) {
	for i := range told.Results {
		r := &told.Results[i]
		if r.Outcome == "confirmed" {
			confirmed++
		}
		if !asJSON {
			fmt.Fprintln(s.out, toldLine(r))
		}
	}
	if asJSON {
		err = printJSON(s, told.JSON)
	}
	return confirmed, err
}

func toldLine(r *client.ToldResult) string {
	var line strings.Builder
	switch {
	case r.PaymentID != 0:
		fmt.Fprintf(&line, "payment %d  %s", r.PaymentID, r.EndToEndID)
	case r.EndToEndID != "":
		line.WriteString(r.EndToEndID)
	default:
		line.WriteString("message " + r.MessageID)
	}
	line.WriteString("  " + r.Outcome)
	if r.Status != "" {
		line.WriteString(": " + r.Status)
	}
	if r.Reason != "" {
		line.WriteString(" (" + r.Reason + ")")
	}
	if r.Error != nil {
		line.WriteString(", " + r.Error.String())
	}
	return line.String()
}
