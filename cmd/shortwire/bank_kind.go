package main

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

// statusReport is the kind of message that tells of payments of ours only.
const statusReport = "pain.002"

// notListed is what the gateway says to an account report whose credits the
// account does not read.
const notListed = "BANK_MESSAGE_NOT_LISTED"

// errOtherMessage means that a message concerns no account of ours.
var errOtherMessage = errors.New("messages of this kind tell neither of transfers nor of payments")

// accountReports are the kinds that tell what went in and out of an account.
var accountReports = []string{"camt.052", "camt.053", "camt.054"}

// rootBytes is how far a report is read for its root element.
const rootBytes = 64 << 10

var messageSpace = regexp.MustCompile(`^urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.`)

// kindOf is the kind of an ISO 20022 message, such as pain.002, by its root
// element; "" for everything else, which the gateway judges.
func kindOf(text *bufio.Reader) string {
	head, _ := text.Peek(rootBytes) // a shorter file is no fault
	decoder := xml.NewDecoder(bytes.NewReader(head))
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		token, err := decoder.Token()
		if err != nil {
			return ""
		}
		if root, isRoot := token.(xml.StartElement); isRoot {
			if found := messageSpace.FindStringSubmatch(root.Name.Space); found != nil {
				return found[1]
			}
			return ""
		}
	}
}

// concernsNobody tells messages between others, or about other things than
// payments, that banks put into the same folder. "" may be anything.
func concernsNobody(kind string) bool {
	return kind != "" && kind != statusReport && !slices.Contains(accountReports, kind)
}

// answered is what the gateway said to one report: about transfers, or about
// payments of ours.
type answered struct {
	json      []byte
	transfers []client.Result
	payments  []client.ToldResult
	report    bool // posted as a word about payments
	debits    bool // of an account report
}

func answerOf(answer *client.Results) answered {
	return answered{json: answer.JSON, transfers: answer.Results}
}

func reportAnswer(kind string, answer *client.Told) answered {
	return answered{json: answer.JSON, payments: answer.Results, report: true, debits: kind != statusReport}
}
