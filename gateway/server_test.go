package gateway

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// The door stands behind whatever listener it is given.
func TestListeners(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	socket := filepath.Join(t.TempDir(), "door.sock")
	ln, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = h.server.Serve(ln) }()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	response, err := client.Get("http://anything/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != 200 {
		t.Errorf("unix socket: %d", response.StatusCode)
	}
}

func TestNoSecretInLog(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	everything(rooms)
	h := open(t, Config{}, rooms)
	h.ask("POST", "/accounts/ch/registrations", registerBody(), "Content-Type", "application/json")
	h.ask("GET", "/accounts/ch/taler-wire-gateway/history/incoming?authorization_pub="+exampleKey, "", "Authorization", asExchange)
	h.ask("GET", "/accounts/ch/mappings", "", "Authorization", "Bearer wrong-secret")
	text := h.log.String()
	for _, secret := range []string{exampleKey, "exchange-secret", "wrong-secret", "CH5204835012345671000", "FR7630006000011234567890189"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %s:\n%s", secret, text)
		}
	}
	if !strings.Contains(text, "route=/accounts/:account/registrations ") || !strings.Contains(text, "status=401") {
		t.Errorf("the log lacks the requests:\n%s", text)
	}
}
