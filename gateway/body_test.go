package gateway

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// squeeze compresses text.
func squeeze(t testing.TB, coding string, text []byte) string {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zlib":
		w = zlib.NewWriter(&out)
	case "flate":
		w, _ = flate.NewWriter(&out, flate.BestCompression)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestContentEncodings(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	body := []byte(registerBody())
	broken := squeeze(t, "gzip", body)
	for name, c := range map[string]struct {
		coding, body string
		status       int
		symbol       string
	}{
		"none":                  {"", string(body), 200, ""},
		"identity":              {"identity", string(body), 200, ""},
		"gzip":                  {"gzip", squeeze(t, "gzip", body), 200, ""},
		"x-gzip, in capitals":   {"X-GZIP", squeeze(t, "gzip", body), 200, ""},
		"deflate as it should":  {"deflate", squeeze(t, "zlib", body), 200, ""},
		"deflate as some do":    {"deflate", squeeze(t, "flate", body), 200, ""},
		"brotli":                {"br", string(body), 415, "GENERIC_COMPRESSION_INVALID"},
		"two codings":           {"gzip, deflate", string(body), 415, "GENERIC_COMPRESSION_INVALID"},
		"not compressed":        {"gzip", string(body), 400, "GENERIC_COMPRESSION_INVALID"},
		"cut":                   {"gzip", broken[:len(broken)-9], 400, "GENERIC_COMPRESSION_INVALID"},
		"wrong checksum":        {"gzip", broken[:len(broken)-8] + "12345678", 400, "GENERIC_COMPRESSION_INVALID"},
		"something behind":      {"deflate", squeeze(t, "zlib", body) + "more", 400, "GENERIC_COMPRESSION_INVALID"},
		"empty":                 {"deflate", "", 400, "GENERIC_COMPRESSION_INVALID"},
		"nothing, uncompressed": {"", "", 400, "GENERIC_JSON_INVALID"},
	} {
		got := h.ask("POST", "/accounts/ch/registrations", c.body, "Content-Type", "application/json", "Content-Encoding", c.coding)
		if got.status != c.status || symbolOf(got) != c.symbol {
			t.Errorf("%s: %d %s, want %d %s", name, got.status, got.body, c.status, c.symbol)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	everything(rooms)
	rooms.receive = nil
	h := open(t, Config{TestEndpoints: true}, rooms)
	for kind, want := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "Application/JSON;charset=UTF-8": 200,
		"": 415, "text/plain": 415, "application/xml": 415, "application/json; charset=latin1": 415, "multipart/form-data; boundary=x": 415,
		"application/x-www-form-urlencoded": 415, "application/x-ndjson": 415,
	} {
		for _, r := range h.server.routes() {
			path, body, _ := example(r)
			if r.method != "POST" || strings.HasSuffix(path, "/incoming") || strings.HasSuffix(path, "/outgoing") {
				continue
			}
			got := h.ask(r.method, path, body, "Content-Type", kind, "Authorization", loginOf(r))
			if got.status != want && (want != 200 || got.status != 204) {
				t.Errorf("%s as %q: %d %s, want %d", path, kind, got.status, got.body, want)
			}
		}
	}
}

// Limits hold for every route, announced or not, compressed or not.
func TestBodyLimits(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	everything(rooms)
	rooms.receive = nil
	h := open(t, Config{BankBodyLimit: 100_000, TestEndpoints: true}, rooms)
	for _, r := range h.server.routes() {
		if r.method != "POST" {
			continue
		}
		path, body, contentType := example(r)
		limit := walletBody
		if strings.HasSuffix(path, "/incoming") {
			limit = 100_000
		}
		fits := body[:len(body)-1] + strings.Repeat(" ", limit-len(body)) + body[len(body)-1:]
		for name, c := range map[string]struct {
			body   string
			coding string
			want   int
		}{
			"as long as may be":    {fits, "", 200},
			"compressed":           {squeeze(t, "gzip", []byte(fits)), "gzip", 200},
			"one byte more":        {fits + " ", "", 413},
			"one byte more inside": {squeeze(t, "zlib", []byte(fits+" ")), "deflate", 413},
			"much more":            {strings.Repeat(fits, 5), "", 413},
		} {
			for _, chunked := range []bool{false, true} {
				got := h.post(path, loginOf(r), c.body, chunked, contentType, c.coding)
				if got.status == 204 {
					got.status = 200 // nothing to tell, and fine
				}
				if got.status != c.want || c.want == 413 && symbolOf(got) != "GENERIC_UPLOAD_EXCEEDS_LIMIT" {
					t.Errorf("%s, %s, chunked %t: %d %.200s, want %d", path, name, chunked, got.status, got.body, c.want)
				}
			}
		}
	}
}

// post sends a body of known or unknown length.
func (h *house) post(path, login, body string, chunked bool, contentType, coding string) reply {
	h.t.Helper()
	var r io.Reader = strings.NewReader(body)
	if chunked {
		r = io.MultiReader(r) // hides the length
	}
	request, err := http.NewRequest("POST", "http://"+h.addr+path, r)
	if err != nil {
		h.t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", login)
	if coding != "" {
		request.Header.Set("Content-Encoding", coding)
	}
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		h.t.Fatalf("%s: %v", path, err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, string(text)}
}

// 48 kB that inflate to 50 MB are refused without 50 MB of memory.
func TestDeflateBomb(t *testing.T) {
	h := open(t, Config{BankBodyLimit: 1 << 20}, newRooms(t)) // not parallel: it measures memory
	bomb := squeeze(t, "zlib", make([]byte, 50<<20))
	if len(bomb) > 60_000 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	for _, path := range []string{"/accounts/ch/registrations", "/accounts/ch/bank/incoming"} {
		for _, kind := range []string{"application/json", "application/xml", "application/x-ndjson"} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := h.ask("POST", path, bomb, "Content-Type", kind, "Content-Encoding", "deflate", "Authorization", asBank)
			runtime.ReadMemStats(&after)
			if want := 413; got.status != want && got.status != 415 {
				t.Errorf("%s as %s: %d, want %d", path, kind, got.status, want)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
				t.Errorf("%s as %s: allocated %d bytes", path, kind, grown)
			}
		}
	}
}

// A connection that breaks off must not pass for a complete upload, not even
// where the part that came is complete in itself.
func TestTruncatedUploads(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{}, rooms)
	line := `{"bank_ref":"R","amount":"CHF:1"}` + "\n"
	many := strings.Repeat(line, 400) // beyond what the engine reads in advance
	start := "POST /accounts/ch/bank/incoming HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nAuthorization: " + asBank + "\r\n"
	for name, request := range map[string]string{
		"length":        start + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(many)+len(line), many),
		"chunked":       start + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(many), many),
		"inside chunk":  start + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s", len(many)+len(line), many),
		"no last chunk": start + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0", len(line), line),
	} {
		if answer := h.halfClosed(request); !strings.HasPrefix(answer, "HTTP/1.1 400") {
			t.Errorf("%s: want 400, got\n%.300s", name, answer)
		}
	}
	if whole := h.halfClosed(start + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(line), line)); !strings.HasPrefix(whole, "HTTP/1.1 200") {
		t.Errorf("a complete upload from a client that says no more: %.300s", whole)
	}
	if len(rooms.batches) != 1 {
		t.Errorf("%d batches were stored, want the complete one only", len(rooms.batches))
	}
}

// A client that pauses inside a body is told so when its time is over.
func TestSlowUpload(t *testing.T) {
	t.Parallel()
	h := open(t, Config{UploadLimit: 100 * time.Millisecond}, newRooms(t))
	answer := h.raw("POST /accounts/ch/bank/incoming HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: " + asBank +
		"\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat(" ", 9000))
	if !strings.HasPrefix(answer, "HTTP/1.1 408") {
		t.Errorf("want 408, got\n%.300s", answer)
	}
}

func TestExpectContinue(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	body := registerBody()
	answer := h.raw(fmt.Sprintf("POST /accounts/ch/registrations HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	if !strings.HasPrefix(answer, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK") {
		t.Errorf("got\n%.300s", answer)
	}
}

// The client reads 413 although it is still sending when the answer comes.
func TestRefusalReachesABusySender(t *testing.T) {
	t.Parallel()
	h := open(t, Config{BankBodyLimit: 1 << 10}, newRooms(t))
	for range 20 {
		if got := h.post("/accounts/ch/bank/incoming", asBank, strings.Repeat(" ", 600<<10), true, "application/json", ""); got.status != 413 {
			t.Fatalf("got %d", got.status)
		}
	}
}
