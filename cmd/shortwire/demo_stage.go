package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

// stage is where the demo plays: it runs the verbs that a user has, shows what
// they print and checks it. The first thing that is not as expected ends the
// play: after it every method does nothing.
type stage struct {
	session *session
	dir     string            // called $DEMO in what is shown
	env     map[string]string // of the verbs
	paint   paint
	steps   int // commands that were run
	checks  int // expectations that came true
	err     error
}

func newStage(s *session, dir string) *stage {
	return &stage{session: s, dir: dir, env: map[string]string{}, paint: paintFor(s)}
}

// lookup is the environment of the verbs. Nothing of the user's own gateway
// leaks into the demo.
func (d *stage) lookup(name string) (string, bool) {
	if strings.HasPrefix(name, "SHORTWIRE_") {
		value, found := d.env[name]
		return value, found
	}
	return d.session.env(name)
}

// file is a file of the demo's folder.
func (d *stage) file(name string) string { return filepath.Join(d.dir, name) }

// act begins a part of the story.
func (d *stage) act(title string) {
	if d.err == nil {
		fmt.Fprintf(d.session.out, "%s\n\n", d.paint.code("1", "== "+title+" =="))
	}
}

// say explains what was just seen.
func (d *stage) say(sentence string) {
	if d.err == nil {
		fmt.Fprintf(d.session.out, "%s\n\n", sentence)
	}
}

// show prints a command so that it can be copied.
func (d *stage) show(args []string) {
	line := strings.ReplaceAll("$ shortwire "+strings.Join(args, " "), d.dir, "$DEMO")
	fmt.Fprintln(d.session.out, d.paint.command(line))
}

// run shows a command, runs it and shows what it prints.
func (d *stage) run(args ...string) string {
	if d.err != nil {
		return ""
	}
	d.steps++
	d.show(args)
	text := d.quietly(args)
	fmt.Fprint(d.session.out, indent(strings.ReplaceAll(text, d.dir, "$DEMO")))
	return text
}

// quietly runs a command and returns what it prints.
func (d *stage) quietly(args []string) string {
	if d.err != nil {
		return ""
	}
	var out, failure bytes.Buffer
	code := run(d.session.ctx, args, d.lookup, strings.NewReader(""), &out, &failure)
	if code != exitOK {
		d.fail("expected that this works, but it ends with %d: %s", code, strings.TrimSpace(failure.String()))
	}
	return out.String()
}

// ask runs a command with --json and reads the answer.
func ask[T any](d *stage, args ...string) (answer T) {
	text := d.quietly(append(args, "--json"))
	if d.err != nil {
		return answer
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		d.fail("expected JSON: %v", err)
	}
	return answer
}

// key reads the public half of a key file.
func (d *stage) key(name string) string {
	if d.err != nil {
		return ""
	}
	key, err := client.LoadKey(d.file(name))
	if err != nil {
		d.fail("expected a key: %v", err)
	}
	return key.Pub.String()
}

// write makes a file, as a bank would.
func (d *stage) write(name, text string) {
	if d.err != nil {
		return
	}
	if err := os.WriteFile(d.file(name), []byte(text), 0o600); err != nil {
		d.fail("expected to write a file: %v", err)
	}
}

// expect ends the play unless ok.
func (d *stage) expect(ok bool, what string, args ...any) {
	switch {
	case d.err != nil:
	case ok:
		d.checks++
	default:
		d.fail("expected that "+what, args...)
	}
}

// expectFile expects that a verb has written a file.
func (d *stage) expectFile(name, what string) {
	_, err := os.Stat(d.file(name))
	d.expect(err == nil, what)
}

// expectLine expects a line of text that begins with one word and holds others.
func (d *stage) expectLine(text, first string, words ...string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, first) && containsAll(line, words) {
			d.expect(true, "")
			return
		}
	}
	d.expect(false, "%q is answered with %q", first, strings.Join(words, " "))
}

func containsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (d *stage) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
}

// indent sets what a command prints off from what the demo says.
func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + line)
	}
	return b.String()
}

// paint colours text on a terminal.
type paint bool

// paintFor follows the custom of NO_COLOR.
func paintFor(s *session) paint {
	file, isFile := s.out.(*os.File)
	_, plain := s.env("NO_COLOR")
	return paint(isFile && !plain && term.IsTerminal(int(file.Fd())))
}

func (p paint) command(line string) string { return p.code("36", line) }

// code wraps text in a code of ECMA-48 (SGR).
func (p paint) code(code, text string) string {
	if !p {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
