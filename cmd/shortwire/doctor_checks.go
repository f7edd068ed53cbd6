package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/migrations"
	"github.com/shortwire/shortwire/subjects/postgres"
)

// What the doctor calls healthy.
const (
	oldestServer  = 15               // PostgreSQL's major version that the schema is made for
	databaseLimit = 30 * time.Second // for everything that is asked of the database
	skewWarning   = time.Minute      // nothing breaks: deadlines are the database's, log lines this machine's
	skewFailure   = 24 * time.Hour   // one of the clocks is so wrong that mappings of honest wallets may be refused
	spaceWarning  = 1 << 30          // bytes
	spaceFailure  = 100 << 20        // bytes
)

// checkDataDir sees whether the folder, or the nearest one above it that is
// there, may be written to.
func (d *doctor) checkDataDir() {
	dir := nearestDir(d.config.DataDir)
	file, err := os.CreateTemp(dir, ".shortwire-doctor-")
	if err != nil {
		d.fail("data_dir", err.Error(), "give the folder to the user who runs the gateway, or choose another data_dir")
		return
	}
	_ = file.Close()
	if err := os.Remove(file.Name()); err != nil {
		d.fail("data_dir", err.Error(), "see why this user may make files in the folder but not remove them")
		return
	}
	d.ok("data_dir", "%s can be written to", dir)
}

// nearestDir is dir, or the nearest folder above it that is there.
func nearestDir(dir string) string {
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func (d *doctor) checkDiskSpace() {
	const check = "disk space"
	var stat syscall.Statfs_t
	dir := nearestDir(d.config.DataDir)
	if err := syscall.Statfs(dir, &stat); err != nil {
		d.fail(check, err.Error(), "see whether data_dir can be reached")
		return
	}
	free := uint64(stat.Bavail) * uint64(stat.Bsize) //nolint:unconvert // the types differ between systems
	found := fmt.Sprintf("%d MiB free for data_dir", free>>20)
	const advice = "make room, or move data_dir to a larger disk: a full disk stops the private database"
	switch {
	case free < spaceFailure:
		d.fail(check, found, advice)
	case free < spaceWarning:
		d.warn(check, found, advice)
	default:
		d.ok(check, "%s", found)
	}
}

// withDatabase is the function of this name, but makes no cluster.
func (d *doctor) withDatabase(ctx context.Context, fn func(url string) error) error {
	if d.config.Database.URL == "" {
		if _, err := os.Stat(clusterDir(d.config)); errors.Is(err, fs.ErrNotExist) {
			return errNoCluster
		}
	}
	return withDatabase(ctx, d.config, quietLog(d.session.err, d.config), fn)
}

// checkServer examines version, clock and schema.
func (d *doctor) checkServer(ctx context.Context, url string) error {
	pool, err := postgres.Open(ctx, postgres.Config{URL: url, MaxConns: 1, ExecMode: d.config.Database.StatementCache})
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := d.checkVersion(ctx, pool); err != nil {
		return err
	}
	if err := d.checkClock(ctx, pool); err != nil {
		return err
	}
	if err := migrations.Check(ctx, url); err != nil {
		d.fail("schema", err.Error(), "do what this says, then ask again")
		return nil
	}
	d.ok("schema", "up to date")
	return nil
}

func (d *doctor) checkVersion(ctx context.Context, pool *pgxpool.Pool) error {
	var number int // 150014 for 15.14
	err := pool.QueryRow(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&number)
	if err != nil {
		return err
	}
	if number/10000 < oldestServer {
		d.fail("database", fmt.Sprintf("PostgreSQL %d", number/10000), fmt.Sprintf("move to version %d or newer", oldestServer))
		return nil
	}
	d.ok("database", "PostgreSQL %d.%d answers", number/10000, number%10000)
	return nil
}

// checkClock compares the database's clock with the middle of the time that
// asking it takes.
func (d *doctor) checkClock(ctx context.Context, pool *pgxpool.Pool) error {
	var theirs time.Time
	before := time.Now()
	if err := pool.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&theirs); err != nil {
		return err
	}
	skew := theirs.Sub(before.Add(time.Since(before) / 2)).Abs().Round(time.Millisecond)
	found := fmt.Sprintf("database and this machine differ by %s", skew)
	const advice = "let both take their time from NTP"
	switch {
	case skew >= skewFailure:
		d.fail("clock", found+": mappings dated more than 24 hours ahead of this machine are refused", advice)
	case skew >= skewWarning:
		d.warn("clock", found+": deadlines go by the database, the log and the check for mappings from the future by this machine", advice)
	default:
		d.ok("clock", "%s", found)
	}
	return nil
}

// checkListen sees whether the address is free or is shortwire's already.
func (d *doctor) checkListen(check, address string) {
	if path, isUnix := strings.CutPrefix(address, "unix:"); isUnix {
		d.checkSocket(check, path)
		return
	}
	ln, err := net.Listen("tcp", address)
	if err == nil {
		_ = ln.Close()
		d.ok(check, "%s is free", address)
		return
	}
	if d.answers(address) {
		d.ok(check, "a shortwire answers on %s", address)
		return
	}
	d.fail(check, err.Error(), "stop what runs there, or change "+check)
}

// checkSocket does the same for a unix socket. A socket file that nobody
// answers on is replaced at the start.
func (d *doctor) checkSocket(check, path string) {
	conn, err := net.Dial("unix", path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		d.warn(check, err.Error(), "ask as the user who runs the gateway")
		return
	case err != nil:
		d.ok(check, "nothing answers on %s", path)
		return
	}
	_ = conn.Close()
	if d.isShortwire("unix:" + path) {
		d.ok(check, "a shortwire answers on %s", path)
		return
	}
	d.fail(check, "another program answers on "+path, "stop it, or change "+check)
}

// answers asks host:port whether it is a shortwire.
func (d *doctor) answers(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return d.isShortwire("http://" + net.JoinHostPort(host, port) + "/")
}

func (d *doctor) isShortwire(url string) bool {
	c, err := client.New(url, "")
	if err != nil {
		return false
	}
	defer c.Close()
	found, err := c.Config(d.session.ctx)
	return err == nil && found.Name == "shortwire"
}
