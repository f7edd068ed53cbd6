package talertest

import (
	"bufio"
	"bytes"
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
	{regexp.MustCompile(`"\d{27}"`), `"QRR"`},
	{regexp.MustCompile(`\bRF\d\d[0-9A-Z]+\b`), "RF"},
}

// talk is a conversation on one connection. What is hidden is volatile as well:
// pairs of a text and of what stands for it.
type talk struct {
	name     string
	requests []string
	hidden   []string
}

// basicTail is the end of base64("exchange:" + exchangeToken).
const basicTail = "ZXhjaGFuZ2UtdG9rZW4tMDEyMzQ1Njc4OQ=="

// get asks as the C programs do: the base URL ends in a slash.
func get(t *testing.T, base, path string) string {
	return "GET " + pathOf(t, base) + path + " HTTP/1.1\r\nHost: exchange.test\r\nAuthorization: Basic ZXhjaGFuZ2U6" + basicTail +
		"\r\nUser-Agent: taler-exchange/0.14\r\nAccept: */*\r\n\r\n"
}

// post sends a body as the C programs do: as deflate.
func post(t *testing.T, base, path, body string) string {
	packed := deflate(t, []byte(body))
	return fmt.Sprintf("POST %s%s HTTP/1.1\r\nHost: exchange.test\r\nAuthorization: Basic ZXhjaGFuZ2U6%s\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Encoding: deflate\r\nContent-Length: %d\r\n\r\n%s",
		pathOf(t, base), path, basicTail, len(packed), packed)
}

// send asks as a wallet in a browser does: with an origin and without a login.
func send(t *testing.T, method, base, path, body string) string {
	request := method + " " + pathOf(t, base) + path + " HTTP/1.1\r\nHost: exchange.test\r\nOrigin: https://wallet.test\r\nAccept: */*\r\n"
	if body != "" {
		request += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return request + "\r\n" + body
}

func pathOf(t *testing.T, base string) string {
	t.Helper()
	at, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return at.Path
}

// conversations play, byte for byte, what GNU Taler's exchange puts on the wire,
// one connection each, and compare the answers with those on file.
func conversations(t *testing.T) {
	g := open(t, "ch")
	g.needsBank(t)
	get := func(path string) string { return get(t, g.wireGateway, path) }
	post := func(path, body string) string { return post(t, g.wireGateway, path, body) }
	// The key is that of a number, so that the file stays the same; the history
	// is asked for beyond all rows, since other tests write rows at the same time.
	kyc := taler.EddsaPublicKey{0: 0x3d, 1: 0x40, 2: 0x17, 31: 0}
	body := fmt.Sprintf(`{"amount":"CHF:5.01","account_pub":"%s","debit_account":"payto://iban/SANDBOXX/CH9300762011623852957?receiver-name=Ada+L"}`, kyc)
	for _, c := range []talk{
		{name: "config", requests: []string{get("config")}},
		{name: "add_kycauth", requests: []string{post("admin/add-kycauth", body)}},
		{name: "history_none", requests: []string{get("history/incoming?delta=1024&start=4000000000000&long_poll_ms=100")}},
		{name: "history_backwards", requests: []string{get("history/incoming?delta=-1&start=1")}},
		{name: "history_bad", requests: []string{get("history/incoming?delta=1024&start=-1")}},
		{name: "add_kycauth_twice", requests: []string{post("admin/add-kycauth", body), post("admin/add-kycauth", body)}},
		{name: "add_incoming_bad", requests: []string{post("admin/add-incoming", strings.Replace(body, "CHF:5.01", "EUR:5.01", 1))}},
		{name: "add_incoming_short", requests: []string{post("admin/add-incoming", `{"amount":"CHF:5.01"}`)}},
	} {
		c.compare(t)
	}
}

// compare plays the conversation and holds it against the one on file.
func (c *talk) compare(t *testing.T) {
	t.Run(c.name, func(t *testing.T) {
		got := c.play(t)
		file := filepath.Join("testdata", c.name+".golden")
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
	})
}

func (c *talk) play(t *testing.T) string {
	t.Helper()
	at, err := url.Parse(binaryURL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	reader, hide := bufio.NewReader(conn), strings.NewReplacer(c.hidden...)
	var text strings.Builder
	for _, request := range c.requests {
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		text.WriteString(hide.Replace(asked(request)))
		text.WriteString(hide.Replace(answered(t, reader)))
	}
	return text.String()
}

// asked is a request to be read, with a compressed body in hexadecimal.
func asked(request string) string {
	head, body, _ := strings.Cut(request, "\r\n\r\n")
	if strings.Contains(head, "\r\nContent-Encoding:") {
		body = hex.EncodeToString([]byte(body))
	}
	text := strings.ReplaceAll(head, "\r\n", "\n") + "\n\n"
	if body != "" {
		text += body + "\n\n"
	}
	return text
}

// answered reads an answer, without what differs from run to run.
func answered(t *testing.T, reader *bufio.Reader) string {
	t.Helper()
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var header bytes.Buffer
	if err := response.Header.Write(&header); err != nil {
		t.Fatal(err)
	}
	told := fmt.Sprintf("%s %s\n%s\n%s\n", response.Proto, response.Status, strings.ReplaceAll(header.String(), "\r\n", "\n"), body)
	for _, v := range volatile {
		told = v.pattern.ReplaceAllString(told, v.stands)
	}
	return told
}
