package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bankStub answers bank/incoming: every line of a report becomes a credit, and
// texts with "refuse" in them are refused.
type bankStub struct {
	mu     sync.Mutex
	posted []string // media type and text
	busy   int      // answer 503 so often first
}

func (b *bankStub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.busy > 0:
		b.busy--
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `{"code":5111,"error":"STORE_UNAVAILABLE","hint":"later"}`)
	case strings.Contains(string(text), "refuse"):
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"code":26,"error":"BANK_MESSAGE_INVALID","hint":"no"}`)
	default:
		b.posted = append(b.posted, r.Header.Get("Content-Type")+" "+string(text))
		fmt.Fprint(w, `{"results":[{"bank_ref":"R","outcome":"credited","row_id":1},{"bank_ref":"S","outcome":"error","error":{"error":"TRANSFER_INVALID","hint":"h"}}]}`)
	}
}

// runIngest posts to a stub and returns what was posted and printed.
func runIngest(t *testing.T, stub *bankStub, in string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	server := httptest.NewServer(stub)
	defer server.Close()
	var out, errs bytes.Buffer
	args = append([]string{"bank", "ingest", "--account", "ch", "--token", "secret", "--url", server.URL}, args...)
	code = run(t.Context(), args, func(string) (string, bool) { return "", false }, strings.NewReader(in), &out, &errs)
	return code, out.String(), errs.String()
}

// packed makes an archive of names and contents.
func packed(t *testing.T, entries ...string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for i := 0; i < len(entries); i += 2 {
		f, err := w.Create(entries[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, entries[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

func writeFiles(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestIngestFolder: everything in it, in the order of names, archives in their
// place; nothing hidden, nothing twice, nothing outside.
func TestIngestFolder(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string][]byte{
		"2/b.XML":        []byte("<b/>"),
		"2/a.json":       []byte(`{"transfers":[]}`),
		"1.zip":          packed(t, "z.xml", "<z/>", "sub/", "", "sub/y", "<y/>", "../../x.xml", "<x/>", "__MACOSX/z.xml", "<mac/>", "sub/.hidden.xml", "<h/>"),
		"3.no-extension": []byte("\ufeff  <c/>"),
		"notes.txt":      []byte("call the bank"),
		".git/d.xml":     []byte("<d/>"),
		".e.xml":         []byte("<e/>"),
	})
	stub := &bankStub{}
	code, out, errs := runIngest(t, stub, "", dir)
	want := []string{"application/xml <x/>", "application/xml <y/>", "application/xml <z/>", `application/json {"transfers":[]}`, "application/xml <b/>", "application/xml \ufeff  <c/>"}
	if diff := cmp.Diff(want, stub.posted); diff != "" {
		t.Error(diff)
	}
	if code != exitRuntime || !strings.Contains(out, "credited 6, held 0, bounced 0, manual 0, replayed 0, ignored 0, failed 6\nskipped 1 files") ||
		!strings.Contains(out, "1.zip: ../../x.xml: S: TRANSFER_INVALID") {
		t.Errorf("code %d\n%s", code, out)
	}
	if !strings.Contains(errs, "notes.txt: skipped") {
		t.Error(errs)
	}
}

// TestIngestRefusals: what cannot be posted is told with file, entry and reason,
// and what stands behind it is posted.
func TestIngestRefusals(t *testing.T) {
	t.Parallel()
	damaged := packed(t, "a.xml", strings.Repeat("<a/>", 1000))
	damaged[60] ^= 0xff
	encrypted := packed(t, "a.xml", "<a/>")
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	dir := writeFiles(t, map[string][]byte{
		"1-nested.zip":    packed(t, "inner.zip", string(packed(t, "a.xml", "<a/>")), "ok.xml", "<ok1/>"),
		"2-damaged.zip":   damaged,
		"3-encrypted.zip": encrypted,
		"4-no.zip":        []byte("PK\x03\x04 and nothing more"),
		"5-escape.zip":    packed(t, "\x1b[2Jrefuse.xml", "<refuse/>"),
		"6-empty.zip":     packed(t),
		"7.xml":           []byte("<refuse/>"),
		"8.xml":           []byte("<ok2/>"),
	})
	stub := &bankStub{}
	code, out, _ := runIngest(t, stub, "", dir)
	if diff := cmp.Diff([]string{"application/xml <ok1/>", "application/xml <ok2/>"}, stub.posted); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{
		"1-nested.zip: inner.zip: an archive inside an archive", "2-damaged.zip: a.xml: it is damaged", "3-encrypted.zip: a.xml: it is encrypted",
		"4-no.zip: the archive is damaged", `5-escape.zip: "\x1b[2Jrefuse.xml": error BANK_MESSAGE_INVALID`, "7.xml: error BANK_MESSAGE_INVALID", "failed 8",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the summary lacks %q", want)
		}
	}
	if code != exitRuntime || strings.Contains(out, "\x1b") || strings.Contains(out, "6-empty") {
		t.Errorf("code %d\n%s", code, out)
	}
}

// TestIngestBombs: an archive that grows without end is noticed, and nothing of
// the entry that went too far is posted.
func TestIngestBombs(t *testing.T) {
	t.Parallel()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	zeros := bytes.Repeat([]byte("<a/>"), 1<<18)
	f, err := w.Create("a.xml")
	if err != nil {
		t.Fatal(err)
	}
	for range maxEntry>>20 + 1 {
		if _, err := f.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text := archive.Bytes()
	check := func(left int64) (int64, error) {
		t.Helper()
		r, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		err = checkEntry(r.File[0], &left)
		return left, err
	}
	if left, err := check(maxInflated); !errors.Is(err, errEntrySize) || left != maxInflated {
		t.Errorf("a large entry: %v, %d left", err, left)
	}
	// Its table of contents may say less than is true.
	size := text[bytes.Index(text, []byte("PK\x01\x02"))+24:]
	binary.LittleEndian.PutUint32(size, 1<<20)
	if left, err := check(maxInflated); !errors.Is(err, errEntryDamaged) || left < maxInflated-2<<20 {
		t.Errorf("a large entry that says it is small: %v, %d left", err, left)
	}
	if left, err := check(1000); !errors.Is(err, errInflated) || left != 0 {
		t.Errorf("after many others: %v, %d left", err, left)
	}
	many := make([]string, 0, 2*maxEntries+2)
	for i := range maxEntries + 1 {
		many = append(many, fmt.Sprint(i, ".xml"), "")
	}
	text = packed(t, many...)
	if err := eachEntry("z", bytes.NewReader(text), int64(len(text)), nil); !errors.Is(err, errArchiveSize) {
		t.Errorf("many entries: %v", err)
	}
	if err := eachEntry("z", bytes.NewReader(text), maxArchive+1, nil); !errors.Is(err, errArchiveSize) {
		t.Errorf("a large archive: %v", err)
	}
}

// TestIngestJSON: one document per report, and the summary as the last one.
func TestIngestJSON(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string][]byte{"a.zip": packed(t, "a.xml", "<a/>", "b.xml", "<refuse/>")})
	_, out, _ := runIngest(t, &bankStub{}, "", "--json", filepath.Join(dir, "a.zip"))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var first struct{ File, Entry string }
	var last struct{ Summary summaryJSON }
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &first) != nil || json.Unmarshal([]byte(lines[1]), &last) != nil {
		t.Fatal(out)
	}
	if first.Entry != "a.xml" || last.Summary.Credited != 1 || last.Summary.Failed != 2 || last.Summary.Failures[1].Entry != "b.xml" {
		t.Errorf("%+v %+v", first, last)
	}
}

// TestIngestTriesAgain while the gateway says that it should be tried later, and
// gives up when the gateway is not there.
func TestIngestTriesAgain(t *testing.T) {
	t.Parallel()
	stub := &bankStub{busy: 1}
	archive := string(packed(t, "a.xml", "<a/>"))
	if _, out, errs := runIngest(t, stub, archive, "-"); len(stub.posted) != 1 {
		t.Errorf("%s%s", out, errs)
	}
	var out, errs bytes.Buffer
	dir := writeFiles(t, map[string][]byte{"a.xml": []byte("<a/>"), "b.xml": []byte("<b/>")})
	args := []string{"bank", "ingest", "--account", "ch", "--token", "s", "--url", "http://127.0.0.1:1", dir}
	code := run(t.Context(), args, func(string) (string, bool) { return "", false }, strings.NewReader(""), &out, &errs)
	if code != exitRuntime || !strings.Contains(errs.String(), "stopped with 2 of 2 files left") || !strings.Contains(out.String(), "credited 0") {
		t.Errorf("code %d\n%s%s", code, out.String(), errs.String())
	}
}
