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

// uploadBar shows how far long work is. A nil one shows nothing: into a pipe go
// lines only.
type uploadBar struct{ bar *progressbar.ProgressBar }

func newUploadBar(w io.Writer, what string, bytes int64) *uploadBar {
	return &uploadBar{progressbar.NewOptions64(bytes,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionShowBytes(true),
		progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())}
}

// done counts work that is done.
func (p *uploadBar) done(bytes int64) {
	if p != nil {
		_ = p.bar.Add64(bytes)
	}
}

// hide makes room for lines; the next done shows the bar again.
func (p *uploadBar) hide() {
	if p != nil {
		_ = p.bar.Clear()
	}
}

// finish removes the bar.
func (p *uploadBar) finish() {
	if p != nil {
		_ = p.bar.Finish()
	}
}
