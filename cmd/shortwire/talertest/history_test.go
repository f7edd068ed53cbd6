package talertest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/subjects/taler"
)

// stream is a history with events that it reports and events that it does not.
type stream struct {
	url, authorization, member string
	reports, ignores           []func(t *testing.T)
}

// slack is what a busy machine may add to every wait.
const slack = 3 * time.Second

func (s *stream) get(t *testing.T, format string, args ...any) (reply, []map[string]any) {
	t.Helper()
	r := ask(t, "GET", s.url+"?"+fmt.Sprintf(format, args...), s.authorization, nil)
	rows := r.list(s.member)
	if (r.status != 200 || len(rows) == 0) && (r.status != 204 || r.raw != "") {
		t.Errorf("%s: %d %s: neither rows nor an empty 204", fmt.Sprintf(format, args...), r.status, r.raw)
	}
	return r, rows
}

func id(row map[string]any) int {
	n, _ := row["row_id"].(float64)
	return int(n)
}

func lastID(t *testing.T, s *stream) int {
	t.Helper()
	_, rows := s.get(t, "limit=-1")
	if len(rows) != 1 {
		return 0
	}
	return id(rows[0])
}

// later runs an event while a poll waits.
func later(t *testing.T, event func(*testing.T)) (wait func()) {
	done := make(chan struct{})
	time.AfterFunc(100*time.Millisecond, func() { defer close(done); event(t) })
	return func() { <-done }
}

// routine holds a history of an account that nobody else uses against what
// Taler's own tests ask of every history.
func (s *stream) routine(t *testing.T) {
	base := lastID(t, s)
	if r, _ := s.get(t, "limit=10&offset=%d", base); r.status != 204 {
		t.Errorf("no data: %d", r.status)
	}
	s.interleaves(t, base)
	s.doesNotWait(t, base)
	s.waits(t)
	s.pages(t, base)
}

// interleaves: only what is reported counts.
func (s *stream) interleaves(t *testing.T, base int) {
	for i := range max(len(s.reports), len(s.ignores)) {
		s.reports[i%len(s.reports)](t)
		if len(s.ignores) > 0 {
			s.ignores[i%len(s.ignores)](t)
		}
	}
	_, rows := s.get(t, "limit=1000&offset=%d", base)
	if n := max(len(s.reports), len(s.ignores)); len(rows) != n {
		t.Errorf("%d rows, want %d", len(rows), n)
	}
}

func (s *stream) doesNotWait(t *testing.T, base int) {
	_, rows := s.get(t, "limit=1&offset=%d", base)
	if len(rows) != 1 {
		t.Fatal("no row")
	}
	for _, query := range []string{
		fmt.Sprintf("limit=-10&offset=%d&timeout_ms=20000", id(rows[0])), // backwards, and nothing is there
		"limit=-10&timeout_ms=20000",
		fmt.Sprintf("limit=1000&offset=%d&timeout_ms=20000", base), // less than asked for, but some
	} {
		if r, _ := s.get(t, "%s", query); r.took > slack {
			t.Errorf("%s waited %s", query, r.took)
		}
	}
}

func (s *stream) waits(t *testing.T) {
	for i, event := range s.reports {
		for _, names := range [][3]string{{"limit", "offset", "timeout_ms"}, {"delta", "start", "long_poll_ms"}} {
			last := lastID(t, s)
			happened := later(t, event)
			r, rows := s.get(t, "%s=5&%s=%d&%s=30000", names[0], names[1], last, names[2])
			happened()
			if len(rows) != 1 || id(rows[0]) <= last || r.took < 100*time.Millisecond || r.took > 100*time.Millisecond+slack {
				t.Errorf("event %d, asked by %s: %d rows after %s", i, names[0], len(rows), r.took)
			}
		}
	}
	far := lastID(t, s) + 1000
	happened := later(t, s.reports[0])
	r, _ := s.get(t, "limit=5&offset=%d&timeout_ms=300", far)
	happened()
	if r.status != 204 || r.took < 300*time.Millisecond || r.took > 300*time.Millisecond+slack {
		t.Errorf("far ahead: %d after %s", r.status, r.took)
	}
	for i, event := range s.ignores {
		last := lastID(t, s)
		happened := later(t, event)
		r, _ := s.get(t, "limit=5&offset=%d&timeout_ms=400", last)
		happened()
		if r.status != 204 || r.took < 400*time.Millisecond {
			t.Errorf("ignored event %d woke the poll: %d after %s", i, r.status, r.took)
		}
	}
}

