package gateway

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/subjects"
)

const historyPath = "/accounts/ch/taler-wire-gateway/history/incoming"

func TestHistoryParameters(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	for query, want := range map[string]bounce.Page{
		"":                               {Limit: -20},
		"limit=5":                        {Limit: 5},
		"delta=-7":                       {Limit: -7},
		"delta=1024&start=12":            {Limit: 1024, Offset: 12, HasOffset: true},
		"limit=5000":                     {Limit: 1024},
		"limit=-5000&offset=0":           {Limit: -1024, HasOffset: true},
		"limit=1&delta=9":                {Limit: 1},
		"limit=1&timeout_ms=30":          {Limit: 1, Timeout: 30 * time.Millisecond},
		"delta=1&long_poll_ms=900000000": {Limit: 1, Timeout: minute},
		"limit=-1&timeout_ms=1000":       {Limit: -1},
		// What GNUnet calls for ever, in milliseconds and in microseconds cut to them; and more digits than a number has.
		"limit=1&timeout_ms=9223372036855":          {Limit: 1, Timeout: minute},
		"limit=1&timeout_ms=18446744073709551":      {Limit: 1, Timeout: minute},
		"delta=1&long_poll_ms=18446744073709551615": {Limit: 1, Timeout: minute},
		"limit=1&timeout_ms=99999999999999999999":   {Limit: 1, Timeout: minute},
		"limit=9223372036854775807":                 {Limit: 1024},
		"limit=-9223372036854775808":                {Limit: -1024},
	} {
		rooms := newRooms(t)
		everything(rooms)
		got := open(t, Config{LongPollLimit: minute}, rooms).ask("GET", historyPath+"?"+query, "", "Authorization", asExchange)
		if got.status != 200 || len(rooms.pages) != 1 {
			t.Errorf("%s: %d, asked %d times", query, got.status, len(rooms.pages))
			continue
		}
		if diff := cmp.Diff(want, rooms.pages[0]); diff != "" {
			t.Errorf("%s: -want +got\n%s", query, diff)
		}
	}
}

func TestHistoryParametersRefused(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	for _, query := range []string{
		"limit=0", "delta=0", "limit=x", "limit=1.5", "limit=1e3", "limit=0x10", "limit=9223372036854775808",
		"offset=-1", "start=-1", "start=x", "timeout_ms=-1", "long_poll_ms=-1", "timeout_ms=x&limit=-1", "timeout_ms=1s",
		"timeout_ms=-18446744073709551616", "timeout_ms=1.5",
	} {
		got := h.ask("GET", historyPath+"?"+query, "", "Authorization", asExchange)
		if got.status != 400 || !strings.Contains(got.body, `"code":26,`) {
			t.Errorf("%s: %d %s, want 400 and code 26", query, got.status, got.body)
		}
	}
}

