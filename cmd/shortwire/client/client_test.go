package client

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

const credit = "payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange"

func newKey(t *testing.T, seed byte) Key {
	t.Helper()
	key, err := NewKey(bytes.NewReader(bytes.Repeat([]byte{seed}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestM1_SignedTextIsTheGateways compares the text that wallets sign with the
// one that the registry checks, for every type.
func TestM1_SignedTextIsTheGateways(t *testing.T) {
	t.Parallel()
	payto, err := taler.ParsePayto(credit)
	if err != nil {
		t.Fatal(err)
	}
	account := subjects.Account{Payto: payto}
	key, target := newKey(t, 1), newKey(t, 2).Pub
	var wad taler.WadID
	wad[3] = 7
	tests := []struct {
		mapping Mapping
		target  subjects.Target
	}{
		{Mapping{Type: "reserve", AccountPub: &target}, subjects.Target{Type: subjects.CreditReserve, AccountPub: target}},
		{Mapping{Type: "kyc", AccountPub: &target}, subjects.Target{Type: subjects.CreditKYC, AccountPub: target}},
		{Mapping{Type: "wad", WadID: &wad, OriginExchangeURL: "https://e.example/"}, subjects.Target{Type: subjects.CreditWAD, WadID: wad, OriginExchangeURL: "https://e.example/"}},
	}
	at := time.Date(2026, 11, 22, 10, 0, 0, 999, time.UTC)
	for _, tt := range tests {
		tt.mapping.Sign(key.Private(), payto, at)
		if !key.Pub.Verify(account.MappingText(tt.target, at), tt.mapping.AuthorizationSig) {
			t.Errorf("%s: the registry refuses the signature", tt.mapping.Type)
		}
		if key.Pub.Verify(account.MappingText(tt.target, at.Add(time.Second)), tt.mapping.AuthorizationSig) {
			t.Errorf("%s: the signature does not cover the time", tt.mapping.Type)
		}
	}
}

// TestUnregistrationTextIsTheGateways does the same for the other text.
func TestUnregistrationTextIsTheGateways(t *testing.T) {
	t.Parallel()
	payto, err := taler.ParsePayto(credit)
	if err != nil {
		t.Fatal(err)
	}
	account, key := subjects.Account{Payto: payto}, newKey(t, 1)
	at := time.Date(2026, 11, 22, 10, 0, 0, 999, time.UTC)
	u := Unregistration{AuthorizationPub: key.Pub}
	u.Sign(key.Private(), payto, at)
	if !key.Pub.Verify(account.UnregistrationText(key.Pub, at), u.AuthorizationSig) {
		t.Error("the registry refuses the signature")
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOfN(rapid.Byte(), ed25519.SeedSize, ed25519.SeedSize).Draw(t, "seed")
		key, err := NewKey(bytes.NewReader(seed))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, key.Pub.String())
		_ = os.Remove(path)
		if err := key.Save(path); err != nil {
			t.Fatal(err)
		}
		if err := key.Save(path); err == nil {
			t.Fatal("a key file was replaced")
		}
		again, err := LoadKey(path)
		if err != nil || again.Pub != key.Pub || !again.Private().Equal(key.Private()) {
			t.Fatalf("the key comes back as %v, %v", again.Pub, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("mode %v, %v", info.Mode(), err)
		}
	})
}

// TestKeyFileRefusals: whatever is wrong, no private key is quoted.
func TestKeyFileRefusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, other := newKey(t, 1), newKey(t, 2)
	private := taler.EncodeBase32(key.private.Seed())
	for name, text := range map[string]string{
		"text":         "hello " + private,
		"empty":        "",
		"no-private":   `{"pub":"` + key.Pub.String() + `"}`,
		"cut":          `{"pub":"` + key.Pub.String() + `","priv":"` + private[:50] + `"}`,
		"number":       `{"pub":"` + key.Pub.String() + `","priv":1}`,
		"wrong-public": `{"pub":"` + other.Pub.String() + `","priv":"` + private + `"}`,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := LoadKey(path)
		if !errors.Is(err, ErrKeyFile) || strings.Contains(err.Error(), private[:20]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := LoadKey(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "wallet keygen -o") {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := NewKey(bytes.NewReader(nil)); err == nil {
		t.Error("a key was made of nothing")
	}
}

func TestNewRefusesAddresses(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "example", "ftp://example/", "http://", "http://me:secret@example/", "http://exa mple/", "://", "unix:", "unix:s"} {
		if _, err := New(base, ""); !errors.Is(err, ErrURL) {
			t.Errorf("%q: %v", base, err)
		}
	}
}

// answering serves one answer and remembers the request.
func answering(t *testing.T, status int, header http.Header, body string) (*Client, *http.Request) {
	t.Helper()
	var got http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = *r
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	c, err := New(server.URL+"/base/", "top-secret")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, &got
}

func TestErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		header http.Header
		body   string
		want   string
	}{
		{"of shortwire", 409, nil, `{"code":5157,"error":"BANK_OLD_TIMESTAMP","hint":"sign again","detail":"it is older"}`,
			"BANK_OLD_TIMESTAMP (code 5157, HTTP 409): sign again; it is older"},
		{"without detail", 404, nil, `{"code":1,"error":"X","hint":"h"}`, "X (code 1, HTTP 404): h"},
		{"that passes", 503, http.Header{"Retry-After": {"5"}}, `{"code":1,"error":"X","hint":"h","detail":""}`, "X (code 1, HTTP 503): h (try again in 5s)"},
		{"of a proxy", 502, nil, `<html>Bad Gateway top-secret</html>`, "HTTP 502 without an error of shortwire: see whether the URL is that of the gateway itself"},
		{"redirect", 302, http.Header{"Location": {"http://127.0.0.1:1/"}}, "", "HTTP 302 without an error of shortwire: see whether the URL is that of the gateway itself"},
	}
	for _, tt := range tests {
		c, _ := answering(t, tt.status, tt.header, tt.body)
		_, err := c.Config(t.Context())
		var refused *Error
		if !errors.As(err, &refused) || refused.Error() != tt.want || refused.Status != tt.status {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	c, got := answering(t, 200, nil, ` {"payments":[],"news":1} `+"\n")
	payments, err := c.Outgoing(t.Context(), "ch", "", 0, 1500*time.Millisecond)
	if err != nil || string(payments.JSON) != `{"payments":[],"news":1}` {
		t.Errorf("%s, %v", payments.JSON, err)
	}
	if got.URL.String() != "/base/accounts/ch/bank/outgoing?timeout_ms=1500" || got.Header.Get("Authorization") != "Bearer top-secret" {
		t.Errorf("asked for %s with %v", got.URL, got.Header)
	}
	c, got = answering(t, 204, nil, "")
	zero := int64(0)
	history, err := c.History(t.Context(), "ch", Page{Limit: -3, Offset: &zero})
	if err != nil || history.JSON != nil || len(history.IncomingTransactions) != 0 {
		t.Errorf("%+v, %v", history, err)
	}
	if got.URL.RawQuery != "limit=-3&offset=0" {
		t.Errorf("asked for %s", got.URL)
	}
	c, _ = answering(t, 200, nil, "hello top-secret")
	if _, err := c.Config(t.Context()); err == nil || errors.As(err, new(*Error)) {
		t.Errorf("an answer that is no JSON: %v", err)
	}
}

// TestUnreachable: the error names neither path nor token.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	c, err := New(server.URL, "top-secret")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Status(t.Context(), "ch", newKey(t, 1).Pub)
	if err == nil || strings.Contains(err.Error(), "top-secret") || strings.Contains(err.Error(), newKey(t, 1).Pub.String()) {
		t.Errorf("%v", err)
	}
}
