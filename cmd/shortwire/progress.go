package main

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// isTerminal tells whether somebody is looking.
func isTerminal(w io.Writer) bool {
	file, isFile := w.(*os.File)
	return isFile && term.IsTerminal(int(file.Fd()))
}

// progress shows how far long work is. A nil one shows nothing: into a pipe go
// lines only.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(w io.Writer, what string, bytes int64) *progress {
	return &progress{progressbar.NewOptions64(bytes,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionShowBytes(true),
		progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())}
}

// done counts work that is done.
func (p *progress) done(bytes int64) {
	if p != nil {
		_ = p.bar.Add64(bytes)
	}
}

// hide makes room for lines; the next done shows the bar again.
func (p *progress) hide() {
	if p != nil {
		_ = p.bar.Clear()
	}
}

// finish removes the bar.
func (p *progress) finish() {
	if p != nil {
		_ = p.bar.Finish()
	}
}
