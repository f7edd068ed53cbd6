package cluster_test

import (
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/shortwire/shortwire/migrations/cluster"
)

func TestDataSurvivesRestart(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, cluster.Config{Dir: dir})
	put(t, c.URL(), "kept")
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Exited():
		t.Error("a server that was stopped is called ended")
	default:
	}
	want(t, start(t, cluster.Config{Dir: dir}).URL(), "kept")
}

func TestDataSurvivesKilledServer(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, cluster.Config{Dir: dir})
	put(t, c.URL(), "committed")
	select {
	case <-c.Exited():
		t.Fatal("a server that runs is called ended")
	default:
	}
	kill(t, postmaster(t, dir))
	select {
	case <-c.Exited():
	case <-time.After(30 * time.Second):
		t.Fatal("nobody noticed that the server is gone")
	}
	if err := c.Stop(); err != nil {
		t.Fatalf("a server that is gone is no error: %v", err)
	}
	want(t, start(t, cluster.Config{Dir: dir}).URL(), "committed")
}

// A server can be restarted while backends of its killed predecessor end.
func TestDataSurvivesKilledServerWithBusyBackend(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, cluster.Config{Dir: dir})
	put(t, c.URL(), "committed")
	busy := connect(t, c.URL())
	tx, err := busy.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `INSERT INTO kept VALUES ('not committed')`); err != nil {
		t.Fatal(err)
	}
	kill(t, postmaster(t, dir))
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	want(t, start(t, cluster.Config{Dir: dir}).URL(), "committed")
}

// What holds while a cluster runs.
func TestRunningCluster(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	if _, err := cluster.Attach(dir); !errors.Is(err, cluster.ErrNotRunning) {
		t.Errorf("attach before the start: %v", err)
	}
	c := start(t, cluster.Config{Dir: dir})
	t.Run("second start is refused", func(t *testing.T) {
		_, err := cluster.Start(t.Context(), cluster.Config{Dir: dir})
		if !errors.Is(err, cluster.ErrInUse) {
			t.Errorf("got %v", err)
		}
		connect(t, c.URL()) // the first is unharmed
	})
	t.Run("others can attach", func(t *testing.T) {
		got, err := cluster.Attach(dir)
		if err != nil || got != c.URL() {
			t.Errorf("got %s, %v; want %s", got, err, c.URL())
		}
	})
	t.Run("settings", func(t *testing.T) { wantSettings(t, connect(t, c.URL())) })
	t.Run("only its user can connect", func(t *testing.T) { wantClosed(t, c.URL()) })
	t.Run("the server is not root", func(t *testing.T) { wantUnprivileged(t, dir) })
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := cluster.Attach(dir); !errors.Is(err, cluster.ErrNotRunning) {
		t.Errorf("attach after the stop: %v", err)
	}
}

func wantSettings(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for name, want := range map[string]string{
		"fsync":               "on",
		"full_page_writes":    "on",
		"synchronous_commit":  "on",
		"data_checksums":      "on",
		"TimeZone":            "UTC",
		"server_encoding":     "UTF8",
		"listen_addresses":    "127.0.0.1",
		"max_connections":     "100",
		"log_error_verbosity": "terse",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), `SELECT current_setting($1)`, name).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, want %q (%v)", name, got, want, err)
		}
	}
}

