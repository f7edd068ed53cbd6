package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

// TestOutage is `make outage`: the database is away, cut off, slow, or has no
// room left. The gateway must say so soon, acknowledge nothing that is not
// stored, and go on by itself afterwards.
func TestOutage(t *testing.T) {
	length := 8 * time.Second
	if proof(t) == "full" {
		length = 30 * time.Second
	}
	t.Run("gone", func(t *testing.T) {
		o := newOutage(t)
		o.serves("before")
		o.during("gone", length, 3*time.Second, func() func() {
			o.fleet.stopServer()
			return o.fleet.restartServer
		})
	})
	t.Run("cut", func(t *testing.T) {
		o := newOutage(t)
		o.serves("before")
		// Nothing tells a silent line from a slow server but patience; uploads
		// wait for each other besides.
		o.during("cut", length, 30*time.Second, func() func() {
			return o.toxic(`{"name":"up","type":"timeout","stream":"upstream","attributes":{"timeout":0}}`,
				`{"name":"down","type":"timeout","stream":"downstream","attributes":{"timeout":0}}`)
		})
	})
	t.Run("reset", func(t *testing.T) {
		o := newOutage(t)
		o.serves("before")
		o.during("reset", length, 5*time.Second, func() func() {
			return o.toxic(`{"name":"reset","type":"reset_peer","stream":"downstream","attributes":{"timeout":0}}`)
		})
	})
	t.Run("slow", func(t *testing.T) {
		o := newOutage(t)
		heal := o.toxic(`{"name":"slow","type":"latency","stream":"downstream","attributes":{"latency":300,"jitter":100}}`)
		o.serves("while it is slow")
		heal()
		o.serves("after")
		o.check()
	})
	t.Run("disk full", func(t *testing.T) { testDiskFull(t, length) })
}

// outage is a gateway whose database can be taken away.
type outage struct {
	t     *testing.T
	fleet *fleet
	proxy *toxiproxy.Proxy
	gate  *gatewayProcess

	mu      sync.Mutex
	serial  int
	stored  map[string]string // transfers that were acknowledged, with their outcome
	refused int
	longest time.Duration
}

func newOutage(t *testing.T) *outage {
	t.Helper()
	o := &outage{t: t, fleet: newFleet(t, 0), stored: map[string]string{}}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	o.proxy = toxiproxy.NewProxy(server, "postgres", "127.0.0.1:0", o.fleet.relay.ln.Addr().String())
	if err := o.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.proxy.Stop)
	o.gate = o.fleet.newGateway("gateway", relayedURL(o.proxy.Listen))
	return o
}

// toxic spoils the line, and returns how to mend it.
func (o *outage) toxic(toxics ...string) (heal func()) {
	o.t.Helper()
	for _, text := range toxics {
		if _, err := o.proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
			o.t.Fatal(err)
		}
	}
	return func() { o.proxy.Toxics.ResetToxics(context.Background()) }
}

// reply is what a probe was answered.
type reply struct {
	what   string
	status int
	retry  string
	body   []byte
	took   time.Duration
	err    error
}

