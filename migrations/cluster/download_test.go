package cluster

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// A repository that offers this machine's own server is downloaded from,
// unpacked and tried.
func TestDownload(t *testing.T) {
	t.Parallel()
	here, ok := local()
	if !ok {
		t.Skip("no server on this machine to offer")
	}
	repository := httptest.NewServer(offer(t, here))
	defer repository.Close()
	dir, err := os.MkdirTemp("", "shortwire-download-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // temporary
	dir, o, err := claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := &Cluster{dir: dir, log: slog.New(slog.DiscardHandler), ephemeral: true}
	err = o.do(func() error {
		c.binaries, err = c.download(here.major, embeddedpostgres.PostgresVersion("15.0.0"), repository.URL)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "postgresql-15", "bin"); c.binaries.bin != want || c.binaries.major != here.major {
		t.Errorf("got %+v, want %s", c.binaries, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "download")); !os.IsNotExist(err) {
		t.Errorf("the scratch directory is left: %v", err)
	}
}

func local() (binaries, bool) {
	for _, bin := range candidates("/nonexistent") {
		if b, err := inspect(bin); err == nil && b.major == 15 {
			return b, true
		}
	}
	return binaries{}, false
}

// offer serves a jar with a tar.xz of the server, and its checksum, in the
// layout the library asks for.
func offer(t *testing.T, b binaries) http.Handler {
	t.Helper()
	archive := filepath.Join(t.TempDir(), "server.txz")
	tar := exec.Command("tar", "--dereference", "-C", filepath.Dir(b.bin), "-cJf", archive,
		"bin/initdb", "bin/pg_ctl", "bin/postgres", "lib/dict_snowball.so", "lib/plpgsql.so")
	tar.Env = append(os.Environ(), "XZ_OPT=-0")
	if out, err := tar.CombinedOutput(); err != nil {
		t.Skipf("no tar with xz: %v %s", err, out)
	}
	text, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	z := zip.NewWriter(&jar)
	w, err := z.Create("postgres.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(jar.Bytes())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".sha256") {
			_, _ = w.Write([]byte(hex.EncodeToString(sum[:])))
			return
		}
		_, _ = w.Write(jar.Bytes())
	})
}
