package main

import (
	"fmt"
	"strings"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
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
	failures []failedItem
}

// outcomes are the words of the summary in their order.
var outcomes = []string{"credited", "held", "bounced", "manual", "replayed", "ignored", "failed"}

func newSummary() *summary { return &summary{counts: map[string]int{}} }

func (m *summary) add(file *bankFile, results []client.Result) {
	for _, r := range results {
		switch {
		case r.Outcome == "error":
			m.fail(file, r.BankRef, r.Error.String())
		case r.Replay:
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
	if paid := m.counts["paid"]; paid > 0 { // of bank files only, and no transfer
		parts = append(parts, fmt.Sprintf("paid %d", paid))
	}
	lines := []string{strings.Join(parts, ", ")}
	if m.skipped > 0 {
		lines = append(lines, fmt.Sprintf("skipped %d files that are no bank's", m.skipped))
	}
	for _, f := range m.failures {
		line := "failed: " + (&bankFile{name: f.File, entry: f.Entry}).String()
		if f.Ref != "" {
			line += ": " + printable(f.Ref)
		}
		lines = append(lines, line+": "+f.Reason)
	}
	return strings.Join(lines, "\n")
}

// summaryJSON is the last line of --json.
type summaryJSON struct {
	Credited int          `json:"credited"`
	Held     int          `json:"held"`
	Bounced  int          `json:"bounced"`
	Manual   int          `json:"manual"`
	Replayed int          `json:"replayed"`
	Ignored  int          `json:"ignored"`
	Paid     int          `json:"paid,omitempty"` // payments that a debit confirmed
	Failed   int          `json:"failed"`
	Skipped  int          `json:"skipped"`
	Failures []failedItem `json:"failures,omitempty"`
}

func (m *summary) json() summaryJSON {
	c := m.counts
	return summaryJSON{c["credited"], c["held"], c["bounced"], c["manual"], c["replayed"], c["ignored"], c["paid"], c["failed"], m.skipped, m.failures}
}
