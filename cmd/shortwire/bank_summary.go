package main

import (
	"fmt"
	"strings"
)

// failedItem is one thing that was not stored.
type failedItem struct {
	File   string `json:"file"`
	Entry  string `json:"entry,omitempty"`    // in an archive
	Ref    string `json:"bank_ref,omitempty"` // of one transfer; "" when it concerns the whole report
	Reason string `json:"reason"`
}

// summary counts what became of the transfers.
type summary struct {
	counts   map[string]int
	skipped  int // files in folders and archives that are no bank's
	others   int // messages there that concern no account of ours
	debits   int // account reports that were read for their debits only
	nothing  int // reports about payments that tell nothing of ours
	failures []failedItem
}

// outcomes are the words of the summary in their order.
var outcomes = []string{"credited", "held", "bounced", "manual", "replayed", "ignored", "failed"}

func newSummary() *summary { return &summary{counts: map[string]int{}} }

func (m *summary) add(file *bankFile, said *answered) {
	for _, r := range said.transfers {
		switch {
		case r.Outcome == "error":
			m.fail(file, r.BankRef, r.Error.String())
		case r.Replay:
			m.counts["replayed"]++
		default:
			m.counts[r.Outcome]++
		}
	}
	m.addReport(file, said)
}

// addReport counts words about payments. One that says less than is known is a
// replay; one about somebody else's payment is nothing to worry about.
func (m *summary) addReport(file *bankFile, said *answered) {
	if said.debits {
		m.debits++
	}
	if said.report && len(said.payments) == 0 {
		m.nothing++
	}
	for _, r := range said.payments {
		switch {
		case r.Outcome == "error":
			m.fail(file, r.EndToEndID, r.Error.String())
		case r.Reason == "stale":
			m.counts["replayed"]++
		default:
			m.counts[r.Outcome]++
		}
	}
}

func (m *summary) fail(file *bankFile, ref, reason string) {
	m.counts["failed"]++
	m.failures = append(m.failures, failedItem{file.name, file.entry, ref, reason})
}

func (m *summary) failed() bool { return len(m.failures) > 0 }

func (m *summary) String() string {
	parts := make([]string, len(outcomes))
	for i, outcome := range outcomes {
		parts[i] = fmt.Sprintf("%s %d", outcome, m.counts[outcome])
	}
	for _, outcome := range []string{"paid", "confirmed", "unknown"} { // of payments, in bank files only
		if n := m.counts[outcome]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", outcome, n))
		}
	}
	lines := append([]string{strings.Join(parts, ", ")}, m.files()...)
	for _, f := range m.failures {
		line := "failed: " + (&bankFile{name: f.File, entry: f.Entry}).String()
		if f.Ref != "" {
			line += ": " + printable(f.Ref)
		}
		lines = append(lines, line+": "+f.Reason)
	}
	return strings.Join(lines, "\n")
}

// files tells of files that were not read for transfers.
func (m *summary) files() []string {
	var lines []string
	for _, told := range []struct {
		n    int
		text string
	}{
		{m.debits, "read %d statements for debits only: the account takes credits from other messages"},
		{m.nothing, "found nothing about payments of ours in %d files"},
		{m.skipped, "skipped %d files that are no bank's"},
		{m.others, "skipped %d messages of kinds that tell nothing of ours"},
	} {
		if told.n > 0 {
			lines = append(lines, fmt.Sprintf(told.text, told.n))
		}
	}
	return lines
}

// summaryJSON is the last line of --json.
type summaryJSON struct {
	Credited   int          `json:"credited"`
	Held       int          `json:"held"`
	Bounced    int          `json:"bounced"`
	Manual     int          `json:"manual"`
	Replayed   int          `json:"replayed"`
	Ignored    int          `json:"ignored"`
	Paid       int          `json:"paid,omitempty"`      // payments that a debit confirmed
	Confirmed  int          `json:"confirmed,omitempty"` // payments whose state a report told
	Unknown    int          `json:"unknown,omitempty"`   // payments of others in such reports
	Failed     int          `json:"failed"`
	Skipped    int          `json:"skipped"`               // files that are no bank's
	Others     int          `json:"others,omitempty"`      // messages of kinds that tell nothing of ours
	DebitsOnly int          `json:"debits_only,omitempty"` // files
	Nothing    int          `json:"nothing,omitempty"`     // files
	Failures   []failedItem `json:"failures,omitempty"`
}

func (m *summary) json() summaryJSON {
	c := m.counts
	return summaryJSON{
		Credited: c["credited"], Held: c["held"], Bounced: c["bounced"], Manual: c["manual"], Replayed: c["replayed"], Ignored: c["ignored"],
		Paid: c["paid"], Confirmed: c["confirmed"], Unknown: c["unknown"], Failed: c["failed"],
		Skipped: m.skipped, Others: m.others, DebitsOnly: m.debits, Nothing: m.nothing, Failures: m.failures,
	}
}
