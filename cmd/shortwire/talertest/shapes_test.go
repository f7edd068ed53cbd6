package talertest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"net/http"
	"testing"

	"github.com/shortwire/shortwire/subjects/taler"
)

func deflate(t *testing.T, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// compressedBodies: Taler's exchange sends deflate. The limit counts what comes
// out: 48 KB of it may be 50 MB of zeros.
func compressedBodies(t *testing.T) {
	g := open(t, "ch")
	send := func(body []byte) reply {
		return ask(t, "POST", g.wireGateway+"admin/add-kycauth", g.authorization, string(body), "Content-Encoding", "deflate")
	}
	text := fmt.Appendf(nil, `{"amount":"%s:1","account_pub":"%s","debit_account":"%s"}`, g.currency, newKey().pub, g.debitAccount)
	want(t, "deflate", send(deflate(t, text)), 200)
	bomb := deflate(t, make([]byte, 50<<20))
	if len(bomb) > 64<<10 {
		t.Fatalf("%d bytes are no bomb", len(bomb))
	}
	want(t, "a bomb", send(bomb), 413, taler.GenericUploadExceedsLimit)
	want(t, "cut", send(deflate(t, text)[:20]), 400)
	want(t, "unknown coding", ask(t, "POST", g.wireGateway+"admin/add-kycauth", g.authorization, string(text), "Content-Encoding", "br"), 415)
	want(t, "no JSON", ask(t, "POST", g.wireGateway+"admin/add-kycauth", g.authorization, string(text), "Content-Type", "text/plain"), 415)
}

// webPages: wallets in a browser may register, and base URLs end in a slash.
func webPages(t *testing.T) {
	g := prepares(t, "ch")
	request, err := http.NewRequest("OPTIONS", g.prepared+"registration", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://wallet.example")
	request.Header.Set("Access-Control-Request-Method", "POST")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode/100 != 2 || response.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("preflight: %s %v", response.Status, response.Header)
	}
	want(t, "a slash at the end", ask(t, "GET", g.prepared+"config/", "", nil), 200)
	want(t, "a slash at the end", ask(t, "POST", g.prepared+"registration/", "", g.registration(newKey(), newKey(), "kyc", false)), 200)
	want(t, "unknown members", g.register(t, g.registration(newKey(), newKey(), "kyc", false).with("future", true)), 200)
	want(t, "method", ask(t, "PUT", g.prepared+"registration", "", nil), 405, taler.GenericMethodInvalid)
	want(t, "path", ask(t, "GET", g.prepared+"nothing", "", nil), 404, taler.GenericEndpointUnknown)
}
