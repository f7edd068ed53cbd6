package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/valyala/fasthttp"

	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/migrations"
	"github.com/shortwire/shortwire/migrations/cluster"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/postgres"
)

// The benchmarks run the real binary in a process of its own on a durable
// private PostgreSQL, and beside it, in turns within the same run, the raw
// limit: the smallest SQL that stores or reads the same rows, through pgx and
// without HTTP, on a database of the same server with the same schema. What
// counts is the ratio; absolute values tell how fast the machine was just then.
//
// Operations per second include what the load generator itself costs on the
// same cores, on both sides. CPU is that of PostgreSQL and of the gateway.

// benchRounds and benchTime make one figure: the median of rounds, each side
// in turn for this long.
const (
	benchRounds = 3
	benchTime   = 1200 * time.Millisecond
)

// bench is one gateway under test beside a raw database.
type bench struct {
	b       *testing.B
	url     string        // of the gateway
	gateway int           // process id
	server  int           // process id of the postmaster
	pool    *pgxpool.Pool // the gateway's database, for preparing
	raw     *pgxpool.Pool
	house   *bouncetest.House // the gateway's rooms without its door, for preparing
	http    fasthttp.Client
	serial  atomic.Int64
}

const benchToken = "benchmark-token-0123456789"

// newBench starts a gateway that gives subjects away: what a proof costs is
// measured by BenchmarkProof.
func newBench(b *testing.B) *bench {
	b.Helper()
	return newBenchWith(b, "enabled = false", bouncetest.CH())
}

// newBenchWith starts a gateway with the keys given in [proof_of_work]; ch is
// its Swiss account as the test's own rooms open it.
func newBenchWith(b *testing.B, proofOfWork string, ch subjects.Account) *bench {
	b.Helper()
	dir := b.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // the server may run as another user
		b.Fatal(err)
	}
	server, err := cluster.Start(b.Context(), cluster.Config{Dir: filepath.Join(dir, "postgres")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Stop() })
	s := &bench{b: b, http: fasthttp.Client{MaxConnsPerHost: 512, ReadTimeout: time.Minute, NoDefaultUserAgentHeader: true}}
	s.server = postmaster(b, filepath.Join(dir, "postgres"))
	s.pool = s.database(server.URL(), "gate")
	s.raw = s.database(server.URL(), "raw")
	s.startGateway(dir, databaseURL(server.URL(), "gate"), proofOfWork)
	s.house = bouncetest.Open(b, databaseURL(server.URL(), "gate"), ch, bouncetest.X())
	bouncetest.Open(b, databaseURL(server.URL(), "raw"), bouncetest.CH(), bouncetest.X())
	return s
}

func databaseURL(server, name string) string {
	return strings.Replace(server, "/shortwire?", "/"+name+"?", 1)
}

func (s *bench) database(server, name string) *pgxpool.Pool {
	s.b.Helper()
	conn, err := pgx.Connect(s.b.Context(), server)
	if err != nil {
		s.b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(s.b.Context())) //nolint:errcheck // only reading
	if _, err := conn.Exec(s.b.Context(), "CREATE DATABASE "+name); err != nil {
		s.b.Fatal(err)
	}
	url := databaseURL(server, name)
	if _, err := migrations.Up(s.b.Context(), url, nil); err != nil {
		s.b.Fatal(err)
	}
	pool, err := postgres.Open(s.b.Context(), postgres.Config{URL: url, MaxConns: 40})
	if err != nil {
		s.b.Fatal(err)
	}
	s.b.Cleanup(pool.Close)
	return pool
}

