package migrations

import "errors"

// The sentinels of this package. Check and Up wrap them.
var (
	// ErrBehind means that this binary knows migrations the database lacks.
	ErrBehind = errors.New("the database schema is behind: run `shortwire migrate up`")
	// ErrAhead means that the database was migrated by a newer binary.
	ErrAhead = errors.New("the database schema is newer than this binary: install the newer shortwire " +
		"(`shortwire migrate up` cannot go back)")
	// ErrURL means that a database URL cannot be read. It never quotes the
	// URL, which holds the password.
	ErrURL = errors.New("the database URL cannot be read: write postgres://user:password@host:port/name " +
		"and percent-encode special characters of the password")
)
