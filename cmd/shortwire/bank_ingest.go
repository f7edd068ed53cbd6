package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

// A gateway whose database fails over says 503 for some seconds.
const (
	ingestTries = 5
	longestWait = 30 * time.Second
)

// manyBytes is where one file begins to hold more transfers than anybody reads.
const manyBytes = 64 << 10

type ingestVerb struct {
	remote
	login
	Files []string `arg:"" name:"file" help:"Files to post, each as it is; folders with all that is in them; zip archives; - is standard input."`
}

// ingest is one run of the verb.
type ingest struct {
	verb     *ingestVerb
	session  *session
	client   *client.Client
	progress *uploadBar
	summary  *summary
	unlisted map[string]bool // kinds of messages whose credits the account does not read
	quiet    bool            // a bar stands where the lines would: lines for what failed only
}

// Run posts one report after the other. One that is refused does not stop the
// ones behind it; posting any of them again changes nothing.
func (v *ingestVerb) Run(s *session) error {
	sources, err := findSources(v.Files)
	if err != nil {
		return usageError{err}
	}
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	run := &ingest{verb: v, session: s, client: c, summary: newSummary(), unlisted: map[string]bool{}}
	if total := sizeOf(sources); isTerminal(s.err) && total > 0 && (len(sources) > 1 || total > manyBytes) {
		run.showBar(total, isTerminal(s.out))
	}
	return run.all(sources)
}

// showBar shows how far the run is. Lines of another stream are not shown on the
// same terminal, where they would run into the bar; documents are never left out.
func (r *ingest) showBar(total int64, together bool) {
	if together && r.verb.JSON {
		return
	}
	r.progress, r.quiet = newUploadBar(r.session.err, "posting", total), together
}

// all ends with the summary, also when it had to stop early.
func (r *ingest) all(sources []source) error {
	var stopped error
	for i, f := range sources {
		left := f.size
		stopped = f.each(r.session.in, func(b *bankFile) error {
			err := r.one(f, b)
			part := min(b.share, left)
			r.progress.done(part)
			left -= part
			return err
		})
		if refused := (entryError{}); errors.As(stopped, &refused) {
			stopped = r.fail(&bankFile{name: f.path}, refused)
		}
		if stopped != nil {
			stopped = fmt.Errorf("stopped with %d of %d files left: %w", len(sources)-i, len(sources), stopped)
			break
		}
		r.progress.done(left) // what an archive holds beside its entries
	}
	r.progress.finish()
	if err := errors.Join(stopped, r.printSummary()); err != nil {
		return err
	}
	if r.summary.failed() {
		return errReported
	}
	return nil
}

// one posts one report. Its error stops the run: the gateway cannot be reached,
// or refuses whoever we are.
func (r *ingest) one(f source, b *bankFile) error {
	said, err := r.post(b)
	reason := faultOf(err)
	switch {
	case errors.Is(err, errNoBankFile) && (f.listed || b.entry != ""):
		r.summary.skipped++
		return r.say(r.session.err, fmt.Sprintf("%s: skipped, it is no bank's file", b))
	case errors.Is(err, errOtherMessage) && (f.listed || b.entry != ""):
		r.summary.others++
		return r.say(r.session.err, fmt.Sprintf("%s: skipped, %v", b, err))
	case reason != nil:
		return r.fail(b, reason)
	case err != nil:
		return fmt.Errorf("%s: %w", b, err)
	}
	r.summary.add(b, &said)
	return r.print(b, &said)
}

// faultOf returns what is wrong with one report alone, in the words in which it is
// told; nil for no fault, and for one that stops the run.
func faultOf(err error) error {
	var refused *client.Error
	var damaged entryError
	switch {
	case errors.As(err, &damaged), errors.Is(err, errNoBankFile), errors.Is(err, errOtherMessage):
		return err
	case errors.As(err, &refused) && !concernsAll(refused):
		return fmt.Errorf("error %w", refused)
	}
	return nil
}

// concernsAll tells an answer that every other report would get as well.
func concernsAll(e *client.Error) bool {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusServiceUnavailable:
		return true
	}
	return false
}

// post sends a report, and sends it again while the gateway says that it should
// be tried later.
func (r *ingest) post(b *bankFile) (answered, error) {
	for try := 1; ; try++ {
		said, err := r.postOnce(b)
		var refused *client.Error
		if !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable || !b.again || try == ingestTries {
			return said, err
		}
		select {
		case <-time.After(min(max(refused.RetryAfter, time.Second), longestWait)):
		case <-r.session.ctx.Done():
			return said, err
		}
	}
}

func (r *ingest) postOnce(b *bankFile) (answered, error) {
	file, err := b.open()
	if err != nil {
		return answered{}, err
	}
	defer file.Close() //nolint:errcheck // read only
	text := bufio.NewReaderSize(r.progress.over(b, file), rootBytes)
	name := b.name
	if b.entry != "" {
		name = b.entry
	}
	mediaType, err := sniff(name, text)
	switch {
	case err != nil:
		return answered{}, err
	case mediaType == client.TypeXML:
		return r.postMessage(b, text)
	}
	answer, err := r.client.Ingest(r.session.ctx, r.verb.Account, mediaType, text)
	return answerOf(&answer), err
}

// postMessage sends a message where it belongs. Whether the account reads the
// credits of its kind is the gateway's to know: only when that says no, and for
// no other fault, the message is posted for its debits.
func (r *ingest) postMessage(b *bankFile, text *bufio.Reader) (answered, error) {
	kind := kindOf(text)
	switch {
	case kind == statusReport, r.unlisted[kind]:
		answer, err := r.client.Report(r.session.ctx, r.verb.Account, text)
		return reportAnswer(kind, &answer), err
	case concernsNobody(kind):
		return answered{}, fmt.Errorf("%w: it is a %s", errOtherMessage, kind)
	}
	answer, err := r.client.Ingest(r.session.ctx, r.verb.Account, client.TypeXML, text)
	var refused *client.Error
	if b.again && slices.Contains(accountReports, kind) && errors.As(err, &refused) && refused.Symbol == notListed {
		r.unlisted[kind] = true
		return r.postOnce(b)
	}
	return answerOf(&answer), err
}

// fail tells at once, and again in the summary, what is wrong with a report.
func (r *ingest) fail(b *bankFile, reason error) error {
	r.summary.fail(b, "", reason.Error())
	return r.say(r.session.err, fmt.Sprintf("%s: %v", b, reason))
}

// say writes a line where no bar stands.
func (r *ingest) say(w io.Writer, line string) error {
	r.progress.hide()
	_, err := fmt.Fprintln(w, line)
	return err
}

func (r *ingest) print(b *bankFile, said *answered) error {
	if r.verb.JSON {
		text, err := json.Marshal(struct {
			File   string          `json:"file"`
			Entry  string          `json:"entry,omitempty"`
			Answer json.RawMessage `json:"answer"`
		}{b.name, b.entry, said.json})
		if err != nil {
			return err
		}
		return printJSON(r.session, text)
	}
	if r.quiet {
		return nil // the summary tells the failures
	}
	for _, line := range said.lines() {
		if _, err := fmt.Fprintln(r.session.out, line); err != nil {
			return err
		}
	}
	return nil
}

func (r *ingest) printSummary() error {
	if !r.verb.JSON {
		_, err := fmt.Fprintln(r.session.out, r.summary)
		return err
	}
	text, err := json.Marshal(map[string]summaryJSON{"summary": r.summary.json()})
	if err != nil {
		return err
	}
	return printJSON(r.session, text)
}