// startGateway builds and starts the binary.
func (s *bench) startGateway(dir, database, proofOfWork string) {
	s.b.Helper()
	binary := filepath.Join(dir, "shortwire")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		s.b.Fatalf("%v\n%s", err, out)
	}
	settings, ready := filepath.Join(dir, "shortwire.toml"), filepath.Join(dir, "ready")
	text := fmt.Sprintf(benchConfig, database, proofOfWork, benchToken+"-bank", benchToken+"-exchange")
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		s.b.Fatal(err)
	}
	gateway := exec.Command(binary, "serve", "-c", settings, "--ready-file", ready)
	gateway.Stderr = os.Stderr
	if err := gateway.Start(); err != nil {
		s.b.Fatal(err)
	}
	s.b.Cleanup(func() { _ = gateway.Process.Signal(os.Interrupt); _ = gateway.Wait() })
	s.gateway = gateway.Process.Pid
	for range 1000 {
		if url, err := os.ReadFile(ready); err == nil {
			s.url = strings.TrimSpace(string(url))
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.b.Fatal("the gateway is not ready after ten seconds")
}

const benchConfig = `
listen = "127.0.0.1:0"
log_level = "error"
bank_body_limit = "64MiB"
[database]
url = "%s"
[proof_of_work]
%s
[[account]]
name = "ch"
method = "ch-qrr"
currency = "CHF"
payto = "payto://iban/CH5204835012345671000?receiver-name=Example%%20Exchange"
qr_iban = "CH4431999123000889012"
[[account]]
name = "x"
method = "plain-key"
currency = "EUR"
payto = "payto://iban/DE89370400440532013000?receiver-name=Example%%20Exchange"
[[token]]
name = "bank"
role = "bank"
secret = "%s"
[[token]]
name = "exchange"
role = "exchange"
secret = "%s"
`

// side is one of the two things compared: op does the n-th operation.
type side struct {
	prepare func(ops int) int // outside the clock; for at most ops operations, tells for how many
	op      func(n int) error
	items   int // what one op counts for
}

// figures are what a side reached.
type figures struct{ perSecond, cpuPerItem float64 }

// compare runs both sides in turns and reports the medians.
func (s *bench) compare(b *testing.B, clients int, ours, raw side) {
	b.Helper()
	var mine, limit []figures
	for range benchRounds {
		limit = append(limit, s.measure(b, clients, raw))
		mine = append(mine, s.measure(b, clients, ours))
	}
	m, l := median(mine), median(limit)
	b.ReportMetric(m.perSecond, "op/s")
	b.ReportMetric(l.perSecond, "raw-op/s")
	b.ReportMetric(m.perSecond/l.perSecond, "ratio")
	b.ReportMetric(m.cpuPerItem, "cpu-us/op")
	b.ReportMetric(l.cpuPerItem, "raw-cpu-us/op")
	b.ReportMetric(0, "ns/op")
}

func median(f []figures) figures {
	mid := len(f) / 2
	slices.SortFunc(f, func(a, b figures) int { return compareFloat(a.cpuPerItem, b.cpuPerItem) })
	cpu := f[mid].cpuPerItem
	slices.SortFunc(f, func(a, b figures) int { return compareFloat(a.perSecond, b.perSecond) })
	return figures{f[mid].perSecond, cpu}
}

func compareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// measure drives one side with some clients for benchTime.
func (s *bench) measure(b *testing.B, clients int, what side) figures {
	b.Helper()
	limit := math.MaxInt
	if what.prepare != nil {
		limit = what.prepare(clients + int(benchTime.Seconds()*30_000/float64(what.items)))
	}
	var done, next atomic.Int64
	var failed atomic.Pointer[error]
	before, start := s.cpu(), time.Now()
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for time.Since(start) < benchTime && failed.Load() == nil {
				n := int(next.Add(1) - 1)
				if n >= limit {
					return
				}
				if err := what.op(n); err != nil {
					failed.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		b.Fatal(*err)
	}
	took, used := time.Since(start), s.cpu()-before
	items := float64(done.Load()) * float64(what.items)
	return figures{items / took.Seconds(), float64(used.Microseconds()) / items}
}

// cpu is the time that PostgreSQL and the gateway have used so far. The load
// generator, which is this process, does not count.
func (s *bench) cpu() time.Duration {
	total := s.processCPU(s.gateway)
	entries, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range entries {
		fields := statFields(path)
		if len(fields) > 15 && (fields[1] == strconv.Itoa(s.server)) {
			total += ticks(fields[11]) + ticks(fields[12])
		}
	}
	return total
}

func (s *bench) processCPU(pid int) time.Duration {
	fields := statFields(fmt.Sprintf("/proc/%d/stat", pid))
	if len(fields) < 16 {
		return 0
	}
	return ticks(fields[11]) + ticks(fields[12])
}

// statFields returns the fields of proc(5) stat from the state on: [1] is the
// parent, [11] and [12] are user and system time.
func statFields(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return strings.Fields(rest)
}

// ticks are hundredths of a second on every Linux that Go runs on.
func ticks(field string) time.Duration {
	n, _ := strconv.ParseInt(field, 10, 64)
	return time.Duration(n) * 10 * time.Millisecond
}

func postmaster(b *testing.B, dir string) int {
	b.Helper()
	paths, _ := filepath.Glob(filepath.Join(dir, "*", "postmaster.pid"))
	if len(paths) != 1 {
		b.Fatalf("%d postmasters under %s", len(paths), dir)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		b.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		b.Fatal(err)
	}
	return pid
}

// call sends one request and checks the status.
func (s *bench) call(method, path, token string, body []byte, want int) ([]byte, error) {
	request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(request)
	defer fasthttp.ReleaseResponse(response)
	request.SetRequestURI(strings.TrimSuffix(s.url, "/") + path)
	request.Header.SetMethod(method)
	request.Header.SetContentType("application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	request.SetBody(body)
	if err := s.http.Do(request, response); err != nil {
		return nil, err
	}
	if response.StatusCode() != want {
		return nil, fmt.Errorf("%s %s: %d %s", method, path, response.StatusCode(), response.Body())
	}
	return slices.Clone(response.Body()), nil
}

func (s *bench) account(name string) *subjects.Account { return s.house.Account(s.b, name) }
