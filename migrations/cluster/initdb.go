package cluster

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// The names the cluster is made with.
const (
	roleName     = "shortwire"
	databaseName = "shortwire"
)

// dataMajor returns the major version that wrote the data directory, 0 when
// there is none.
func (c *Cluster) dataMajor() (int, error) {
	if _, err := os.Stat(c.data()); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	text, err := os.ReadFile(filepath.Join(c.data(), "PG_VERSION"))
	if err != nil {
		return 0, ErrForeignData
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, ErrForeignData
	}
	return major, nil
}

// initialise makes the data directory under another name and renames it when it
// is complete, so that data/ is never half made.
func (c *Cluster) initialise(b binaries) error {
	fresh := c.data() + ".new"
	password := filepath.Join(c.dir, "password.new")
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := os.WriteFile(password, []byte(randomPassword()), 0o600); err != nil {
		return err
	}
	out, err := b.command("initdb", c.initArgs(fresh, password)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := os.Rename(password, filepath.Join(fresh, "password")); err != nil {
		return err
	}
	if err := include(filepath.Join(fresh, "postgresql.conf"), c.settingsFile()); err != nil {
		return err
	}
	if err := os.Rename(fresh, c.data()); err != nil {
		return err
	}
	return c.sync()
}

// initArgs: locale C sorts by bytes, so that no index breaks when the machine's
// C library changes its sorting; it is what we want for keys and references.
func (c *Cluster) initArgs(data, passwordFile string) []string {
	args := []string{
		"--pgdata=" + data,
		"--username=" + roleName,
		"--pwfile=" + passwordFile,
		"--auth-local=trust",
		"--auth-host=scram-sha-256",
		"--encoding=UTF8",
		"--locale=C",
	}
	if c.ephemeral {
		return append(args, "--no-sync")
	}
	return append(args, "--data-checksums")
}

// sync makes the names in the cluster's directory durable.
func (c *Cluster) sync() error {
	if c.ephemeral {
		return nil
	}
	for _, path := range []string{c.data(), c.dir} {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func include(configFile, settings string) error {
	f, err := os.OpenFile(configFile, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "\ninclude '../%s'\n", filepath.Base(settings))
	return errors.Join(err, f.Sync(), f.Close())
}

// randomPassword returns 130 bits as letters and digits.
func randomPassword() string {
	return rand.Text()
}
