package migrations

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func TestNumbersAreConsecutive(t *testing.T) {
	t.Parallel()
	known, err := list(files)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range known {
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(m.Name, want) {
			t.Errorf("%s: must begin with %s", m.Name, want)
		}
	}
}

func TestFilesAreForwardOnly(t *testing.T) {
	t.Parallel()
	known, err := list(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range known {
		text, err := fs.ReadFile(files, m.Name+".sql")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "-- +goose Up\n") || strings.Contains(string(text), "+goose Down") {
			t.Errorf("%s: must begin with `-- +goose Up` and have no Down part", m.Name)
		}
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	base := fstest.MapFS{"0001_a.sql": {Data: []byte("x")}}
	others := map[string]fstest.MapFS{
		"content": {"0001_a.sql": {Data: []byte("y")}},
		"name":    {"0001_b.sql": {Data: []byte("x")}},
		"more":    {"0001_a.sql": {Data: []byte("x")}, "0002_b.sql": {Data: []byte("")}},
	}
	for name, other := range others {
		if fingerprint(base) == fingerprint(other) {
			t.Errorf("%s changes nothing", name)
		}
	}
	if fingerprint(base) != fingerprint(maps.Clone(base)) {
		t.Error("not stable")
	}
}

func TestBadURLDoesNotLeakThePassword(t *testing.T) {
	t.Parallel()
	for _, databaseURL := range []string{
		"postgres://me:s3cr/et@localhost/db",
		"postgres://me:s3cr%et@localhost/db",
		"postgres://me:s3cret@localhost:port/db",
		"host=localhost password=s3cret port=x",
		"postgres://me:s3cret@localhost/db?sslmode=nonsense",
	} {
		_, upErr := Up(t.Context(), databaseURL, nil)
		_, statusErr := Status(t.Context(), databaseURL)
		for _, err := range []error{upErr, statusErr, Check(t.Context(), databaseURL)} {
			if !errors.Is(err, ErrURL) || strings.Contains(err.Error(), "s3cr") {
				t.Errorf("%q: %v", databaseURL, err)
			}
		}
	}
}

// The messages of the server and of a refused connection are passed on, and
// hold no password either.
func TestRefusedConnectionDoesNotLeakThePassword(t *testing.T) {
	t.Parallel()
	err := Check(t.Context(), "postgres://me:s3cret@127.0.0.1:1/db")
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

var (
	first  = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE first ();\n")}
	second = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE second ();\n")}
	wrong  = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE third ();\nSELECT 1/0;\n")}
)

func testUpStepByStep(t *testing.T, databaseURL string) {
	one := fstest.MapFS{"0001_first.sql": first}
	two := fstest.MapFS{"0001_first.sql": first, "0002_second.sql": second}
	bad := fstest.MapFS{"0001_first.sql": first, "0002_second.sql": second, "0003_third.sql": wrong}

	wantCheck(t, one, databaseURL, ErrBehind)
	wantUp(t, one, databaseURL, "0001_first")
	wantCheck(t, one, databaseURL, nil)
	wantUp(t, one, databaseURL, "")
	wantCheck(t, two, databaseURL, ErrBehind)
	// The third fails, the second stays applied and the third leaves nothing.
	names, err := up(t.Context(), bad, databaseURL, nil)
	if err == nil || strings.Join(names, " ") != "0002_second" {
		t.Fatalf("applied %v, %v", names, err)
	}
	wantCheck(t, two, databaseURL, nil)
	wantUp(t, two, databaseURL, "")
	wantCheck(t, one, databaseURL, ErrAhead)
	if _, err := up(t.Context(), one, databaseURL, nil); !errors.Is(err, ErrAhead) {
		t.Errorf("up of an older binary: %v", err)
	}
	known, err := status(t.Context(), bad, databaseURL)
	if err != nil || len(known) != 3 {
		t.Fatalf("status %v, %v", known, err)
	}
	if known[0].At.IsZero() || known[1].At.IsZero() || !known[2].At.IsZero() {
		t.Errorf("status %v", known)
	}
}

func testManyReplicas(t *testing.T, databaseURL string) {
	var wg sync.WaitGroup
	applied := make([][]string, 8)
	errs := make([]error, len(applied))
	for i := range applied {
		wg.Go(func() { applied[i], errs[i] = Up(t.Context(), databaseURL, nil) })
	}
	wg.Wait()
	known, _ := list(files)
	var total int
	for i := range applied {
		if errs[i] != nil {
			t.Errorf("replica %d: %v", i, errs[i])
		}
		total += len(applied[i])
	}
	if total != len(known) {
		t.Errorf("%d migrations were applied in total, want %d", total, len(known))
	}
	if err := Check(t.Context(), databaseURL); err != nil {
		t.Error(err)
	}
}

func wantUp(t *testing.T, fsys fs.FS, databaseURL, want string) {
	t.Helper()
	names, err := up(t.Context(), fsys, databaseURL, nil)
	if got := strings.Join(names, " "); err != nil || got != want {
		t.Fatalf("applied %q, %v; want %q", got, err, want)
	}
}

func wantCheck(t *testing.T, fsys fs.FS, databaseURL string, want error) {
	t.Helper()
	err := check(t.Context(), fsys, databaseURL)
	if !errors.Is(err, want) || (want != nil && !strings.Contains(err.Error(), "shortwire migrate up")) {
		t.Fatalf("check: %v, want %v", err, want)
	}
}
