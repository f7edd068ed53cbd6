package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// TestDemo plays the whole story. It does not run beside other tests, whose
// goroutines would look like leaks of this one.
func TestDemo(t *testing.T) { //nolint:paralleltest // see above
	t.Setenv("TMPDIR", openTempDir(t))
	// fasthttp's clock for the Date header never stops; the cleaner of its
	// worker pool wakes up every ten seconds only to see that it may end.
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent(),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
	var out, failure bytes.Buffer
	// What is around must not leak in: this address is nobody's.
	env := func(name string) (string, bool) {
		if name == "SHORTWIRE_URL" {
			return "http://127.0.0.1:1/", true
		}
		return os.LookupEnv(name)
	}
	code := run(t.Context(), []string{"demo"}, env, strings.NewReader(""), &out, &failure)
	if code != exitOK {
		t.Fatalf("exit code %d\n%s\n%s", code, out.String(), failure.String())
	}
	if n := strings.Count(out.String(), "\n"); n < 80 || n > 220 {
		t.Errorf("the story has %d lines", n)
	}
	for _, want := range []string{`held until`, `bounced: malformed`, `known already`, `Nothing to pay`, `\d+ commands, \d+ expectations, all true`} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("the story does not tell %q", want)
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("the story is coloured although nobody sees it")
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if left := processesOf(t, os.TempDir()); len(left) > 0 {
		t.Errorf("still running: %v", left)
	}
}

// openTempDir is a folder that the database's user may use when we are root.
func openTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "shortwire-test-demo-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	return dir
}

// processesOf lists programs whose command line names a folder (Linux; nothing
// elsewhere).
func processesOf(t *testing.T, dir string) (found []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err == nil && bytes.Contains(text, []byte(dir)) {
			found = append(found, string(text))
		}
	}
	return found
}

// TestDemoStopsAtTheFirstSurprise: after it nothing runs, nothing is said, and
// the first reason stays.
func TestDemoStopsAtTheFirstSurprise(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &session{ctx: t.Context(), env: os.LookupEnv, out: &out, err: io.Discard}
	d := newStage(s, t.TempDir())
	d.run("version")
	d.expectLine("a 1\nb 2\n", "b", "2")
	d.say("so far so good")
	if d.err != nil || d.steps != 1 || d.checks != 1 {
		t.Fatalf("%v, %d commands, %d expectations", d.err, d.steps, d.checks)
	}
	d.expectLine("a 1\nb 2\n", "a", "2")
	told := out.Len()
	d.run("wallet", "keygen", "-o", d.file("never.json"))
	d.say("never said")
	d.act("never played")
	d.expect(false, "another surprise")
	if d.err == nil || !strings.Contains(d.err.Error(), `"a" is answered with "2"`) {
		t.Errorf("the surprise is told as: %v", d.err)
	}
	if _, err := os.Stat(d.file("never.json")); err == nil || out.Len() != told || d.steps != 1 {
		t.Errorf("the play went on: %s", out.String()[told:])
	}
}

// TestDemoTellsWhichCommandFailed: a verb that fails is a surprise as well.
func TestDemoTellsWhichCommandFailed(t *testing.T) {
	t.Parallel()
	s := &session{ctx: t.Context(), env: func(string) (string, bool) { return "", false }, out: io.Discard, err: io.Discard}
	d := newStage(s, t.TempDir())
	d.run("wallet", "status", "--account", "ch", "--key", d.file("none.json"))
	if d.err == nil || !strings.Contains(d.err.Error(), "ends with 2") || !strings.Contains(d.err.Error(), "none.json") {
		t.Errorf("the failure is told as: %v", d.err)
	}
}

// TestMistype: a typo that changes nothing would prove nothing.
func TestMistype(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0123456789", "9999999999", "7777777777"} {
		for i := range text {
			if got := mistype(text, i); got == text || len(got) != len(text) {
				t.Errorf("mistype(%s, %d) = %s", text, i, got)
			}
			if got := mistypeSymbol(text, i); got == text || len(got) != len(text) {
				t.Errorf("mistypeSymbol(%s, %d) = %s", text, i, got)
			}
		}
	}
}