// ask sends one request and measures.
func (o *outage) ask(what, method, path, token string, body any) reply {
	text, _ := json.Marshal(body)
	r := reply{what: what}
	request, err := http.NewRequest(method, strings.TrimSuffix(o.gate.url, "/")+path, bytes.NewReader(text))
	if err != nil {
		o.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	start := time.Now()
	response, err := (&http.Client{Timeout: time.Minute}).Do(request)
	if err != nil {
		r.err = err
		return r
	}
	defer response.Body.Close()
	r.body, r.err = io.ReadAll(response.Body)
	r.status, r.retry, r.took = response.StatusCode, response.Header.Get("Retry-After"), time.Since(start)
	return r
}

// probes sends one request of every kind at once.
func (o *outage) probes() []reply {
	o.mu.Lock()
	o.serial++
	name := fmt.Sprint(o.t.Name(), " ", o.serial)
	o.mu.Unlock()
	key, reserve := chaosKey(reversed(name)), chaosKey("R"+reversed(name))
	m := client.Mapping{AuthorizationPub: key.Pub, Type: "reserve", AccountPub: &reserve.Pub}
	m.Sign(key.Private(), bouncetest.CH().Payto, time.Now())
	report := json.RawMessage(statement([]planned{{ref: name, amount: "CHF:2", debtor: true}}))
	var replies [6]reply
	var group sync.WaitGroup
	for i, probe := range []func() reply{
		func() reply {
			return o.ask("register", "POST", "/accounts/ch/registrations", "", map[string]any{"authorization_pub": key.Pub, "alg": "EdDSA"})
		},
		func() reply { return o.ask("map", "POST", "/accounts/ch/mappings", "", m) },
		func() reply { return o.ask("incoming", "POST", "/accounts/ch/bank/incoming", fleetBank, report) },
		func() reply {
			return o.ask("history", "GET", "/accounts/ch/taler-wire-gateway/history/incoming", fleetExchange, nil)
		},
		func() reply {
			return o.ask("outgoing", "GET", "/accounts/ch/bank/outgoing?status=pending", fleetBank, nil)
		},
		func() reply { return o.ask("ready", "GET", "/readyz", "", nil) },
	} {
		group.Go(func() { replies[i] = probe() })
	}
	group.Wait()
	o.remember(name, replies[2])
	return replies[:]
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// remember keeps what was acknowledged to the bank.
func (o *outage) remember(ref string, r reply) {
	var answer client.Results
	if r.status != http.StatusOK {
		return
	}
	if err := json.Unmarshal(r.body, &answer); err != nil || len(answer.Results) != 1 {
		o.t.Errorf("%s: %s", ref, r.body)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stored[ref] = answer.Results[0].Outcome
}

// serves wants everything answered; a mapping may come before its registration.
func (o *outage) serves(when string) {
	o.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		bad := ""
		for _, r := range o.probes() {
			if !(r.status/100 == 2 || r.what == "map" && r.status == http.StatusNotFound) {
				bad = fmt.Sprintf("%s: %d %s %v", r.what, r.status, r.body, r.err)
			}
		}
		if bad == "" {
			return
		}
		if time.Now().After(end) {
			o.t.Fatalf("%s: %s", when, bad)
		}
	}
}

// during takes the database away for a while. Every request must be told to come
// back later within the limit; then service must resume by itself, and what was
// acknowledged be there.
func (o *outage) during(what string, length, limit time.Duration, spoil func() func()) {
	o.t.Helper()
	heal := spoil()
	var group sync.WaitGroup
	for end := time.Now().Add(length); time.Now().Before(end); time.Sleep(time.Second) {
		group.Go(func() { o.judge(o.probes(), limit) })
	}
	group.Wait()
	heal()
	start := time.Now()
	o.serves("after " + what)
	o.t.Logf("%s: %d requests were refused with 503, the slowest after %s; all is well %s after the end",
		what, o.refused, o.longest.Round(time.Millisecond), time.Since(start).Round(time.Millisecond))
	o.check()
}

func (o *outage) judge(replies []reply, limit time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range replies {
		o.longest = max(o.longest, r.took)
		o.refused++
		if r.err != nil || r.status != http.StatusServiceUnavailable || r.retry == "" || r.took > limit {
			o.t.Errorf("%s during the outage: status %d, Retry-After %q, after %s: %s %v", r.what, r.status, r.retry, r.took, r.body, r.err)
		}
	}
}

// check compares what was acknowledged with what is stored.
func (o *outage) check() {
	o.t.Helper()
	rows, err := o.fleet.pool().Query(o.t.Context(), `SELECT bank_ref, state FROM transfers`)
	if err != nil {
		o.t.Fatal(err)
	}
	defer rows.Close()
	states := map[string]string{}
	for rows.Next() {
		var ref, state string
		if err := rows.Scan(&ref, &state); err != nil {
			o.t.Fatal(err)
		}
		states[ref] = state
	}
	for ref, outcome := range o.stored {
		if states[ref] != outcome {
			o.t.Errorf("%s was acknowledged as %s and is %q", ref, outcome, states[ref])
		}
	}
}

func (f *fleet) stopServer() { _ = f.server.Stop() }

func (f *fleet) restartServer() {
	f.startServer()
	f.relay.aim(f.server.URL())
}

// testDiskFull fills the file system that the database is on.
func testDiskFull(t *testing.T, length time.Duration) {
	disk := filepath.Join(t.TempDir(), "disk")
	if err := errors.Join(os.Mkdir(disk, 0o755), os.Chmod(filepath.Dir(disk), 0o755), os.Chmod(filepath.Dir(filepath.Dir(disk)), 0o755)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=200m,mode=0755", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("needs the right to mount a small file system: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", disk).Run() })
	o := &outage{t: t, fleet: newFleetOn(t, disk, 0), stored: map[string]string{}}
	o.gate = o.fleet.newGateway("gateway", o.fleet.relay.url())
	o.serves("before")
	filler := filepath.Join(disk, "filler")
	fill := exec.Command("sh", "-c", "cat /dev/zero > "+filler)
	_ = fill.Run() // ends when the disk is full
	for end := time.Now().Add(length); time.Now().Before(end); {
		o.crowd()
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if len(serverProcesses(filepath.Join(o.fleet.dir, "postgres", "data"))) == 0 {
		t.Log("disk full: PostgreSQL ended and was started again by hand")
		o.fleet.stopServer()
		o.fleet.restartServer()
	}
	start := time.Now()
	o.serves("after the disk was full")
	t.Logf("disk full: %d uploads were refused with 503, %d transfers were acknowledged in all; all is well %s after there was room again",
		o.refused, len(o.stored), time.Since(start).Round(time.Millisecond))
	o.check()
	if o.refused == 0 {
		t.Error("the disk was never full")
	}
}

// crowd posts a large report: each is stored and acknowledged as a whole, or
// refused with 503.
func (o *outage) crowd() {
	o.serial++
	var batch []planned
	for i := range 500 {
		batch = append(batch, planned{ref: fmt.Sprint("crowd ", o.serial, " ", i), amount: "CHF:2", debtor: true})
	}
	r := o.ask("incoming", "POST", "/accounts/ch/bank/incoming", fleetBank, json.RawMessage(statement(batch)))
	var answer client.Results
	switch {
	case r.status == http.StatusServiceUnavailable && r.retry != "":
		o.refused++
		time.Sleep(200 * time.Millisecond)
	case r.status == http.StatusOK && json.Unmarshal(r.body, &answer) == nil:
		for _, result := range answer.Results {
			o.stored[result.BankRef] = result.Outcome
		}
	default:
		o.t.Errorf("with the disk full: %d %s %v", r.status, r.body, r.err)
	}
}
