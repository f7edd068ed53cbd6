package main

import (
	"io"
	"os"
	"sync"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// isTerminal tells whether somebody is looking.
func isTerminal(w io.Writer) bool {
	file, isFile := w.(*os.File)
	return isFile && term.IsTerminal(int(file.Fd()))
}

// uploadBar shows how far long work is, in bytes of the sources. A nil one shows
// nothing: into a pipe go lines only.
type uploadBar struct {
	mu     sync.Mutex // uploads are read by another goroutine
	bar    *progressbar.ProgressBar
	before int64       // bytes of what is done
	shown  int64       // how far the bar is; it never goes back
	upload *barReading // the one that moves it
}

func newUploadBar(w io.Writer, what string, bytes int64) *uploadBar {
	return &uploadBar{bar: progressbar.NewOptions64(bytes,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionShowBytes(true),
		progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())}
}

// done counts work that is done. What is still read of it moves nothing more.
func (p *uploadBar) done(bytes int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before, p.upload = p.before+bytes, nil
	p.reach(p.before)
}

// reach moves the bar. A report that is sent again begins behind it.
func (p *uploadBar) reach(bytes int64) {
	if bytes > p.shown {
		_ = p.bar.Add64(bytes - p.shown)
		p.shown = bytes
	}
}

// over moves the bar over the share of a report while its text is read.
func (p *uploadBar) over(b *bankFile, text io.Reader) io.Reader {
	if p == nil || b.size == 0 {
		return text
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.upload = &barReading{Reader: text, bar: p, share: b.share, size: b.size}
	return p.upload
}

// barReading is the text of one upload.
type barReading struct {
	io.Reader
	bar               *uploadBar
	share, size, read int64
}

func (u *barReading) Read(text []byte) (int, error) {
	n, err := u.Reader.Read(text)
	u.bar.mu.Lock()
	defer u.bar.mu.Unlock()
	u.read += int64(n)
	if u.bar.upload == u {
		u.bar.reach(u.bar.before + int64(float64(u.share)*min(1, float64(u.read)/float64(u.size))))
	}
	return n, err
}

// hide makes room for lines until work goes on, and lets the upload that was
// answered draw no more.
func (p *uploadBar) hide() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.upload = nil
	_ = p.bar.Clear()
}

// finish removes the bar.
func (p *uploadBar) finish() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.upload = nil
	_ = p.bar.Finish()
}
