package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
)

type demoVerb struct {
	Stay bool `help:"Keep the gateway up afterwards (on port 8080 when it is free) until Ctrl-C."`
}

// Run builds a gateway in a temporary folder, plays the story on it, and takes
// everything away again.
func (v *demoVerb) Run(s *session) error {
	dir, err := makeDemoDir()
	if err != nil {
		return err
	}
	d := newStage(s, dir)
	d.act("A private gateway")
	stop := d.serve(v.Stay)
	playSwitzerland(d)
	playNewZealand(d)
	playPlainKey(d)
	if v.Stay && d.err == nil {
		v.stay(s, d)
	}
	code := stop()
	d.expect(code == exitOK, "the gateway stops cleanly, but its exit code is %d", code)
	log := tail(d.file("serve.log"), 20)
	if err := os.RemoveAll(dir); err != nil {
		d.fail("expected to remove the folder: %w", err)
	}
	return v.conclude(d, log)
}

// conclude tells how it went. What the gateway logged helps when it went wrong.
func (v *demoVerb) conclude(d *stage, log string) error {
	if d.err != nil && d.session.ctx.Err() != nil {
		return errors.New("demo: interrupted; nothing is left of it")
	}
	if d.err != nil {
		fmt.Fprintf(d.session.err, "\nThe last lines of the gateway's log:\n%s\n", log)
		return fmt.Errorf("demo: command %d: %w", d.steps, d.err)
	}
	d.act("The end")
	_, err := fmt.Fprintf(d.session.out, "%d commands, %d expectations, all true. The gateway, its database and its folder are gone again.\n", d.steps, d.checks)
	return err
}

// stay shows how to go on by hand, and waits.
func (v *demoVerb) stay(s *session, d *stage) {
	d.act("Your turn")
	fmt.Fprintf(s.out, "The gateway stays up at %s until Ctrl-C.\n\n", d.env["SHORTWIRE_URL"])
	fmt.Fprintf(s.out, "  API and its description   %sdocs\n", d.env["SHORTWIRE_URL"])
	fmt.Fprintf(s.out, "  tokens                    %s\n", d.file("{exchange,bank}.token"))
	fmt.Fprintf(s.out, "  log                       %s\n\n", d.file("serve.log"))
	fmt.Fprintf(s.out, "The commands above work in another terminal, with the binary that `make build` makes as bin/shortwire, after\n\n  export SHORTWIRE_URL=%s DEMO=%s\n\n", d.env["SHORTWIRE_URL"], d.dir)
	<-s.ctx.Done()
}

// makeDemoDir makes the folder. The database runs as another user when we are
// root, and must be able to pass.
func makeDemoDir() (string, error) {
	dir, err := os.MkdirTemp("", "shortwire-demo-")
	if err == nil && os.Geteuid() == 0 {
		err = os.Chmod(dir, 0o711)
	}
	return dir, err
}

// serve starts the gateway as a user would, but for the terminal that it would
// take. The function it returns stops the gateway and gives its exit code.
func (d *stage) serve(stay bool) (stop func() int) {
	d.run("config", "init", "--dir", d.dir)
	d.say("A configuration with three accounts, and one token each for the exchange and the bank job.")
	if !stay || !portIsFree() {
		d.env["SHORTWIRE_LISTEN"] = "127.0.0.1:0"
	}
	log, err := os.Create(d.file("serve.log"))
	if err != nil {
		d.fail("expected to write a log: %v", err)
		return func() int { return exitOK }
	}
	args := []string{"serve", "-c", d.file("shortwire.toml")}
	d.show(args)
	ctx, cancel := context.WithCancel(context.WithoutCancel(d.session.ctx))
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, args, d.lookup, strings.NewReader(""), write, log)
		_ = write.Close()
		ended <- code
	}()
	line, _ := bufio.NewReader(read).ReadString('\n')
	go io.Copy(io.Discard, read) //nolint:errcheck // ends with the pipe
	d.ready(line)
	return func() int {
		cancel()
		code := <-ended
		_ = log.Close()
		return code
	}
}

// ready reads the URL from what serve prints.
func (d *stage) ready(line string) {
	fmt.Fprint(d.session.out, indent(line))
	_, url, found := strings.Cut(strings.TrimSpace(line), " at ")
	d.expect(found, "the gateway gets ready")
	d.env["SHORTWIRE_URL"] = url
	d.say("It has started a PostgreSQL of its own and made its tables. The commands below find it by SHORTWIRE_URL.")
}

// portIsFree tells whether the port of a fresh configuration can be had.
func portIsFree() bool {
	ln, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		return false
	}
	return ln.Close() == nil
}

// tail returns the last lines of a file.
func tail(path string, n int) string {
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
