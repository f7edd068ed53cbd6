package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/pow"
)

// solving are the flags of verbs that may have to find a proof of work.
type solving struct {
	Threads int           `placeholder:"N" help:"Threads for a proof of work (half of the processors, at most 4)."`
	Limit   time.Duration `placeholder:"TIME" help:"Give up at once when a proof of work would take longer than this on average, such as 10m."`
}

// maxThreads is where a wallet stops taking processors by itself.
const maxThreads = 4

func (v *solving) threads() int {
	if v.Threads > 0 {
		return v.Threads
	}
	return min(maxThreads, max(1, runtime.NumCPU()/2))
}

// work is a proof of work on disk: what was found so far, and in the end the
// proof, which the key may use again later.
type work struct {
	Challenge pow.Challenge  `json:"challenge"`
	Found     []pow.SubProof `json:"found,omitempty"`
	Proof     *client.Proof  `json:"proof,omitempty"`

	path string
}

// loadWork reads what an earlier run has left, if anything. A file that cannot
// be read as one counts as nothing: it costs time at most.
func loadWork(path string) *work {
	w := &work{path: path}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, w) != nil {
		return &work{path: path}
	}
	return w
}

// save replaces the file as a whole.
func (w *work) save() error {
	text, err := json.Marshal(w)
	if err != nil {
		return err
	}
	temporary := w.path + ".new"
	if err := os.WriteFile(temporary, text, 0o600); err != nil {
		return fmt.Errorf("keeping the proof of work: %w", err)
	}
	return os.Rename(temporary, w.path)
}

// solve finds a proof for what the gateway asks, going on with what is on disk
// if that is still worth it. When ctx ends, what was found is on disk.
func (v *solving) solve(ctx context.Context, w *work, key client.Key, offer *client.ProofOfWork, to io.Writer) (*client.Proof, error) {
	challenge, err := offer.Challenge(key.Pub)
	if err != nil {
		return nil, err
	}
	if w.Challenge.AuthorizationPub != challenge.AuthorizationPub || !offer.Accepts(w.Challenge) {
		w.Challenge, w.Found = challenge, nil
	}
	w.Proof = nil
	if err := v.affordable(w); err != nil {
		return nil, err
	}
	show := newProgress(to, w)
	var saved error
	solution, err := pow.Solve(ctx, w.Challenge, pow.SolveOptions{
		Workers: v.threads(), SealBits: offer.SealBits, Found: w.Found,
		OnFound:    func(found []pow.SubProof) { w.Found, saved = found, w.save() },
		OnProgress: show.update,
		Interval:   progressInterval,
	})
	show.end()
	if err != nil {
		return nil, w.interrupted(err)
	}
	w.Found, w.Proof = solution.SubProofs, client.NewProof(w.Challenge, solution)
	return w.Proof, errors.Join(saved, w.save())
}

// interrupted says what is kept of an unfinished search.
func (w *work) interrupted(err error) error {
	if len(w.Found) == 0 || !errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("interrupted: %d of %d sub-proofs are kept in %s; the same command goes on from there today and tomorrow",
		len(w.Found), w.Challenge.SubProofs, w.path)
}

// rateTrial is how long the rate of this machine is measured before a limit is
// compared with it.
const rateTrial = 300 * time.Millisecond

// affordable refuses work that would take longer than the user wants.
func (v *solving) affordable(w *work) error {
	if v.Limit <= 0 {
		return nil
	}
	rate := pow.Rate(w.Challenge.Params, v.threads(), rateTrial)
	rest := w.Challenge.Difficulty * uint64(int(w.Challenge.SubProofs)-len(w.Found)) / uint64(w.Challenge.SubProofs)
	if mean := pow.Estimate(rest, rate); mean > v.Limit {
		return fmt.Errorf("the proof of work takes about %s on this machine, longer than --limit=%s: wait until the price falls, or allow more",
			mean.Round(time.Second), v.Limit)
	}
	return nil
}

// progressInterval is how often a bar on a terminal moves.
const progressInterval = 250 * time.Millisecond

// workPath is where the proof of a key for an account is kept: beside the key.
func workPath(keyPath, account string) string {
	return filepath.Clean(keyPath) + "." + account + ".proof"
}

// progress shows how far a search is: a bar on a terminal, lines elsewhere.
type progress struct {
	to   io.Writer
	bar  *progressbar.ProgressBar
	last int // sub-proofs that the last line told of
}

func newProgress(to io.Writer, w *work) *progress {
	p := &progress{to: to, last: len(w.Found)}
	kept := ""
	if p.last > 0 {
		kept = fmt.Sprintf(", %d of %d parts found before", p.last, w.Challenge.SubProofs)
	}
	fmt.Fprintf(to, "Proof of work: about %d evaluations of Argon2id%s\n", w.Challenge.Difficulty, kept)
	if file, ok := to.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions(int(w.Challenge.SubProofs),
			progressbar.OptionSetWriter(to), progressbar.OptionSetWidth(24), progressbar.OptionClearOnFinish(),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false))
	}
	return p
}

func (p *progress) update(now pow.Progress) {
	text := fmt.Sprintf("%.0f evaluations/s", now.Rate)
	if now.Remaining > 0 {
		text += ", about " + roughly(now.Remaining) + " left"
	}
	if p.bar != nil {
		p.bar.Describe(text)
		_ = p.bar.Set(now.Found) // draws only
		return
	}
	if now.Found > p.last {
		p.last = now.Found
		fmt.Fprintf(p.to, "%d of %d parts found, %s\n", now.Found, now.Wanted, text)
	}
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear() // draws only
	}
}

// roughly writes a time with no more digits than it deserves.
func roughly(d time.Duration) string {
	switch {
	case d < time.Second:
		return "a second"
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}
