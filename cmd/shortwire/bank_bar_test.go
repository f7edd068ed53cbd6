package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// TestProgress draws a bar and removes it; without a terminal there is none.
func TestProgress(t *testing.T) {
	t.Parallel()
	var screen bytes.Buffer
	p := newUploadBar(&screen, "posting", 1000)
	p.done(500)
	if !strings.Contains(screen.String(), "posting") || !strings.Contains(screen.String(), "50%") {
		t.Errorf("%q", screen.String())
	}
	p.hide()
	p.finish()
	var none *uploadBar
	none.done(1)
	none.hide()
	none.finish()
	if isTerminal(&screen) {
		t.Error("a buffer is no terminal")
	}
}

// TestProgressInside: the bar moves while one report is read, never back when it
// is sent again, and not for an upload that was answered meanwhile.
func TestProgressInside(t *testing.T) {
	t.Parallel()
	var screen bytes.Buffer
	p := newUploadBar(&screen, "posting", 1000)
	b := &bankFile{share: 500, size: 2000} // an entry of half an archive
	read := func(r io.Reader, n int64, want int64) {
		t.Helper()
		if _, err := io.CopyN(io.Discard, r, n); err != nil || p.shown != want {
			t.Errorf("the bar is at %d and not %d, %v", p.shown, want, err)
		}
	}
	text := func() io.Reader { return strings.NewReader(strings.Repeat("x", 4000)) }
	read(p.over(b, text()), 1000, 250)
	again := p.over(b, text())
	read(again, 400, 250)
	read(again, 1200, 400)
	read(again, 1200, 500) // more than it said
	p.done(500)
	late := p.over(b, text())
	p.hide()
	read(late, 1000, 500)
	p.done(500)
	if !strings.Contains(screen.String(), "40%") || p.shown != 1000 {
		t.Errorf("at %d: %q", p.shown, screen.String())
	}
}

// TestProgressAlone: one archive moves the bar entry by entry, and on one screen
// no line of a transfer runs into it.
func TestProgressAlone(t *testing.T) {
	t.Parallel()
	var entries []string
	for i := range 100 {
		entries = append(entries, fmt.Sprintf("%03d.xml", i), "<a/>"+strings.Repeat(fmt.Sprint(i), 50))
	}
	path := filepath.Join(writeFiles(t, map[string][]byte{"a.zip": packed(t, entries...)}), "a.zip")
	server := httptest.NewServer(&bankStub{})
	defer server.Close()
	var screen bytes.Buffer
	verb := &ingestVerb{remote: remote{URL: server.URL, Account: "ch"}, login: login{Token: "secret"}, Files: []string{path}}
	s := &session{ctx: t.Context(), out: &screen, err: &screen}
	c, err := verb.openWith(s, &verb.login)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sources, err := findSources(verb.Files)
	if err != nil {
		t.Fatal(err)
	}
	r := &ingest{verb: verb, session: s, client: c, summary: newSummary()}
	r.showBar(sizeOf(sources), true)
	if err := r.all(sources); !errors.Is(err, errReported) {
		t.Error(err)
	}
	if stops := strings.Count(screen.String(), "% |"); stops < 10 {
		t.Errorf("the bar moved %d times: %q", stops, screen.String())
	}
	if strings.Contains(screen.String(), "row 1 of the history") {
		t.Errorf("%q", screen.String())
	}
}
