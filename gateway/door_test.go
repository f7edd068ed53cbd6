package gateway

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// example is a request of each route that is answered with 200 or 204.
func example(r route) (path, body, contentType string) {
	path = strings.NewReplacer(":account", "ch", ":authorization_pub", exampleKey, ":id", "1", ":row_id", "5").Replace(r.path)
	switch {
	case strings.HasSuffix(path, "/account/check"):
		return path + "?account=payto://iban/CH9300762011623852957", "", ""
	case strings.Contains(path, "/admin/add-"):
		return path, inventionBody(path), "application/json"
	case r.method == "GET":
		return path, "", ""
	case strings.HasSuffix(path, "/unregistration"), r.method == "DELETE" && strings.HasSuffix(path, "/registration"):
		return path, endingBody(), "application/json"
	case strings.HasSuffix(path, "/taler-prepared-transfer/registration"):
		return path, preparedRegistration(), "application/json"
	case strings.HasSuffix(path, "/registrations"):
		return path, registerBody(), "application/json"
	case strings.HasSuffix(path, "/mappings"):
		return path, mapBody(), "application/json"
	case r.method == "DELETE":
		return path, unregisterBody(), "application/json"
	case strings.HasSuffix(path, "/transfer"):
		return path, orderBody(), "application/json"
	case strings.HasPrefix(path, "/admin/manual/"):
		return path, `{"reason":"called the payer","type":"kyc","account_pub":"` + exampleKey + `"}`, "application/json"
	case strings.HasSuffix(path, "/incoming"):
		return path, `{"transfers":[]}`, "application/json"
	}
	return path, `{"status":"sent","message_id":"SW1"}`, "application/json"
}

// loginOf opens a route.
func loginOf(r route) string {
	return "Bearer " + map[Role]string{"": "exchange", RoleExchange: "exchange", RoleBank: "bank", RoleOperator: "operator"}[r.role] + "-secret"
}

func symbolOf(r reply) string {
	_, rest, _ := strings.Cut(r.body, `"error":"`)
	symbol, _, _ := strings.Cut(rest, `"`)
	return symbol
}

func TestEveryRouteWantsItsLogin(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	everything(rooms)
	rooms.receive = nil
	h := open(t, Config{TestEndpoints: true}, rooms)
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	for _, r := range h.server.routes() {
		right := map[Role]string{"": "exchange", RoleExchange: "exchange", RoleBank: "bank", RoleOperator: "operator"}[r.role]
		other := map[Role]string{"": "bank", RoleExchange: "bank", RoleBank: "exchange", RoleOperator: "bank"}[r.role]
		third := map[Role]string{"": "operator", RoleExchange: "operator", RoleBank: "operator", RoleOperator: "exchange"}[r.role]
		for _, login := range []struct {
			header string
			status int
			symbol string
		}{
			{"", 401, "GENERIC_PARAMETER_MISSING"},
			{"WTF", 400, "GENERIC_HTTP_HEADERS_MALFORMED"},
			{"Basic $$$", 400, "GENERIC_HTTP_HEADERS_MALFORMED"},
			{basic("no colon"), 400, "GENERIC_HTTP_HEADERS_MALFORMED"},
			{"Digest abc", 401, "GENERIC_UNAUTHORIZED"},
			{"Bearer wrong", 401, "GENERIC_UNAUTHORIZED"},
			{"Bearer ", 400, "GENERIC_HTTP_HEADERS_MALFORMED"}, // trailing blanks are no part of a header
			{basic("the-" + other + ":" + right + "-secret"), 401, "GENERIC_UNAUTHORIZED"},
			{"Bearer " + other + "-secret", 403, "GENERIC_FORBIDDEN"},
			{"Bearer " + third + "-secret", 403, "GENERIC_FORBIDDEN"},
			{"Bearer " + right + "-secret", 0, ""},
			{"bearer " + right + "-secret", 0, ""},
			{basic("the-" + right + ":" + right + "-secret"), 0, ""},
		} {
			path, body, contentType := example(r)
			got := h.ask(r.method, path, body, "Content-Type", contentType, "Authorization", login.header)
			if r.role == "" || login.status == 0 {
				if got.status/100 != 2 {
					t.Errorf("%s %s with %q: %d %s", r.method, path, login.header, got.status, got.body)
				}
				continue
			}
			if got.status != login.status || symbolOf(got) != login.symbol {
				t.Errorf("%s %s with %q: %d %s, want %d %s", r.method, path, login.header, got.status, got.body, login.status, login.symbol)
			}
			if got.status == 401 && len(got.header.Values("WWW-Authenticate")) == 0 {
				t.Errorf("%s %s: 401 without WWW-Authenticate", r.method, path)
			}
		}
	}
}

