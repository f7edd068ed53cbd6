package camt

import (
	"encoding/xml"
	"fmt"
	"regexp"
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
	newMessage("camt.054.001.04", "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
	newMessage("camt.054.001.08", "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}

// statements tell of debits as well. Their credits are not read: the same
// payment may bear another reference there than in the camt.054, or stand in a
// total, and would then be credited twice.
var statements = append([]*message{
	newMessage("camt.052.001.04", "BkToCstmrAcctRpt", "Rpt"),
	newMessage("camt.052.001.08", "BkToCstmrAcctRpt", "Rpt"),
	newMessage("camt.053.001.04", "BkToCstmrStmt", "Stmt"),
	newMessage("camt.053.001.08", "BkToCstmrStmt", "Stmt"),
}, messages...)

func newMessage(name, body, report string) *message {
	return &message{name: name, body: body, report: report, tree: newTree(body, report)}
}

// instead says by type what to post in place of a message that is refused.
var instead = map[string]string{
	"camt.052": "an intraday report lists entries that may still change: post the camt.054 of the same account (its debits are read at bank/outgoing)",
	"camt.053": "a statement may hold only daily totals: post the camt.054 with the details of the same account (its debits are read at bank/outgoing)",
	"pain.001": "a payment order goes to the bank; what comes back from the bank is a camt.054",
	"pain.002": "a status report tells about outgoing payments: post it to bank/outgoing",
}

const otherwise = "post the camt.054 (debit/credit notification) of the account"

// namespace is common to all ISO 20022 messages; the name of the message follows.
const namespace = "urn:iso:std:iso:20022:tech:xsd:"

var messageName = regexp.MustCompile(`^[a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2}$`)

// recognise finds the message of a root element, or says why it is refused.
func recognise(root xml.Name, messages []*message) (*message, error) {
	name, found := strings.CutPrefix(root.Space, namespace)
	if !found || root.Local != "Document" || !messageName.MatchString(name) {
		return nil, fmt.Errorf("%w: the root element must be Document in the namespace %scamt.054.001.08",
			ErrNotMessage, namespace)
	}
	for _, m := range messages {
		if m.name == name {
			return m, nil
		}
	}
	for _, m := range messages {
		if typeOf(m.name) == typeOf(name) {
			return nil, fmt.Errorf("%w: this is %s", ErrVersion, name)
		}
	}
	advice, found := instead[typeOf(name)]
	if !found {
		advice = otherwise
	}
	return nil, fmt.Errorf("%w: this is %s; %s", ErrMessageType, name, advice)
}

// typeOf is the name of a message without variant and version.
func typeOf(name string) string { return name[:len("camt.054")] }
