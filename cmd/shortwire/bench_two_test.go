package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/valyala/fasthttp"
)

// BenchmarkTwoGateways compares the throughput of two gateways on one database
// with that of one, in turns: nothing that one of them keeps in memory may hold
// the other up.
func BenchmarkTwoGateways(b *testing.B) {
	one := newBench(b)
	two := &bench{b: b, http: fasthttp.Client{MaxConnsPerHost: 512, NoDefaultUserAgentHeader: true}, server: one.server, pool: one.pool, raw: one.raw, house: one.house}
	two.startGateway(b.TempDir(), one.pool.Config().ConnString(), "enabled = false")
	b.Run("whole machine", func(b *testing.B) { compareGateways(b, one, two) })
	b.Run("a fifth of a core each", func(b *testing.B) {
		throttle(b, one.gateway, two.gateway)
		compareGateways(b, one, two)
	})
}

func compareGateways(b *testing.B, one, two *bench) {
	turn := func(n int) *bench { return []*bench{one, two}[n%2] }
	b.Run("register/clients=32", func(b *testing.B) {
		var bodies [][]byte
		prepare := func(n int) int {
			bodies = make([][]byte, n)
			for i := range bodies {
				bodies[i] = registrationJSON(randomKey())
			}
			return n
		}
		register := func(n int, at *bench) error {
			_, err := at.call("POST", "/accounts/ch/registrations", "", bodies[n], 200)
			return err
		}
		one.both(b, 32, side{items: 1, prepare: prepare, op: func(n int) error { return register(n, one) }},
			side{items: 1, prepare: prepare, op: func(n int) error { return register(n, turn(n)) }})
	})
	b.Run("ingest/batch=100/clients=4", func(b *testing.B) {
		var bodies [][]byte
		prepare := func(n int) int { bodies = one.statements(n, 100); return len(bodies) }
		ingest := func(n int, at *bench) error {
			_, err := at.call("POST", "/accounts/ch/bank/incoming", benchToken+"-bank", bodies[n], 200)
			return err
		}
		one.both(b, 4, side{items: 100, prepare: prepare, op: func(n int) error { return ingest(n, one) }},
			side{items: 100, prepare: prepare, op: func(n int) error { return ingest(n, turn(n)) }})
	})
}

// throttle leaves each process a fifth of a core, in control groups of Linux, so
// that the machine has idle processors although a gateway has not.
func throttle(b *testing.B, pids ...int) {
	b.Helper()
	for _, pid := range pids {
		group := fmt.Sprintf("/sys/fs/cgroup/cpu/shortwire-%d", pid)
		settings := []struct{ file, text string }{{"cpu.cfs_period_us", "10000"}, {"cpu.cfs_quota_us", "2000"}}
		if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
			group = fmt.Sprintf("/sys/fs/cgroup/shortwire-%d", pid)
			settings = []struct{ file, text string }{{"cpu.max", "2000 10000"}}
		}
		if err := os.Mkdir(group, 0o755); err != nil {
			b.Skip("needs control groups: ", err)
		}
		b.Cleanup(func() {
			_ = os.WriteFile(filepath.Join(filepath.Dir(group), "cgroup.procs"), []byte(strconv.Itoa(pid)), 0)
			_ = os.Remove(group)
		})
		for _, s := range append(settings, struct{ file, text string }{"cgroup.procs", strconv.Itoa(pid)}) {
			if err := os.WriteFile(filepath.Join(group, s.file), []byte(s.text), 0); err != nil {
				b.Skip("needs control groups: ", err)
			}
		}
	}
}

// both runs one gateway and two in turns and reports the medians.
func (s *bench) both(b *testing.B, clients int, one, two side) {
	b.Helper()
	var alone, together []figures
	for range benchRounds {
		alone = append(alone, s.measure(b, clients, one))
		together = append(together, s.measure(b, clients, two))
	}
	a, t := median(alone), median(together)
	b.ReportMetric(a.perSecond, "one-op/s")
	b.ReportMetric(t.perSecond, "two-op/s")
	b.ReportMetric(t.perSecond/a.perSecond, "two/one")
	b.ReportMetric(0, "ns/op")
}