func TestTokenOfOneAccount(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	for account, want := range map[string]int{"ch": 200, "nz": 403, "unheard-of": 403} {
		if got := h.ask("GET", "/accounts/"+account+"/bank/outgoing", "", "Authorization", "Bearer ch-bank-secret"); got.status != want {
			t.Errorf("account %s: %d, want %d", account, got.status, want)
		}
	}
	if got := h.ask("GET", "/accounts/unheard-of/bank/outgoing", "", "Authorization", asBank); got.status != 404 || symbolOf(got) != "BANK_UNKNOWN_ACCOUNT" {
		t.Errorf("unknown account: %d %s", got.status, got.body)
	}
}

func TestWrongMethod(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	for _, r := range h.server.routes() {
		path, _, _ := example(r)
		for _, method := range []string{"PUT", "DELETE", "PATCH", "TRACE", "BREW"} {
			if method == "DELETE" && (strings.Contains(r.path, "/registrations/") || strings.HasSuffix(r.path, "/registration")) {
				continue // that one is known there
			}
			got := h.ask(method, path, "")
			if got.status != 405 || symbolOf(got) != "GENERIC_METHOD_INVALID" {
				t.Errorf("%s %s: %d %s", method, path, got.status, got.body)
			}
			if allow := got.header.Get("Allow"); !strings.Contains(allow, r.method) {
				t.Errorf("%s %s: Allow is %q", method, path, allow)
			}
		}
	}
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	for path, symbol := range map[string]string{
		"/nothing": "GENERIC_ENDPOINT_UNKNOWN", "/config//": "GENERIC_ENDPOINT_UNKNOWN",
		"/Config": "GENERIC_ENDPOINT_UNKNOWN", "/accounts/ch": "GENERIC_ENDPOINT_UNKNOWN", "/accounts/ch%2Fconfig": "GENERIC_ENDPOINT_UNKNOWN",
		"/accounts/CH/config": "BANK_UNKNOWN_ACCOUNT", "/accounts/c%00h/config": "BANK_UNKNOWN_ACCOUNT",
	} {
		if got := h.ask("GET", path, ""); got.status != 404 || symbolOf(got) != symbol {
			t.Errorf("GET %s: %d %s, want 404 %s", path, got.status, got.body, symbol)
		}
	}
}

func TestSpellingsOfAPath(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	everything(rooms)
	h := open(t, Config{}, rooms)
	for _, path := range []string{
		"/config", "/config/", "/config/?x=1", "/accounts/ch/config/", "/accounts/%63h/config",
		"/accounts/ch/registrations/" + exampleKey + "/", "/accounts/ch/registrations/" + strings.ToLower(exampleKey),
		"/accounts/ch/registrations/%48" + exampleKey[1:],
	} {
		if got := h.ask("GET", path, ""); got.status != 200 {
			t.Errorf("GET %s: %d %s", path, got.status, got.body)
		}
	}
	whole := h.ask("GET", "/config", "")
	head := h.ask("HEAD", "/config", "")
	if head.status != 200 || head.body != "" || head.header.Get("Content-Length") != fmt.Sprint(len(whole.body)) {
		t.Errorf("HEAD: %d, %q, Content-Length %q", head.status, head.body, head.header.Get("Content-Length"))
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	for _, r := range h.server.routes() {
		path, body, contentType := example(r)
		preflight := h.ask("OPTIONS", path, "", "Origin", "https://wallet.example", "Access-Control-Request-Method", r.method)
		answered := h.ask(r.method, path, body, "Content-Type", contentType, "Origin", "https://wallet.example")
		open := answered.header.Get("Access-Control-Allow-Origin") == "*"
		if open == r.inner {
			t.Errorf("%s %s: open to other origins is %t", r.method, path, open)
		}
		if r.inner {
			continue
		}
		if preflight.status != 204 || preflight.header.Get("Access-Control-Allow-Origin") != "*" ||
			preflight.header.Get("Access-Control-Allow-Headers") != "Authorization, Content-Type" ||
			!strings.Contains(preflight.header.Get("Access-Control-Allow-Methods"), r.method) {
			t.Errorf("preflight of %s %s: %d %v", r.method, path, preflight.status, preflight.header)
		}
	}
	failed := h.ask("POST", "/accounts/ch/registrations", "{", "Content-Type", "application/json")
	if failed.status != 400 || failed.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("a web wallet cannot read the error: %d %v", failed.status, failed.header)
	}
}