func (s *stream) pages(t *testing.T, base int) {
	for range 20 {
		s.reports[0](t)
	}
	last := lastID(t, s)
	for query, n := range map[string]int{
		"": 20, "limit=10": 10, fmt.Sprintf("limit=10&offset=%d", base+4): 10, "limit=-10": 10, fmt.Sprintf("limit=-10&offset=%d", last-4): 10,
		fmt.Sprintf("delta=10&start=%d", base+4): 10, fmt.Sprintf("delta=-10&start=%d", last-4): 10,
	} {
		_, rows := s.get(t, "%s", query)
		if len(rows) != n {
			t.Errorf("%q: %d rows, want %d", query, len(rows), n)
		}
	}
	// The import daemon walks like this.
	_, all := s.get(t, "delta=1024&start=%d", base)
	var walked []int
	for at := base; ; {
		_, rows := s.get(t, "delta=7&start=%d", at)
		if len(rows) == 0 {
			break
		}
		for _, row := range rows {
			walked, at = append(walked, id(row)), id(row)
		}
	}
	if len(walked) != len(all) {
		t.Errorf("walking sees %d of %d rows", len(walked), len(all))
	}
}

func incomingHistory(t *testing.T) {
	g := open(t, "incoming")
	s := &stream{url: g.wireGateway + "history/incoming", authorization: g.authorization, member: "incoming_transactions", reports: g.credits()}
	if g.prepared != "" {
		s.reports = append(s.reports, g.releases(t))
	}
	if g.bank != "" {
		s.ignores = append(s.ignores,
			func(t *testing.T) { g.report(t, members{"unstructured": []string{"no subject"}}) },
			func(t *testing.T) { g.debit(t, "NOTPROVIDED") })
	}
	s.routine(t)
}

func revenueHistory(t *testing.T) {
	g := open(t, "revenue")
	if g.revenue == "" {
		t.Skip("no revenue API")
	}
	s := &stream{url: g.revenue + "history", authorization: g.authorization, member: "incoming_transactions", reports: g.credits()}
	if g.prepared != "" {
		s.ignores = append(s.ignores, g.releases(t)) // reported when it arrived
	}
	if g.bank != "" {
		// What the wire gateway hides is money all the same.
		s.reports = append(s.reports, func(t *testing.T) { g.report(t, members{"unstructured": []string{"no subject"}}) })
		s.ignores = append(s.ignores, func(t *testing.T) { g.debit(t, "NOTPROVIDED") })
	}
	s.routine(t)
	_, rows := s.get(t, "limit=-1")
	if rows[0]["subject"] == "" || rows[0]["debit_account"] != g.debitAccount || rows[0]["amount"] != g.currency+":1.5" || rows[0]["date"] == nil {
		t.Errorf("row %v", rows[0])
	}
}

// credits are the ways in which something is credited.
func (g *target) credits() []func(*testing.T) {
	ways := []func(*testing.T){
		func(t *testing.T) {
			want(t, "add-incoming", g.add(t, "incoming", g.invention("reserve_pub", newKey())), 200)
		},
		func(t *testing.T) {
			want(t, "add-kycauth", g.add(t, "kycauth", g.invention("account_pub", newKey())), 200)
		},
	}
	if g.prepared != "" {
		ways = append(ways, func(t *testing.T) {
			k := newKey()
			want(t, "registration", g.register(t, g.registration(k, newKey(), "reserve", false)), 200)
			want(t, "add-mapped", g.add(t, "mapped", g.invention("authorization_pub", k)), 200)
		})
	}
	if g.bank != "" {
		ways = append(ways, func(t *testing.T) {
			if outcome := g.report(t, members{"unstructured": []string{newKey().pub.String()}}); outcome != "credited" {
				t.Errorf("a credit of the bank is %s", outcome)
			}
		})
	}
	return ways
}

// releases holds more transfers than a routine releases. Each call releases one.
func (g *target) releases(t *testing.T) func(*testing.T) {
	t.Helper()
	k := newKey()
	again := func(t *testing.T) {
		want(t, "registration", g.register(t, g.registration(k, newKey(), "reserve", true)), 200)
	}
	again(t)
	for range 10 { // the first one is credited
		want(t, "add-mapped", g.add(t, "mapped", g.invention("authorization_pub", k)), 200)
	}
	return again
}

func pagingRefused(t *testing.T) {
	g := open(t, "ch")
	lists := []string{g.wireGateway + "history/incoming?", g.wireGateway + "history/outgoing?", g.wireGateway + "transfers?"}
	if g.revenue != "" {
		lists = append(lists, g.revenue+"history?")
	}
	for _, url := range lists {
		for _, query := range []string{"start=-1", "offset=-1", "long_poll_ms=-1", "timeout_ms=-1", "limit=x", "delta=x", "start=x", "timeout_ms=x"} {
			if strings.HasSuffix(url, "transfers?") && !strings.HasPrefix(query, "limit") && !strings.HasPrefix(query, "offset") {
				continue // it is younger than the former names, and never waits
			}
			want(t, url+query, ask(t, "GET", url+query, g.authorization, nil), 400, taler.GenericParameterMalformed)
		}
	}
}
