package talertest

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/subjects/taler"
)

var update = flag.Bool("update", false, "write the conversations anew")

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

// What differs from run to run.
var volatile = []struct {
	pattern *regexp.Regexp
	stands  string
}{
	{regexp.MustCompile(`(?m)^Date: .*$`), "Date: DATE"},
	{regexp.MustCompile(`(?m)^X-Request-Id: .*$`), "X-Request-Id: ID"},
	{regexp.MustCompile(`"t_s":\d+`), `"t_s":TIME`},
	{regexp.MustCompile(`"row_id":\d+`), `"row_id":ROW`},
	{regexp.MustCompile(`(?m)^Content-Length: \d+$`), "Content-Length: N"},
}

// conversations play, byte for byte, what GNU Taler's exchange puts on the wire,
// one connection each, and compare the answers with those on file.
func conversations(t *testing.T) {
	g := open(t, "ch")
	g.needsBank(t)
	at, err := url.Parse(g.wireGateway)
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) string {
		return "GET " + at.Path + path + " HTTP/1.1\r\nHost: exchange.test\r\nAuthorization: Basic ZXhjaGFuZ2U6" + basicTail + "\r\nUser-Agent: taler-exchange/0.14\r\nAccept: */*\r\n\r\n"
	}
	post := func(path, body string) string {
		packed := deflate(t, []byte(body))
		return fmt.Sprintf("POST %s%s HTTP/1.1\r\nHost: exchange.test\r\nAuthorization: Basic ZXhjaGFuZ2U6%s\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Encoding: deflate\r\nContent-Length: %d\r\n\r\n%s",
			at.Path, path, basicTail, len(packed), packed)
	}
	// The key is that of a number, so that the file stays the same; the history
	// is asked for beyond all rows, since other tests write rows at the same time.
	kyc := taler.EddsaPublicKey{0: 0x3d, 1: 0x40, 2: 0x17, 31: 0}
	body := fmt.Sprintf(`{"amount":"CHF:5.01","account_pub":"%s","debit_account":"payto://iban/SANDBOXX/CH9300762011623852957?receiver-name=Ada+L"}`, kyc)
	for name, requests := range map[string][]string{
		"config":             {get("config")},
		"add_kycauth":        {post("admin/add-kycauth", body)},
		"history_none":       {get("history/incoming?delta=1024&start=4000000000000&long_poll_ms=100")},
		"history_backwards":  {get("history/incoming?delta=-1&start=1")},
		"history_bad":        {get("history/incoming?delta=1024&start=-1")},
		"add_kycauth_twice":  {post("admin/add-kycauth", body), post("admin/add-kycauth", body)},
		"add_incoming_bad":   {post("admin/add-incoming", strings.Replace(body, "CHF:5.01", "EUR:5.01", 1))},
		"add_incoming_short": {post("admin/add-incoming", `{"amount":"CHF:5.01"}`)},
	} {
		t.Run(name, func(t *testing.T) { compare(t, name, at.Host, requests) })
	}
}

// basicTail is the end of base64("exchange:" + exchangeToken).
const basicTail = "ZXhjaGFuZ2UtdG9rZW4tMDEyMzQ1Njc4OQ=="

// compare plays one conversation on one connection.
func compare(t *testing.T, name, host string, requests []string) {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	var text bytes.Buffer
	for _, request := range requests {
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		head, body, _ := strings.Cut(request, "\r\n\r\n")
		fmt.Fprintf(&text, "%s\n\n", strings.ReplaceAll(head, "\r\n", "\n"))
		if body != "" {
			fmt.Fprintf(&text, "%s\n\n", hex.EncodeToString([]byte(body)))
		}
		response, err := http.ReadResponse(bufio.NewReader(reader), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		var header bytes.Buffer
		if err := response.Header.Write(&header); err != nil {
			t.Fatal(err)
		}
		told := fmt.Sprintf("%s %s\n%s\n%s\n", response.Proto, response.Status, strings.ReplaceAll(header.String(), "\r\n", "\n"), answer)
		for _, v := range volatile {
			told = v.pattern.ReplaceAllString(told, v.stands)
		}
		text.WriteString(told)
	}
	got := text.String()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	if string(golden) != got {
		t.Errorf("got\n%s\nwant\n%s", got, golden)
	}
}
