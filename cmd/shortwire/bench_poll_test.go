package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/plugins/wire"
)

// What long polls must not exceed.
const (
	idlePollers   = 10_000 // each process holds one end of them, and needs as many open files
	idleMegabytes = 400    // resident
	wakeWaiters   = 1_000
)

// poller is a long poll on a connection of its own.
type poller struct {
	conn net.Conn
	read *bufio.Reader
}

// poll opens a connection and asks for the rows after one.
func (s *bench) poll(b *testing.B, after int64) *poller {
	b.Helper()
	conn, err := net.Dial("tcp", strings.Trim(strings.TrimPrefix(s.url, "http://"), "/"))
	if err != nil {
		b.Fatal(err)
	}
	p := &poller{conn, bufio.NewReaderSize(conn, 1<<10)}
	p.ask(b, after)
	return p
}

func (p *poller) ask(b *testing.B, after int64) {
	_, err := fmt.Fprintf(p.conn, "GET /accounts/x/taler-wire-gateway/history/incoming?delta=5&start=%d&long_poll_ms=60000 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s-exchange\r\n\r\n", after, benchToken)
	if err != nil {
		b.Error(err)
	}
}

// waiting returns when so many polls wait.
func (s *bench) waiting(b *testing.B, n int) {
	b.Helper()
	for range 600 {
		if s.metric(b, "shortwire_http_long_polls") == float64(n) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.Fatalf("%v of %d polls wait", s.metric(b, "shortwire_http_long_polls"), n)
}

func (s *bench) metric(b *testing.B, name string) float64 {
	b.Helper()
	response, err := http.Get(s.url + "metrics")
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			n, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return n
		}
	}
	b.Fatalf("no metric %s", name)
	return 0
}

// resident is the memory of the gateway in megabytes.
func (s *bench) resident(b *testing.B) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.gateway))
	if err != nil {
		b.Skip("no /proc")
	}
	pages, _ := strconv.Atoi(strings.Fields(string(text))[1])
	return float64(pages*os.Getpagesize()) / (1 << 20)
}

// credit credits a fresh key and returns its row.
func (s *bench) credit(b *testing.B) int64 {
	b.Helper()
	name := fmt.Sprint("poll", s.serial.Add(1))
	got := s.house.Receive(b, "x", bouncetest.Incoming(name, "EUR:1", wire.Remittance{Unstructured: []string{bouncetest.Reserve(name).AccountPub.String()}}))
	if got[0].State != bounce.Credited {
		b.Fatalf("%+v", got)
	}
	return got[0].RowID
}

// BenchmarkIdlePolls fills the gateway with clients who wait for nothing. They
// hold memory and no connection of the database.
func BenchmarkIdlePolls(b *testing.B) {
	s := newBench(b)
	before := s.resident(b)
	for b.Loop() {
		var pollers []*poller
		for range idlePollers {
			pollers = append(pollers, s.poll(b, 1<<40))
		}
		s.waiting(b, idlePollers)
		used, all := s.metric(b, "shortwire_db_connections_used"), s.resident(b)
		b.ReportMetric(used, "db-connections")
		b.ReportMetric(all, "MB")
		b.ReportMetric((all-before)*1024/idlePollers, "KB/poll")
		if used > 1 || all > idleMegabytes {
			b.Errorf("%d idle polls hold %v connections and %.0f MB", idlePollers, used, all)
		}
		for _, p := range pollers {
			p.conn.Close()
		}
	}
}

// BenchmarkWakeUp measures how long after a credit is acknowledged, by another
// gateway, its waiters have their answer, beside the raw round trip of a NOTIFY.
func BenchmarkWakeUp(b *testing.B) {
	s := newBench(b)
	last := s.credit(b)
	pollers := make([]*poller, wakeWaiters)
	for i := range pollers {
		pollers[i] = s.poll(b, last)
	}
	s.waiting(b, wakeWaiters)
	before := s.processCPU(s.gateway)
	var waits []time.Duration
	for b.Loop() {
		s.waiting(b, wakeWaiters)
		waits = append(waits, s.wakeAll(b, pollers, &last)...)
	}
	s.waiting(b, wakeWaiters)
	b.ReportMetric(float64((s.processCPU(s.gateway)-before).Microseconds())/float64(len(waits)), "cpu-us/wake")
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(rawFanOut(b).Microseconds())/1000, "raw-p99-ms")
	b.ReportMetric(s.notifyRoundTrip(b), "raw-notify-ms")
}

