package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/migrations"
	"github.com/shortwire/shortwire/migrations/cluster"
)

// fleet is a durable PostgreSQL and gateways on it, all of them processes of
// their own that may be killed. Between them stands a relay, so that the
// address of the database stays when the server behind it is another one.
type fleet struct {
	t        testing.TB
	dir      string
	binary   string
	relay    *relay
	gateways []*gatewayProcess

	mu     sync.Mutex
	server *cluster.Cluster
}

const (
	fleetBank     = "fleet-bank-token-0123456789"
	fleetExchange = "fleet-exchange-token-0123456789"
)

// fleetConfig has an account whose holds outlast every test, and one whose holds
// end while it runs.
const fleetConfig = `
listen = "%s"
data_dir = "%s"
log_level = "error"
outgoing_lease = "1s"
[database]
url = "%s"
max_connections = 16
[proof_of_work]
enabled = false
[[account]]
name = "ch"
method = "ch-qrr"
currency = "CHF"
payto = "payto://iban/CH5204835012345671000?receiver-name=Example%%20Exchange"
qr_iban = "CH4431999123000889012"
[[account]]
name = "nz"
method = "nz-pcr"
currency = "NZD"
payto = "payto://x-nz-account/01-0902-0068389-00?receiver-name=Example%%20Exchange"
hold_delay = "3s"
[[token]]
name = "bank"
role = "bank"
secret = "` + fleetBank + `"
[[token]]
name = "exchange"
role = "exchange"
secret = "` + fleetExchange + `"
`

// newFleet starts the database and so many gateways.
func newFleet(t testing.TB, gateways int) *fleet {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // the server may run as another user
		t.Fatal(err)
	}
	return newFleetOn(t, dir, gateways)
}

// newFleetOn does it in a folder that the server's user may enter.
func newFleetOn(t testing.TB, dir string, gateways int) *fleet {
	t.Helper()
	f := &fleet{t: t, dir: dir, binary: "shortwire"} // TestMain puts it into the PATH
	f.startServer()
	t.Cleanup(func() { _ = f.server.Stop() })
	if _, err := migrations.Up(t.Context(), f.server.URL(), nil); err != nil {
		t.Fatal(err)
	}
	f.relay = newRelay(t)
	f.relay.aim(f.server.URL())
	for i := range gateways {
		f.gateways = append(f.gateways, f.newGateway(fmt.Sprint("gateway", i), f.relay.url()))
	}
	return f
}

func (f *fleet) startServer() {
	f.t.Helper()
	server, err := cluster.Start(context.Background(), cluster.Config{Dir: filepath.Join(f.dir, "postgres")})
	if err != nil {
		f.t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.server = server
}

// killServer kills every process of PostgreSQL, as a machine that loses power
// does, and starts it again.
func (f *fleet) killServer(down time.Duration) {
	f.t.Helper()
	f.mu.Lock()
	server := f.server
	f.mu.Unlock()
	for _, pid := range serverProcesses(filepath.Join(f.dir, "postgres", "data")) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	time.Sleep(down)
	_ = server.Stop() // it is gone; this frees the directory
	f.startServer()
	f.relay.aim(f.server.URL())
}

// serverProcesses finds them by their working directory, the postmaster first.
func serverProcesses(data string) (pids []int) {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range processes {
		if cwd, err := os.Readlink(filepath.Join(p, "cwd")); err == nil && cwd == data {
			pid, _ := strconv.Atoi(filepath.Base(p))
			pids = append(pids, pid)
		}
	}
	return pids
}

// pool reaches the database behind the relay, for looking at it.
func (f *fleet) pool() *pgxpool.Pool {
	f.t.Helper()
	pool, err := pgxpool.New(f.t.Context(), f.server.URL())
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(pool.Close)
	return pool
}

// client talks to one of the gateways.
func (f *fleet) client(gateway int, token string) *client.Client {
	f.t.Helper()
	c, err := client.New(f.gateways[gateway].url, token)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(c.Close)
	return c
}

// gatewayProcess is kept alive until the test ends: whatever ends it, it is
// started again.
type gatewayProcess struct {
	url      string
	settings string
	mu       sync.Mutex
	process  *os.Process
}

// newGateway starts a gateway at an address that stays its own.
func (f *fleet) newGateway(name, database string) *gatewayProcess {
	f.t.Helper()
	address := freeAddress(f.t)
	g := &gatewayProcess{url: "http://" + address + "/", settings: filepath.Join(f.dir, name+".toml")}
	text := fmt.Sprintf(fleetConfig, address, filepath.Join(f.dir, name), database)
	if err := os.WriteFile(g.settings, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		g.keep(f.binary, stop)
	}()
	f.t.Cleanup(func() { close(stop); g.kill(); <-stopped })
	g.waitReady(f.t)
	return g
}

// keep starts the gateway again and again. One that finds no database ends.
func (g *gatewayProcess) keep(binary string, stop chan struct{}) {
	for {
		serve := exec.Command(binary, "serve", "-c", g.settings)
		if serve.Start() == nil {
			g.mu.Lock()
			g.process = serve.Process
			g.mu.Unlock()
			_ = serve.Wait()
		}
		select {
		case <-stop:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (g *gatewayProcess) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.process != nil {
		_ = g.process.Kill()
	}
}

func (g *gatewayProcess) waitReady(t testing.TB) {
	t.Helper()
	address := strings.Trim(strings.TrimPrefix(g.url, "http://"), "/")
	for range 600 {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("a gateway is not ready after thirty seconds")
}

// freeAddress may be taken by somebody else before it is used; the gateway would
// say so.
func freeAddress(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// relay passes TCP connections on to the socket of a PostgreSQL server.
type relay struct {
	ln     net.Listener
	mu     sync.Mutex
	socket string
}

func newRelay(t testing.TB) *relay {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	r := &relay{ln: ln}
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go r.pass(conn)
		}
	}()
	return r
}

// aim points the relay at a server.
func (r *relay) aim(server string) {
	u, _ := url.Parse(server) // our own
	q := u.Query()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.socket = filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port"))
}

func (r *relay) url() string { return relayedURL(r.ln.Addr().String()) }

func relayedURL(address string) string {
	return "postgres://shortwire@" + address + "/shortwire?sslmode=disable"
}

func (r *relay) pass(conn net.Conn) {
	defer conn.Close()
	r.mu.Lock()
	socket := r.socket
	r.mu.Unlock()
	server, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer server.Close()
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{conn, server}, {server, conn}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			done <- struct{}{}
		}()
	}
	<-done // one end is gone: so is the other
}
