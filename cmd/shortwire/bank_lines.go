package main

import (
	"fmt"
	"strings"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

// lines are the answer for people, one line for each transfer or payment.
func (r *answered) lines() []string {
	lines := make([]string, 0, len(r.transfers)+len(r.payments))
	for i := range r.transfers {
		lines = append(lines, resultLine(&r.transfers[i]))
	}
	for i := range r.payments {
		lines = append(lines, toldLine(&r.payments[i]))
	}
	return lines
}

// resultLine is one transfer in one line.
func resultLine(r *client.Result) string {
	line := fmt.Sprintf("%-24s %s", printable(r.BankRef), r.Outcome)
	switch {
	case r.Error != nil:
		line += ": " + r.Error.String()
	case r.RowID != 0:
		line += fmt.Sprintf(", row %d of the history", r.RowID)
	case r.PaymentID != 0:
		line += fmt.Sprintf(": payment %d", r.PaymentID)
	case r.Reason != "":
		line += ": " + r.Reason
	case r.HoldUntil != nil:
		line += " until " + date(*r.HoldUntil)
	}
	if r.Replay {
		line += " (known already, nothing changed)"
	}
	return line
}

// toldLine is one payment in one line.
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
