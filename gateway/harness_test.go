package gateway

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// key returns a real public key, a different one for each n.
func key(n byte) taler.EddsaPublicKey {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
	return taler.EddsaPublicKey(private.Public().(ed25519.PublicKey))
}

func payment(id int64) bounce.Payment {
	return bounce.Payment{
		ID: id, EndToEndID: "SW0000000001", Kind: bounce.PaymentBounce,
		Amount:   taler.Amount{Currency: "CHF", Value: 7},
		Creditor: "payto://iban/CH9300762011623852957?receiver-name=Ada",
		Subject:  "bounce: REF-1", Status: bounce.PaymentPending, Created: clock, MessageID: "SW0B2B5A6C9E3F4D7C8A1B2C3D4E5F6071",
	}
}

// clock is the time of everything in these tests.
var clock = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const chPayto = "payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange"

func newRooms(t testing.TB) *fakeRooms {
	t.Helper()
	payto, err := taler.ParsePayto(chPayto)
	if err != nil {
		t.Fatal(err)
	}
	account := func(name string) *subjects.Account {
		return &subjects.Account{
			Name: name, Currency: "CHF", Payto: payto, Method: fakeMethod{},
			RegistrationLifetime: 90 * 24 * time.Hour, HoldDelay: 7 * 24 * time.Hour, LegacySubjects: true,
		}
	}
	return &fakeRooms{accounts: []*subjects.Account{account("ch"), account("nz")}, waits: make(chan struct{}, 100)}
}

// The secrets of the tokens, by role; "ch-bank" opens the account ch only.
func testTokens() []Token {
	hash := func(s string) [32]byte { return sha256.Sum256([]byte(s)) }
	return []Token{
		{Name: "the-exchange", Role: RoleExchange, Hash: hash("exchange-secret")},
		{Name: "the-bank", Role: RoleBank, Hash: hash("bank-secret")},
		{Name: "the-operator", Role: RoleOperator, Hash: hash("operator-secret")},
		{Name: "ch-bank", Role: RoleBank, Account: "ch", Hash: hash("ch-bank-secret")},
	}
}

// house is a running door on a real socket.
type house struct {
	t      testing.TB
	server *Server
	rooms  *fakeRooms
	addr   string
	inner  string // address of the second listener
	log    *logBuffer
}

type logBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.String()
}

func open(t testing.TB, config Config, rooms *fakeRooms) *house {
	t.Helper()
	h := &house{t: t, rooms: rooms, log: &logBuffer{}}
	config.Tokens = testTokens()
	config.Log = slog.New(slog.NewTextHandler(h.log, nil))
	h.server = New(config, rooms, rooms)
	h.addr = h.listen(h.server.Serve)
	if config.Split {
		h.inner = h.listen(h.server.ServeInternal)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	return h
}

func (h *house) listen(serve func(net.Listener) error) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	go func() { _ = serve(ln) }()
	return ln.Addr().String()
}

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends one request on a connection of its own. Headers come in pairs.
func (h *house) ask(method, path, body string, headers ...string) reply {
	h.t.Helper()
	return h.askAt(h.addr, method, path, body, headers...)
}

func (h *house) askAt(addr, method, path, body string, headers ...string) reply {
	h.t.Helper()
	request, err := http.NewRequest(method, "http://"+addr+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		h.t.Errorf("%s %s: %v", method, path, err) // not fatal: ask runs in goroutines too
		return reply{}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Errorf("%s %s: %v", method, path, err)
	}
	return reply{response.StatusCode, response.Header, string(text)}
}

// raw sends bytes and returns everything that comes back until the server
// closes the connection or has been quiet for a moment.
func (h *house) raw(text string) string {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		h.t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	answer, _ := io.ReadAll(bufio.NewReader(conn))
	return string(answer)
}

// halfClosed sends bytes and the end, and returns the whole answer.
func (h *house) halfClosed(text string) string {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		h.t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		h.t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	answer, _ := io.ReadAll(conn)
	return string(answer)
}

const (
	asBank     = "Bearer bank-secret"
	asExchange = "Bearer exchange-secret"
	asOperator = "Bearer operator-secret"
)
