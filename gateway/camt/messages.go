package camt

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// message names what differs between the bank-to-customer messages: what lies
// inside an Ntry is the same in camt.052, .053 and .054. Reading a further
// message, or a further version, is a further row.
type message struct {
	name   string // as in the namespace
	body   string // child of Document
	report string // child of the body that holds the account and its entries
	tree   *node  // what is read of it
}

var messages = []*message{
	newMessage("camt.052.001.04", "BkToCstmrAcctRpt", "Rpt"),
	newMessage("camt.052.001.08", "BkToCstmrAcctRpt", "Rpt"),
	newMessage("camt.053.001.04", "BkToCstmrStmt", "Stmt"),
	newMessage("camt.053.001.08", "BkToCstmrStmt", "Stmt"),
	newMessage("camt.054.001.04", "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
	newMessage("camt.054.001.08", "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}

// The kinds of messages. The debits of all are read; credits only from those
// that the account lists, since the same payment may bear another reference in
// the statement than in the notification, or stand in a total.
const (
	Report       = "camt.052" // intraday
	Statement    = "camt.053" // end of day
	Notification = "camt.054" // single payments
)

// Kinds are all of them.
func Kinds() []string { return []string{Report, Statement, Notification} }

// The quirks of banks that are read if the account names them.
const (
	// QuirkTotals: what camt.052 and camt.053 report without anything about its
	// payer, dressed as a transaction or not, is the total of payments that the
	// camt.054 tells. It is ignored.
	QuirkTotals = "statement_totals"
	// QuirkAmounts: the only transaction of an entry has an amount of zero, and
	// that of the entry counts.
	QuirkAmounts = "entry_amounts"
)

// Quirks are the names of all of them.
func Quirks() []string { return []string{QuirkTotals, QuirkAmounts} }

func newMessage(name, body, report string) *message {
	return &message{name: name, body: body, report: report, tree: newTree(body, report)}
}

// instead says by type what to post in place of a message that is refused.
var instead = map[string]string{
	"pain.001": "a payment order goes to the bank; what comes back from the bank is a camt.054",
	"pain.002": "a status report tells about outgoing payments: post it to bank/outgoing",
}

const otherwise = "post the camt.054 (debit/credit notification) of the account"

// doubts say why credits of a kind are not read unless the account lists it.
var doubts = map[string]string{
	Report:       "an intraday report may leave out what the camt.054 tells",
	Statement:    "a statement may hold only daily totals",
	Notification: "another message is the one that tells the credits of this account",
}

// advise says what to post in place of a kind that is not read.
func advise(kind string, kinds []string) string {
	if doubt, known := doubts[kind]; known {
		return doubt + ": post the " + strings.Join(kinds, " or ") + " of the same account, or add \"" + kind +
			"\" to credit_messages of the account (its debits are read at bank/outgoing)"
	}
	if advice, known := instead[kind]; known {
		return advice
	}
	return otherwise
}

// namespace is common to all ISO 20022 messages; the name of the message follows.
const namespace = "urn:iso:std:iso:20022:tech:xsd:"

var messageName = regexp.MustCompile(`^[a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2}$`)

// recognise finds the message of a root element, or says why it is refused.
func recognise(root xml.Name, kinds []string) (*message, error) {
	name, found := strings.CutPrefix(root.Space, namespace)
	if !found || root.Local != "Document" || !messageName.MatchString(name) {
		return nil, fmt.Errorf("%w: the root element must be Document in the namespace %scamt.054.001.08",
			ErrNotMessage, namespace)
	}
	if kind := typeOf(name); !slices.Contains(kinds, kind) {
		fault := ErrMessageType
		if slices.Contains(Kinds(), kind) {
			fault = ErrNotListed
		}
		return nil, fmt.Errorf("%w: this is %s; %s", fault, name, advise(kind, kinds))
	}
	for _, m := range messages {
		if m.name == name {
			return m, nil
		}
	}
	return nil, fmt.Errorf("%w: this is %s", ErrVersion, name)
}

// typeOf is the name of a message without variant and version.
func typeOf(name string) string { return name[:len("camt.054")] }
