package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// deliveryStub is a gateway whose account reads the credits of camt.054 alone.
// It keeps where each message was posted.
type deliveryStub struct{ posted []string }

func (d *deliveryStub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	kind, where := kindOf(bufio.NewReader(bytes.NewReader(text))), path.Base(r.URL.Path)
	d.posted = append(d.posted, kind+" "+where)
	switch {
	case where == "incoming" && kind != "camt.054":
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"code":26,"error":"BANK_MESSAGE_NOT_LISTED","hint":"no"}`)
	case where == "incoming":
		fmt.Fprint(w, `{"results":[{"bank_ref":"R","outcome":"credited","row_id":1},{"bank_ref":"O","outcome":"paid","payment_id":1}]}`)
	case kind == statusReport:
		fmt.Fprint(w, `{"results":[{"payment_id":1,"outcome":"ignored","reason":"stale"},{"payment_id":2,"outcome":"confirmed"},{"end_to_end_id":"X","outcome":"unknown"}]}`)
	case strings.Contains(string(text), "refuse"):
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"code":26,"error":"BANK_MESSAGE_INVALID","hint":"no"}`)
	case strings.Contains(string(text), "ours"):
		fmt.Fprint(w, `{"results":[{"payment_id":3,"outcome":"confirmed"}]}`)
	default:
		fmt.Fprint(w, `{"results":[]}`)
	}
}

func bankMessage(name, text string) string {
	return `<?xml version="1.0"?><!-- a bank --><Document xmlns="urn:iso:std:iso:20022:tech:xsd:` + name + `">` + text + `</Document>`
}

// runBank runs a verb at a stub.
func runBank(t *testing.T, stub http.Handler, in, verb string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	server := httptest.NewServer(stub)
	defer server.Close()
	var out, errs bytes.Buffer
	args = append([]string{"bank", verb, "--account", "ch", "--token", "secret", "--url", server.URL}, args...)
	code = run(t.Context(), args, func(string) (string, bool) { return "", false }, strings.NewReader(in), &out, &errs)
	return code, out.String(), errs.String()
}

// delivery is a folder as a bank delivers it.
func delivery(t *testing.T) string {
	t.Helper()
	return writeFiles(t, map[string][]byte{
		"1.zip": packed(t, "a.xml", bankMessage("camt.053.001.08", "ours"), "b.xml", bankMessage("camt.053.001.08", "")),
		"2.xml": []byte(bankMessage("camt.052.001.04", "")),
		"3.xml": []byte(bankMessage("camt.054.001.08", "")),
		"4.xml": []byte(bankMessage("pain.002.001.10", "")),
		"5.xml": []byte(bankMessage("camt.086.001.03", "")),
	})
}

// TestIngestDelivery: every message of a delivery goes where it belongs, a kind
// that is not listed is asked for once, and nothing of it is a failure.
func TestIngestDelivery(t *testing.T) {
	t.Parallel()
	stub, folder := &deliveryStub{}, delivery(t)
	code, out, errs := runBank(t, stub, "", "ingest", folder)
	want := []string{
		"camt.053 incoming", "camt.053 outgoing", "camt.053 outgoing", "camt.052 incoming", "camt.052 outgoing", "camt.054 incoming", "pain.002 outgoing",
	}
	if diff := cmp.Diff(want, stub.posted); diff != "" {
		t.Error(diff)
	}
	if code != exitOK || !strings.Contains(errs, "5.xml: skipped, ") || !strings.Contains(out, "payment 3  ") {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
	for _, line := range []string{
		"credited 1, held 0, bounced 0, manual 0, replayed 1, ignored 0, failed 0, paid 1, confirmed 2, unknown 1\n",
		"read 3 statements for debits only", "found nothing about payments of ours in 2 files", "skipped 1 messages of kinds",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("the summary lacks %q:\n%s", line, out)
		}
	}
	_, out, _ = runBank(t, stub, "", "ingest", "--json", folder)
	if !strings.Contains(out, `"confirmed":2,"unknown":1,"failed":0,"skipped":0,"others":1,"debits_only":3,"nothing":2}`) {
		t.Error(out)
	}
}

// TestIngestDamagedStatement: only the kind sends a message elsewhere, never a
// fault of the file, and what is wrong there as well has failed.
func TestIngestDamagedStatement(t *testing.T) {
	t.Parallel()
	stub := &deliveryStub{}
	code, out, _ := runBank(t, stub, bankMessage("camt.053.001.08", "refuse"), "ingest", "-")
	if code != exitRuntime || !strings.Contains(out, "failed: -: error BANK_MESSAGE_INVALID") || len(stub.posted) != 2 {
		t.Errorf("code %d %v\n%s", code, stub.posted, out)
	}
	bad := &bankStub{}
	code, out, _ = runBank(t, bad, bankMessage("camt.053.001.08", "refuse"), "ingest", "-")
	if code != exitRuntime || !strings.Contains(out, "BANK_MESSAGE_INVALID") || len(bad.posted) != 0 {
		t.Errorf("code %d %v\n%s", code, bad.posted, out)
	}
}

// TestReportDelivery: folders and archives are read for payments alone.
func TestReportDelivery(t *testing.T) {
	t.Parallel()
	stub := &deliveryStub{}
	code, out, errs := runBank(t, stub, "", "report", delivery(t))
	want := []string{"camt.053 outgoing", "camt.053 outgoing", "camt.052 outgoing", "camt.054 outgoing", "pain.002 outgoing"}
	if diff := cmp.Diff(want, stub.posted); diff != "" {
		t.Error(diff)
	}
	if code != exitOK || !strings.Contains(errs, "5.xml: skipped, ") || !strings.Contains(out, "payment 3  ") {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
}
