package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

// Config says where a cluster lives.
type Config struct {
	// Dir belongs to the cluster alone and is created if need be. When we are
	// root it is given to the unprivileged user the server runs as, who must
	// be able to pass its parents.
	Dir string
	// Log gets a line per start and stop; nil is silent.
	Log *slog.Logger
	// Ephemeral switches durability off: for tests.
	Ephemeral bool
}

// Cluster is a running private server.
type Cluster struct {
	dir       string
	ephemeral bool
	log       *slog.Logger
	owner     owner
	binaries  binaries
	lock      *os.File

	socketDir            string
	socketDirIsTemporary bool
	port                 uint32

	exited   chan struct{} // closed by watch
	stopping chan struct{} // ends watch
	stop     sync.Once
	stopErr  error
}

// Start brings the cluster of a directory up and makes its database if it does
// not exist. A server that an earlier process left behind is stopped first.
// Start takes a second for a new cluster, a quarter for an existing one, and
// longer after a crash. ctx limits nothing but the wait for an orphan to end.
//
// Errors: ErrInUse, ErrNoBinaries, ErrClosedDirectory, ErrClosedTemporary,
// ErrForeignData, and what the server says.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	c := &Cluster{ephemeral: cfg.Ephemeral, log: cfg.Log}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if c.dir, c.owner, err = claim(cfg.Dir); err == nil {
		err = c.owner.do(func() error { return c.start(ctx) })
	}
	if err != nil {
		return nil, fmt.Errorf("private PostgreSQL in %s: %w", cfg.Dir, err)
	}
	c.log.Info("private PostgreSQL started", "directory", c.dir, "version", c.binaries.major)
	return c, nil
}

// Attach returns the URL of the cluster that another process runs from a
// directory, for commands that work beside it. It needs the rights of the user
// who runs it.
//
// Errors: ErrNotRunning.
func Attach(dir string) (string, error) {
	pid, err := readPidFile((&Cluster{dir: dir}).data())
	if errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("private PostgreSQL: %w", err)
	}
	if err != nil || !pid.ready || syscall.Kill(pid.process, 0) == syscall.ESRCH {
		return "", fmt.Errorf("private PostgreSQL in %s: %w", dir, ErrNotRunning)
	}
	return socketURL(pid.socketDir, pid.port), nil
}

// URL is how to connect: PostgreSQL's URL form, over the unix socket, without a
// password. It changes with every start.
func (c *Cluster) URL() string {
	return socketURL(c.socketDir, int(c.port))
}

// Stop ends the server (PostgreSQL's fast shutdown: open transactions are rolled
// back, committed ones are on disk) and frees the directory. A server that is
// gone already is no error. Further calls return the first result.
func (c *Cluster) Stop() error {
	c.stop.Do(func() {
		close(c.stopping)
		err := c.owner.do(func() error { return errors.Join(c.halt(context.Background()), c.release()) })
		if err != nil {
			c.stopErr = fmt.Errorf("stop private PostgreSQL in %s: %w", c.dir, err)
			return
		}
		c.log.Info("private PostgreSQL stopped", "directory", c.dir)
	})
	return c.stopErr
}

// start does everything that must be done as the owner.
func (c *Cluster) start(ctx context.Context) (err error) {
	if err := errors.Join(reach(c.dir), reachTemporary()); err != nil {
		return err
	}
	if err := c.acquire(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.release())
		}
	}()
	major, err := c.dataMajor()
	if err != nil {
		return err
	}
	if c.binaries, err = c.findBinaries(major); err != nil {
		return err
	}
	if major == 0 {
		err = c.initialise(c.binaries)
	} else {
		err = c.halt(ctx)
	}
	if err != nil {
		return err
	}
	if err := c.writeSettings(); err != nil {
		return err
	}
	if err := c.launch(ctx); err != nil {
		return err
	}
	if err := c.watch(); err != nil {
		return errors.Join(err, c.halt(context.WithoutCancel(ctx)))
	}
	return nil
}

// acquire takes the lock of the directory. Go marks the file close-on-exec, so
// the server does not inherit it and the lock ends with this process.
func (c *Cluster) acquire() error {
	f, err := os.OpenFile(filepath.Join(c.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(ErrInUse, f.Close())
	}
	c.lock = f
	return nil
}

// release lets the lock go before it closes the file: a program that this
// process is just starting has the file open too, until it is executed.
func (c *Cluster) release() error {
	var err error
	if c.socketDirIsTemporary {
		err = os.RemoveAll(c.socketDir)
	}
	return errors.Join(err, syscall.Flock(int(c.lock.Fd()), syscall.LOCK_UN), c.lock.Close())
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *Cluster) settingsFile() string { return filepath.Join(c.dir, "settings.conf") }

func socketURL(socketDir string, port int) string {
	query := url.Values{"host": {socketDir}, "port": {strconv.Itoa(port)}, "user": {roleName}}
	return (&url.URL{Scheme: "postgres", Path: "/" + databaseName, RawQuery: query.Encode()}).String()
}
