package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Settings of every cluster. DETAIL lines of errors hold key material and
// account numbers, so log_error_verbosity keeps them out of the log.
const commonSettings = `# Written by shortwire at every start. Put your own settings into
# data/postgresql.auto.conf (ALTER SYSTEM), which is read after this file.
listen_addresses = '127.0.0.1'
unix_socket_permissions = 0700
max_connections = 100
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_error_verbosity = terse
log_min_error_statement = panic
cluster_name = 'shortwire'
`

// Settings of a cluster that keeps money. The first three are PostgreSQL's own
// defaults, written down because everything rests on them. Logs overwrite
// themselves after a week.
const durableSettings = `fsync = on
full_page_writes = on
synchronous_commit = on
logging_collector = on
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
`

// Settings of a cluster that lives as long as a test.
const ephemeralSettings = `fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
shared_buffers = 32MB
autovacuum = off
`

// longestSocketDir leaves room for "/.s.PGSQL.65535" and the final NUL in the
// 104 bytes that the shortest sockaddr_un has (BSD; Linux has 108).
const longestSocketDir = 104 - len("/.s.PGSQL.65535") - 1

func (c *Cluster) writeSettings() error {
	if err := c.makeSocketDir(); err != nil {
		return err
	}
	text := commonSettings + "unix_socket_directories = " + quoteList(c.socketDir) + "\n"
	if c.ephemeral {
		text += ephemeralSettings
	} else {
		text += durableSettings + "log_directory = " + quote(filepath.Join(c.dir, "log")) + "\n"
	}
	temporary := c.settingsFile() + ".new"
	if err := os.WriteFile(temporary, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, c.settingsFile())
}

// makeSocketDir makes the directory of the unix socket, in the temporary
// directory when the path would be too long for a socket.
func (c *Cluster) makeSocketDir() error {
	c.socketDir = filepath.Join(c.dir, "socket")
	if len(c.socketDir) <= longestSocketDir {
		if err := os.Mkdir(c.socketDir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		return os.Chmod(c.socketDir, 0o700)
	}
	short, err := os.MkdirTemp("", "shortwire-socket-")
	if err != nil {
		return err
	}
	c.socketDir, c.socketDirIsTemporary = short, true
	if len(short) > longestSocketDir {
		return fmt.Errorf("%s: too long for a socket: set TMPDIR to a shorter path", short)
	}
	return nil
}

// quote writes a string of postgresql.conf.
func quote(s string) string {
	return "'" + strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(s) + "'"
}

// quoteList writes a list with one member, which may hold commas.
func quoteList(s string) string {
	return quote(`"` + strings.ReplaceAll(s, `"`, `""`) + `"`)
}
