package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

type ingestVerb struct {
	remote
	login
	Files []string `arg:"" name:"file" help:"Files to post, each as it is; - is standard input."`
}

// Run posts one file after the other. A file that the gateway refuses does not
// stop the ones behind it; posting any of them again changes nothing.
func (v *ingestVerb) Run(s *session) error {
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	summary := newSummary()
	for _, name := range v.Files {
		results, err := v.post(s, c, name)
		var refused *client.Error
		switch {
		case errors.As(err, &refused):
			fmt.Fprintf(s.err, "%s: error %v\n", name, refused)
			summary.files++
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := v.print(s, name, &results); err != nil {
			return err
		}
		summary.add(results.Results)
	}
	if !v.JSON {
		fmt.Fprintln(s.out, summary)
	}
	if summary.failed() {
		return errReported
	}
	return nil
}

func (v *ingestVerb) post(s *session, c *client.Client, name string) (client.Results, error) {
	file := io.NopCloser(s.in)
	if name != "-" {
		var err error
		if file, err = os.Open(name); err != nil {
			return client.Results{}, usageError{err}
		}
	}
	defer file.Close() //nolint:errcheck // read only
	text := bufio.NewReader(file)
	mediaType, err := sniff(name, text)
	if err != nil {
		return client.Results{}, usageError{err}
	}
	return c.Ingest(s.ctx, v.Account, mediaType, text)
}

// sniff tells the media type of a file, by its name if that says it, else by
// how it begins.
func sniff(name string, text *bufio.Reader) (string, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xml":
		return client.TypeXML, nil
	case ".json":
		return client.TypeJSON, nil
	case ".ndjson", ".jsonl":
		return client.TypeNDJSON, nil
	}
	head, err := text.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	switch {
	case bytes.HasPrefix(head, []byte("<")):
		return client.TypeXML, nil
	case bytes.HasPrefix(head, []byte("{")):
		return sniffJSON(head), nil
	}
	return "", errors.New("this is neither XML nor JSON: see whether it is the bank's file")
}

// sniffJSON tells the object with all transfers from lines of one object each.
func sniffJSON(head []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(head))
	_, _ = decoder.Token() // the brace
	if name, _ := decoder.Token(); name == "transfers" {
		return client.TypeJSON
	}
	return client.TypeNDJSON
}

func (v *ingestVerb) print(s *session, name string, results *client.Results) error {
	if v.JSON {
		text, err := json.Marshal(struct {
			File   string          `json:"file"`
			Answer json.RawMessage `json:"answer"`
		}{name, results.JSON})
		if err != nil {
			return err
		}
		return printJSON(s, text)
	}
	for i := range results.Results {
		fmt.Fprintln(s.out, resultLine(&results.Results[i]))
	}
	return nil
}

// resultLine is one transfer in one line.
func resultLine(r *client.Result) string {
	line := fmt.Sprintf("%-24s %s", r.BankRef, r.Outcome)
	switch {
	case r.Error != nil:
		line += ": " + r.Error.String()
	case r.RowID != 0:
		line += fmt.Sprintf(", row %d of the history", r.RowID)
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

// summary counts what became of the transfers.
type summary struct {
	counts map[string]int
	files  int // that were refused as a whole
}

// outcomes are the words of the summary in their order.
var outcomes = []string{"credited", "held", "bounced", "manual", "replayed", "ignored", "failed"}

func newSummary() *summary { return &summary{counts: map[string]int{}} }

func (m *summary) add(results []client.Result) {
	for _, r := range results {
		switch {
		case r.Outcome == "error":
			m.counts["failed"]++
		case r.Replay:
			m.counts["replayed"]++
		default:
			m.counts[r.Outcome]++
		}
	}
}

func (m *summary) failed() bool { return m.files > 0 || m.counts["failed"] > 0 }

func (m *summary) String() string {
	parts := make([]string, len(outcomes))
	for i, outcome := range outcomes {
		parts[i] = fmt.Sprintf("%s %d", outcome, m.counts[outcome])
	}
	return strings.Join(parts, ", ")
}