// rawFanOut is what this machine needs to wake as many goroutines, each of which
// writes a kilobyte to a connection, and as many that read it: p99 of ten rounds.
func rawFanOut(b *testing.B) time.Duration {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	var writers, readers [wakeWaiters]net.Conn
	for i := range writers {
		if readers[i], err = net.Dial("tcp", listener.Addr().String()); err != nil {
			b.Fatal(err)
		}
		defer readers[i].Close()
		if writers[i], err = listener.Accept(); err != nil {
			b.Fatal(err)
		}
		defer writers[i].Close()
	}
	var waits []time.Duration
	for range 10 {
		waits = append(waits, fanOut(writers[:], readers[:])...)
	}
	slices.Sort(waits)
	return waits[len(waits)*99/100]
}

// fanOut is one round.
func fanOut(writers, readers []net.Conn) []time.Duration {
	start, answered := make(chan struct{}), make([]time.Time, len(readers))
	var group sync.WaitGroup
	for i := range readers {
		group.Go(func() {
			_, _ = io.ReadFull(readers[i], make([]byte, 1<<10))
			answered[i] = time.Now()
		})
		group.Go(func() {
			<-start
			_, _ = writers[i].Write(make([]byte, 1<<10))
		})
	}
	time.Sleep(50 * time.Millisecond) // all are in place
	began := time.Now()
	close(start)
	group.Wait()
	waits := make([]time.Duration, len(readers))
	for i := range answered {
		waits[i] = answered[i].Sub(began)
	}
	return waits
}

// wakeAll credits once and lets every poller ask again. The answers are looked at
// when all have come: this process shares the processors with the gateway.
func (s *bench) wakeAll(b *testing.B, pollers []*poller, last *int64) []time.Duration {
	answered := make([]time.Time, len(pollers))
	var group sync.WaitGroup
	for i, p := range pollers {
		group.Go(func() {
			if _, err := p.read.Peek(1); err != nil {
				b.Error(err)
			}
			answered[i] = time.Now()
		})
	}
	time.Sleep(50 * time.Millisecond) // the readers are in place
	*last = s.credit(b)
	acknowledged := time.Now()
	group.Wait()
	waits := make([]time.Duration, len(pollers))
	for i, p := range pollers {
		waits[i] = max(0, answered[i].Sub(acknowledged))
		p.readAnswer(b)
		p.ask(b, *last)
	}
	return waits
}

// readAnswer reads one row.
func (p *poller) readAnswer(b *testing.B) {
	response, err := http.ReadResponse(p.read, nil)
	if err != nil {
		b.Error(err)
		return
	}
	text, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(text), `"row_id"`) {
		b.Errorf("%d %s, %v", response.StatusCode, text, err)
	}
}

// notifyRoundTrip is the median time from a NOTIFY to its listener.
func (s *bench) notifyRoundTrip(b *testing.B) float64 {
	conn, err := s.raw.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(b.Context(), "LISTEN bench"); err != nil {
		b.Fatal(err)
	}
	var trips []time.Duration
	for range 50 {
		start := time.Now()
		if _, err := s.raw.Exec(b.Context(), "NOTIFY bench"); err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(b.Context(), 5*time.Second)
		_, err := conn.Conn().WaitForNotification(ctx)
		cancel()
		if err != nil {
			b.Fatal(err)
		}
		trips = append(trips, time.Since(start))
	}
	slices.Sort(trips)
	return float64(trips[len(trips)/2].Microseconds()) / 1000
}