func TestTwoListeners(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	everything(rooms)
	rooms.receive = nil
	h := open(t, Config{Split: true, TestEndpoints: true}, rooms)
	for _, r := range h.server.routes() {
		path, body, contentType := example(r)
		login := loginOf(r)
		outside := h.askAt(h.addr, r.method, path, body, "Content-Type", contentType, "Authorization", login)
		inside := h.askAt(h.inner, r.method, path, body, "Content-Type", contentType, "Authorization", login)
		if inside.status/100 != 2 {
			t.Errorf("inner %s %s: %d %s", r.method, path, inside.status, inside.body)
		}
		// GET mappings shares its path with the wallets' POST.
		hidden := outside.status == 404 || outside.status == 405 && strings.HasSuffix(path, "/mappings")
		if hidden != r.inner {
			t.Errorf("public %s %s: %d", r.method, path, outside.status)
		}
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	for sent, kept := range map[string]bool{"abc-1.2_3": true, "a b": false, strings.Repeat("a", 65): false, "<script>": false} {
		got := h.ask("GET", "/healthz", "", "X-Request-Id", sent).header.Get("X-Request-Id")
		if (got == sent) != kept || got == "" {
			t.Errorf("sent %q, got %q", sent, got)
		}
	}
}

// Lines that would let two readers of one connection see different requests.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	everything(rooms)
	h := open(t, Config{}, rooms)
	const start = "POST /accounts/ch/registrations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	const hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, request := range map[string]string{
		"length and chunked":      start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"chunked and length":      start + "Transfer-Encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n" + hidden,
		"two lengths":             start + "Content-Length: 0\r\nContent-Length: 34\r\n\r\n" + hidden,
		"two equal lengths":       start + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + hidden,
		"identity":                start + "Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n" + hidden,
		"gzip, chunked":           start + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + hidden,
		"space before colon":      start + "Content-Length : 34\r\n\r\n" + hidden,
		"bare newline in a chunk": start + "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n" + hidden,
		"signed length":           start + "Content-Length: +0\r\n\r\n" + hidden,
	} {
		answer := h.raw(request)
		if strings.Count(answer, "HTTP/1.1 ") != 1 || !strings.HasPrefix(answer, "HTTP/1.1 400") {
			t.Errorf("%s: want one 400 and the end, got\n%s", name, answer)
		}
		if !strings.Contains(answer, `"error":"`) {
			t.Errorf("%s: not our error object:\n%s", name, answer)
		}
	}
}

// A body that nobody read must not become the next request.
func TestUnreadBodyEndsTheConnection(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	const hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	long := strings.Repeat(hidden, 4000)
	for name, request := range map[string]string{
		"refused login": fmt.Sprintf("POST /accounts/ch/bank/incoming HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(long), long),
		"unknown path":  fmt.Sprintf("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(long), long),
		"chunked":       "POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + hidden,
		"get with body": fmt.Sprintf("GET /config HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(long), long),
		"too large":     fmt.Sprintf("POST /accounts/ch/registrations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(long), long),
	} {
		answer := h.raw(request)
		if strings.Count(answer, "HTTP/1.1 ") != 1 || !strings.Contains(answer, "Connection: close") {
			t.Errorf("%s: want one answer and the end, got\n%.600s", name, answer)
		}
	}
	// A short body is off the connection already: it goes on.
	short := fmt.Sprintf("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(hidden), hidden)
	if answer := h.raw(short + hidden); strings.Count(answer, "HTTP/1.1 404") != 1 || strings.Count(answer, "HTTP/1.1 200") != 1 {
		t.Errorf("short body: want 404 and 200, got\n%s", answer)
	}
}

// Errors of the HTTP engine speak our language too.
func TestEngineErrors(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	for name, c := range map[string]struct{ request, want string }{
		"garbage":       {"hello\r\n\r\n", "400"},
		"large headers": {"GET /config HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("a", 9000) + "\r\n\r\n", "431"},
		"no host":       {"GET /config HTTP/1.1\r\n\r\n", "400"},
	} {
		answer := h.raw(c.request)
		if !strings.HasPrefix(answer, "HTTP/1.1 "+c.want) || !strings.Contains(answer, `"hint":"`) {
			t.Errorf("%s: want %s with an error object, got\n%s", name, c.want, answer)
		}
	}
}
