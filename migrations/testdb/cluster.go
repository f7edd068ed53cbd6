package testdb

import (
	"context"
	"os"
	"os/exec"
	"syscall"

	"github.com/shortwire/shortwire/migrations/cluster"
)

// cleanup ends the server and removes its directory. QUIT is PostgreSQL's
// immediate shutdown; the server's last act is to remove postmaster.pid. One
// that was killed cannot, hence the limit of five seconds.
const cleanup = `cat
pid="$1/data/postmaster.pid"
kill -QUIT "$(head -n 1 "$pid")"
for i in $(seq 50); do test -e "$pid" || break; sleep 0.1; done
rm -rf "$1"`

// startCluster starts the cluster of this test binary.
func startCluster() (string, error) {
	dir, err := os.MkdirTemp("", "shortwire-test-")
	if err != nil {
		return "", err
	}
	if err := watch(dir); err != nil {
		return "", err
	}
	c, err := cluster.Start(context.Background(), cluster.Config{Dir: dir, Ephemeral: true})
	if err != nil {
		return "", err
	}
	return c.URL(), nil
}

// held is the writing end of the watchdog's pipe. The kernel closes it when this
// process ends; a variable of the package keeps the garbage collector off.
var held []*os.File

// watch starts the watchdog. It has its own session, so that an interrupt from
// the terminal does not end it, and none of our outputs, since `go test` waits
// until those are closed.
func watch(dir string) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close() //nolint:errcheck // the watchdog has its own
	watchdog := exec.Command("/bin/sh", "-c", cleanup, "sh", dir)
	watchdog.Dir = "/"
	watchdog.Stdin = read
	watchdog.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	held = append(held, write)
	return watchdog.Start()
}
