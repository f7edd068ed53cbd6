package testdb_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/migrations/testdb"
)

const childMark = "SHORTWIRE_TEST_CHILD"

// TestChild runs only in the process that the test below starts.
func TestChild(t *testing.T) {
	if os.Getenv(childMark) == "" {
		t.Skip("part of TestServerEndsWithItsTestBinary")
	}
	_, _ = os.Stdout.WriteString(testdb.Empty(t) + "\n")
	_, _ = io.Copy(io.Discard, os.Stdin) // until killed
}

func TestServerEndsWithItsTestBinary(t *testing.T) {
	t.Parallel()
	if os.Getenv("TEST_DATABASE_URL") != "" {
		t.Skip("the server is not ours")
	}
	child := exec.Command(os.Args[0], "-test.run=^TestChild$")
	child.Env = append(os.Environ(), childMark+"=1")
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close() //nolint:errcheck // only kept open
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	conn := connect(t, strings.TrimSpace(line))
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // killed
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	// Nobody notifies: this returns when the server ends the connection.
	if _, err := conn.WaitForNotification(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("the server outlived its test binary: %v", err)
	}
}