func TestQueriesReachTheRooms(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{}, rooms)
	a, b := key(1), key(2)
	h.ask("GET", "/accounts/ch/mappings?"+url.Values{"authorization_pub": {a.String()}, "account_pub": {b.String()}, "state": {"pending"},
		"limit": {"99999"}, "offset": {"40"}}.Encode(), "", "Authorization", asExchange)
	want := subjects.MappingQuery{AuthorizationPub: &a, AccountPub: &b, State: subjects.MappingPending, Limit: 1024, Offset: 40}
	if diff := cmp.Diff(want, rooms.selection); diff != "" {
		t.Errorf("mappings: -want +got\n%s", diff)
	}
	h.ask("GET", "/accounts/ch/bank/outgoing?status=sent&limit=3&timeout_ms=1500", "", "Authorization", asBank)
	if diff := cmp.Diff(bounce.PaymentQuery{Status: bounce.PaymentSent, Limit: 3, Timeout: 1500 * time.Millisecond}, rooms.asked); diff != "" {
		t.Errorf("payments: -want +got\n%s", diff)
	}
	rooms.asked = bounce.PaymentQuery{}
	if got := h.ask("HEAD", "/accounts/ch/bank/outgoing", "", "Authorization", asBank); got.status != 200 || rooms.asked.Limit != 0 {
		t.Errorf("HEAD leases payments that nobody gets to see: %d %+v", got.status, rooms.asked)
	}
	for _, path := range []string{
		"/accounts/ch/mappings?state=none", "/accounts/ch/mappings?limit=0", "/accounts/ch/mappings?offset=-1",
		"/accounts/ch/mappings?authorization_pub=abc", "/accounts/ch/mappings?account_pub=" + strings.Repeat("Z", 52),
	} {
		if got := h.ask("GET", path, "", "Authorization", asExchange); got.status != 400 || !strings.Contains(got.body, `"code":26,`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	for _, path := range []string{"?status=paid", "?limit=-1", "?limit=x", "?timeout_ms=-1"} {
		if got := h.ask("GET", "/accounts/ch/bank/outgoing"+path, "", "Authorization", asBank); got.status != 400 {
			t.Errorf("outgoing%s: %d %s", path, got.status, got.body)
		}
	}
}

// Waiting requests are answered when the gateway stops, at once and with what
// is true: nothing yet. Other requests finish.
func TestShutdownReleasesLongPolls(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{}, rooms)
	answers := make(chan reply, 3)
	for range 3 {
		go func() {
			answers <- h.ask("GET", historyPath+"?limit=1&timeout_ms=60000", "", "Authorization", asExchange)
		}()
	}
	for range 3 {
		<-rooms.waits
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := h.server.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := <-answers; got.status != 204 {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("shutdown took %s", took)
	}
}

// A half-sent request does not hold up shutdown for longer than a request may
// take.
func TestShutdownWithHalfARequest(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	entered := make(chan struct{}, 1)
	rooms.entered = func() { entered <- struct{}{} }
	h := open(t, Config{RequestLimit: 300 * time.Millisecond}, rooms)
	conn, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /accounts/ch/registrations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{")
	<-entered
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	if err := h.server.Shutdown(ctx); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	answer, _ := io.ReadAll(conn)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 408") {
		t.Errorf("the sender was told %.200q, want 408", answer)
	}
}

// Readiness is withdrawn before anything else happens.
func TestNotReadyWhileStopping(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	h.server.stopping.Store(true)
	if got := h.ask("GET", "/readyz", ""); got.status != 503 || symbolOf(got) != "STOPPING" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// One account's waiting requests are counted; the one too many is told to come
// back, but gets what there is.
func TestLongPollsAreCounted(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{LongPolls: 2}, rooms)
	var polls sync.WaitGroup
	const poll = "/taler-wire-gateway/history/incoming?limit=1&timeout_ms="
	for range 2 {
		polls.Go(func() { h.ask("GET", "/accounts/ch"+poll+"500", "", "Authorization", asExchange) })
	}
	<-rooms.waits
	<-rooms.waits
	if got := h.ask("GET", "/accounts/ch"+poll+"500", "", "Authorization", asExchange); got.status != 503 ||
		symbolOf(got) != "TOO_MANY_LONG_POLLS" || got.header.Get("Retry-After") != "1" {
		t.Errorf("the third: %d %s", got.status, got.body)
	}
	if got := h.ask("GET", "/accounts/nz"+poll+"1", "", "Authorization", asExchange); got.status != 204 {
		t.Errorf("another account: %d %s", got.status, got.body)
	}
	polls.Wait()
	if got := h.ask("GET", "/accounts/ch"+poll+"1", "", "Authorization", asExchange); got.status != 204 {
		t.Errorf("after they have left: %d %s", got.status, got.body)
	}
}

// What handlers pass on must not change when the next request reuses the
// engine's buffers.
func TestNothingBorrowed(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{}, rooms)
	const n = 50
	var requests strings.Builder
	for i := range n {
		body := fmt.Sprintf(`{"transfers":[{"bank_ref":"REF-%03d","amount":"CHF:1","remittance":{"unstructured":["text %03d"],"code":"\u0043-%03d"}}]}`, i, i, i)
		fmt.Fprintf(&requests, "POST /accounts/ch/bank/incoming HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n%s", asBank, len(body), body)
		body = fmt.Sprintf(`{"status":"sent","detail":"detail %03d"}`, i)
		fmt.Fprintf(&requests, "POST /accounts/ch/bank/outgoing/%d HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n%s", i+1, asBank, len(body), body)
		body = fmt.Sprintf(`{"authorization_pub":"%s","type":"wad","wad_id":"%039d","origin_exchange_url":"https://x%03d.example/","timestamp":{"t_s":1},"authorization_sig":"%s"}`,
			exampleKey, i, i, strings.Repeat("0", 103))
		fmt.Fprintf(&requests, "POST /accounts/ch/mappings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
	h.halfClosed(requests.String()) // pipelined: one connection, one set of buffers
	if len(rooms.batches) != n || len(rooms.confirmed) != n || len(rooms.mappings) != n {
		t.Fatalf("%d batches, %d confirmations, %d mappings, want %d of each", len(rooms.batches), len(rooms.confirmed), len(rooms.mappings), n)
	}
	for i := range n {
		got := rooms.batches[i][0]
		if want := fmt.Sprintf("REF-%03d text %03d C-%03d", i, i, i); got.BankRef+" "+got.Remittance.Unstructured[0]+" "+got.Remittance.Code != want {
			t.Errorf("transfer %d reads %+v", i, got)
		}
		if want := fmt.Sprintf("sent detail %03d", i); rooms.confirmed[i] != want {
			t.Errorf("confirmation %d reads %q", i, rooms.confirmed[i])
		}
		if want := fmt.Sprintf("https://x%03d.example/", i); rooms.mappings[i].Target.OriginExchangeURL != want {
			t.Errorf("mapping %d reads %q", i, rooms.mappings[i].Target.OriginExchangeURL)
		}
	}
}