func wantClosed(t *testing.T, database string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(u.Query().Get("host"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("directory of the socket: %v", info.Mode())
	}
	tcp := "postgres://shortwire:wrong@" + net.JoinHostPort("127.0.0.1", u.Query().Get("port")) + "/shortwire?sslmode=disable"
	_, err = pgx.Connect(t.Context(), tcp)
	if refused, ok := errors.AsType[*pgconn.PgError](err); !ok || refused.Code != "28P01" { // invalid_password
		t.Errorf("TCP with a wrong password: %v", err)
	}
}

func wantUnprivileged(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(filepath.Join("/proc", strconv.Itoa(postmaster(t, dir))))
	if err != nil {
		t.Skip("no /proc")
	}
	if uid := info.Sys().(*syscall.Stat_t).Uid; uid == 0 {
		t.Error("the server runs as root")
	}
	if os.Geteuid() == 0 {
		if err := os.Remove(filepath.Join(dir, "settings.conf")); err != nil {
			t.Errorf("this process is not root any more: %v", err)
		}
	}
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openDir(t), strings.Repeat("d", 60), strings.Repeat("e", 60), "with space, comma and 'quote'")
	c := start(t, cluster.Config{Dir: dir, Ephemeral: true})
	put(t, c.URL(), "long")
	want(t, c.URL(), "long")
	u, _ := url.Parse(c.URL())
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(u.Query().Get("host")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary socket directory is left: %v", err)
	}
}

func TestPathThroughSymlink(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	link := filepath.Join(dir, "link")
	if err := os.Symlink(".", link); err != nil {
		t.Fatal(err)
	}
	c := start(t, cluster.Config{Dir: filepath.Join(link, "c"), Ephemeral: true})
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := cluster.Attach(filepath.Join(dir, "c")); !errors.Is(err, cluster.ErrNotRunning) {
		t.Errorf("the server still runs: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		make func(t *testing.T, dir string)
		sub  string
		want error
	}{
		{"foreign data", func(t *testing.T, dir string) { write(t, dir, "data/precious", "x") }, "", cluster.ErrForeignData},
		{"data of a version that is not here", func(t *testing.T, dir string) { write(t, dir, "data/PG_VERSION", "9\n") }, "", cluster.ErrNoBinaries},
		{"closed parent", func(t *testing.T, dir string) {
			if os.Geteuid() != 0 {
				t.Skip("only root gives the directory to another user")
			}
			if err := os.Chmod(dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "sub", cluster.ErrClosedDirectory},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := openDir(t)
			test.make(t, dir)
			before := files(t, filepath.Join(dir, "data"))
			_, err := cluster.Start(t.Context(), cluster.Config{Dir: filepath.Join(dir, test.sub)})
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if after := files(t, filepath.Join(dir, "data")); after != before {
				t.Errorf("data/ held %s, now %s", before, after)
			}
		})
	}
}

// TestClosedTemporaryDirectory does not run beside other tests, which need the
// variable as it is.
func TestClosedTemporaryDirectory(t *testing.T) { //nolint:paralleltest // see above
	closed := openDir(t)
	if os.Geteuid() == 0 {
		if err := os.Chmod(closed, 0o700); err != nil { // to the user of the server
			t.Fatal(err)
		}
	} else {
		closed = filepath.Join(closed, "not there")
	}
	dir := openDir(t)
	t.Setenv("TMPDIR", closed)
	_, err := cluster.Start(t.Context(), cluster.Config{Dir: dir})
	if !errors.Is(err, cluster.ErrClosedTemporary) || !strings.Contains(err.Error(), "TMPDIR") {
		t.Errorf("got %v", err)
	}
}

// What a crash in the middle of initdb leaves is thrown away.
func TestHalfMadeDataIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	if err := start(t, cluster.Config{Dir: dir, Ephemeral: true}).Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "data"), filepath.Join(dir, "data.new")); err != nil {
		t.Fatal(err)
	}
	c := start(t, cluster.Config{Dir: dir, Ephemeral: true})
	put(t, c.URL(), "works")
	want(t, c.URL(), "works")
	if left := files(t, filepath.Join(dir, "data.new")); left != "" {
		t.Errorf("data.new is left: %s", left)
	}
}

// In a container that starts again, the process number of the old server
// belongs to some other program.
func TestStalePidFileOfAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, cluster.Config{Dir: dir, Ephemeral: true})
	put(t, c.URL(), "kept")
	file := filepath.Join(dir, "data", "postmaster.pid")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	write(t, dir, "data/postmaster.pid", strconv.Itoa(sleeper(t, dir))+"\n"+rest)
	want(t, start(t, cluster.Config{Dir: dir, Ephemeral: true}).URL(), "kept")
}
