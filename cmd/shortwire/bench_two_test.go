package main

import (
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
