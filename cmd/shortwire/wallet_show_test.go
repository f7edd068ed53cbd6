package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// showStub is a gateway with one account and one registration.
type showStub struct{ address string }

func (b showStub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	body := `{"currency": "CHF"}`
	if !strings.HasSuffix(r.URL.Path, "/config") {
		body = `{"expiration": {"t_s": "never"}, "subjects": [{"type": "RF", "reference": "RF64550000000008", ` + b.address +
			`"credit_account": "payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange"}]}`
	}
	_, _ = w.Write([]byte(body))
}

// runShow shows the registration of a fresh key.
func runShow(t *testing.T, address string, args ...string) (stdout, stderr string) {
	t.Helper()
	server := httptest.NewServer(showStub{address})
	defer server.Close()
	key := filepath.Join(t.TempDir(), "key.json")
	nothing := func(string) (string, bool) { return "", false }
	for _, line := range [][]string{
		{"wallet", "keygen", "-o", key},
		append([]string{"wallet", "show", "--account", "ch", "--url", server.URL, "--key", key}, args...),
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), line, nothing, strings.NewReader(""), &out, &errs); code != exitOK {
			t.Fatalf("%v: exit code %d\n%s", line, code, errs.String())
		}
		stdout, stderr = out.String(), errs.String()
	}
	return stdout, stderr
}

// Whoever sees a bill without its receipt learns that it is not for paper, and where
// the one for paper is.
func TestWalletShow_ScreenOnly(t *testing.T) {
	t.Parallel()
	const notice, home = "For e-banking only", `"credit_address": {"postcode": "8001", "town": "Bern", "country": "CH"}, `
	folder := t.TempDir()
	for _, c := range []struct {
		address string
		args    []string
		told    bool
	}{
		{home, nil, true},
		{home, []string{"--receipt"}, false},
		{"", nil, false}, // no bill
		{home, []string{"-o", filepath.Join(folder, "bill.svg")}, true},
		{home, []string{"-o", filepath.Join(folder, "bill.png"), "--receipt"}, false},
		{home, []string{"-o", filepath.Join(folder, "bill.pdf")}, false},
		{home, []string{"-o", filepath.Join(folder, "part.pdf"), "--no-receipt"}, true},
	} {
		stdout, stderr := runShow(t, c.address, c.args...)
		if told := strings.Contains(stdout+stderr, notice); told != c.told {
			t.Errorf("%v: told %v\n%s%s", c.args, told, stdout, stderr)
		}
	}
	if svg, err := os.ReadFile(filepath.Join(folder, "bill.svg")); err != nil || strings.Contains(string(svg), "Receipt") {
		t.Errorf("the picture has a receipt, or %v", err)
	}
}
