package main

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
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
	Files []string `arg:"" name:"file" help:"Files to post, each as it is; folders with all that is in them; zip archives; - is standard input."`
}

// report is one run of the verb.
type report struct {
	verb    *reportVerb
	session *session
	client  *client.Client
	failed  bool
}

// Run posts one file after the other. Posting any of them again changes nothing.
func (v *reportVerb) Run(s *session) error {
	sources, err := findSources(v.Files)
	if err != nil {
		return usageError{err}
	}
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	run := &report{verb: v, session: s, client: c}
	for _, f := range sources {
		err := f.each(s.in, func(b *bankFile) error { return run.one(f, b) })
		if refused := (entryError{}); errors.As(err, &refused) {
			err = run.fail(&bankFile{name: f.path}, refused)
		}
		if err != nil {
			return err
		}
	}
	if run.failed {
		return errReported
	}
	return nil
}

// one posts one report. What folders and archives hold beside them is left out.
func (r *report) one(f source, b *bankFile) error {
	told, err := r.post(b, f.listed || b.entry != "")
	reason := faultOf(err)
	switch {
	case errors.Is(err, errOtherMessage):
		_, err = fmt.Fprintf(r.session.err, "%s: skipped, it tells of no payments\n", b)
		return err
	case reason != nil:
		return r.fail(b, reason)
	case err != nil:
		return fmt.Errorf("%s: %w", b, err)
	}
	for i := range told.Results {
		r.failed = r.failed || told.Results[i].Error != nil
	}
	_, err = printTold(r.session, &told, r.verb.JSON)
	return err
}

func (r *report) post(b *bankFile, found bool) (client.Told, error) {
	file, err := b.open()
	if err != nil {
		return client.Told{}, err
	}
	defer file.Close() //nolint:errcheck // read only
	text := bufio.NewReaderSize(file, rootBytes)
	if kind := kindOf(text); found && (kind == "" || concernsNobody(kind)) {
		return client.Told{}, errOtherMessage
	}
	return r.client.Report(r.session.ctx, r.verb.Account, text)
}

func (r *report) fail(b *bankFile, reason error) error {
	r.failed = true
	_, err := fmt.Fprintf(r.session.err, "%s: %v\n", b, reason)
	return err
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
