package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// oldestMajor is the first PostgreSQL the schema is made for.
const oldestMajor = 15

// newestDownload is what a new cluster gets when the machine has no server.
const newestDownload = 18

// downloads are the versions that can be downloaded, by major version.
var downloads = map[int]embeddedpostgres.PostgresVersion{
	15: embeddedpostgres.V15,
	16: embeddedpostgres.V16,
	17: embeddedpostgres.V17,
	18: embeddedpostgres.V18,
}

// binaries is one installed server.
type binaries struct {
	bin   string // the directory, always named bin: the library asks for its parent
	major int
}

func (b binaries) command(name string, args ...string) *exec.Cmd {
	return exec.Command(filepath.Join(b.bin, name), args...)
}

// findBinaries returns the newest server there is, or for existing data the one
// of the same major version (0: no data yet). It downloads one if need be.
func (c *Cluster) findBinaries(major int) (binaries, error) {
	var best binaries
	for _, bin := range candidates(c.dir) {
		b, err := inspect(bin)
		if err != nil || b.major < oldestMajor || (major != 0 && b.major != major) {
			continue
		}
		if b.major > best.major {
			best = b
		}
	}
	if best.bin != "" {
		return best, nil
	}
	if os.Getenv("SHORTWIRE_POSTGRES_BIN") != "" {
		return binaries{}, fmt.Errorf("%w (SHORTWIRE_POSTGRES_BIN is set, but%s)", ErrNoBinaries, wanted(major))
	}
	if major == 0 {
		major = newestDownload
	}
	version, ok := downloads[major]
	if !ok {
		return binaries{}, fmt.Errorf("%w (the data was written by version %d)", ErrNoBinaries, major)
	}
	c.log.Info("no PostgreSQL server on this machine, downloading one", "version", version)
	b, err := c.download(major, version, "")
	if err != nil {
		return binaries{}, fmt.Errorf("%w (download: %w)", ErrNoBinaries, err)
	}
	return b, nil
}

func wanted(major int) string {
	if major == 0 {
		return " has none"
	}
	return fmt.Sprintf(" has not version %d, which wrote the data", major)
}

// candidates lists directories that may hold a server: only the one of the
// environment if it is set; else Debian's, Red Hat's, a self-compiled one, the
// one on the PATH, and those that were downloaded before.
func candidates(dir string) []string {
	if bin := os.Getenv("SHORTWIRE_POSTGRES_BIN"); bin != "" {
		return []string{bin}
	}
	var bins []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/usr/local/pgsql/bin",
		filepath.Join(dir, "postgresql-*", "bin"),
	} {
		found, _ := filepath.Glob(pattern) // only a bad pattern is an error
		bins = append(bins, found...)
	}
	if ctl, err := exec.LookPath("pg_ctl"); err == nil {
		if ctl, err = filepath.EvalSymlinks(ctl); err == nil {
			bins = append(bins, filepath.Dir(ctl))
		}
	}
	return bins
}

// serverVersion reads `postgres --version`: "postgres (PostgreSQL) 15.14 (...)".
var serverVersion = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

func inspect(bin string) (binaries, error) {
	if filepath.Base(bin) != "bin" {
		return binaries{}, errors.New("the directory is not named bin")
	}
	b := binaries{bin: bin}
	for _, name := range []string{"initdb", "pg_ctl"} { // client packages have neither
		if _, err := exec.LookPath(filepath.Join(bin, name)); err != nil {
			return binaries{}, err
		}
	}
	text, err := b.command("postgres", "--version").Output()
	if err != nil {
		return binaries{}, err
	}
	match := serverVersion.FindSubmatch(text)
	if match == nil {
		return binaries{}, errors.New("postgres --version: not understood")
	}
	b.major, err = strconv.Atoi(string(match[1]))
	return b, err
}

// download fetches a server into the directory of the cluster. The library
// downloads as part of a start only, so it is let start a cluster of its own
// once; that also proves that the binaries run here, before they get their
// final name. An empty repository means the library's own.
func (c *Cluster) download(major int, version embeddedpostgres.PostgresVersion, repository string) (binaries, error) {
	scratch := filepath.Join(c.dir, "download")
	final := filepath.Join(c.dir, fmt.Sprintf("postgresql-%d", major))
	if err := os.RemoveAll(scratch); err != nil {
		return binaries{}, err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // removed again before the next download
	port, err := freePort()
	if err != nil {
		return binaries{}, err
	}
	output := &temporaryLog{}
	config := embeddedpostgres.DefaultConfig().
		Version(version).
		CachePath(filepath.Join(scratch, "cache")).
		RuntimePath(filepath.Join(scratch, "run")).
		BinariesPath(filepath.Join(scratch, "server")).
		DataPath(filepath.Join(scratch, "data")).
		Port(port).
		Password(randomPassword()).
		StartParameters(map[string]string{"unix_socket_directories": "", "listen_addresses": "127.0.0.1"}).
		Logger(output)
	if repository != "" {
		config = config.BinaryRepositoryURL(repository)
	}
	server := embeddedpostgres.NewDatabase(config)
	if err := server.Start(); err != nil {
		return binaries{}, err
	}
	if err := errors.Join(server.Stop(), output.remove()); err != nil {
		return binaries{}, err
	}
	if err := os.Rename(filepath.Join(scratch, "server"), final); err != nil {
		return binaries{}, err
	}
	return inspect(filepath.Join(final, "bin"))
}
