package cluster

import "errors"

// The sentinels of this package. Start and Attach wrap them.
var (
	// ErrInUse means that another process runs a cluster from the directory.
	ErrInUse = errors.New("another shortwire uses this directory: stop it, or choose another data_dir")
	// ErrNotRunning means that Attach found no server.
	ErrNotRunning = errors.New("no server runs from this directory: start `shortwire serve`")
	// ErrNoBinaries means that there is no usable PostgreSQL server.
	ErrNoBinaries = errors.New("no usable PostgreSQL server (15 or newer): install the package postgresql, " +
		"set SHORTWIRE_POSTGRES_BIN to its bin directory, or set database.url")
	// ErrClosedDirectory means that the unprivileged user the server runs as
	// cannot reach the directory.
	ErrClosedDirectory = errors.New("the database user cannot enter the directory: choose a data_dir that it " +
		"can reach, such as /var/lib/shortwire, or run shortwire as an ordinary user")
	// ErrClosedTemporary means that the user the server runs as cannot write to
	// the temporary directory, where the start of a server needs a file.
	ErrClosedTemporary = errors.New("the database user cannot write to the temporary directory: set TMPDIR to one " +
		"that everybody may write to, such as /tmp, or run shortwire as an ordinary user")
	// ErrForeignData means that data/ exists but was not made by Start.
	ErrForeignData = errors.New("data/ is not a PostgreSQL data directory: move it away")
)
