package gateway

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Role is what a token may be used for. A token opens the endpoints of
// exactly its role.
type Role string

// The roles.
const (
	RoleExchange Role = "exchange" // wire gateway, mapping queries
	RoleBank     Role = "bank"     // bank ingest jobs
	RoleOperator Role = "operator" // administration
)

// Token is one login. Only the hash of the secret is kept.
type Token struct {
	Name    string   // user name of HTTP Basic
	Role    Role     // which endpoints it opens
	Account string   // the one account it opens; "" for all
	Hash    [32]byte // SHA-256 of the secret; secrets are random, so no salt and no slow hash
}

// Config is what the door needs to know. The zero value of every field works.
type Config struct {
	// BaseURL is the public address of the gateway with a trailing slash. When
	// it is empty, addresses in answers are made from the Host header.
	BaseURL string

	// Version is the build's own version, shown in /config as "implementation".
	Version string

	// Tokens are the logins. Without tokens nobody but wallets is served.
	Tokens []Token

	// OwnIBANs lists, by account name, every IBAN on which money for this
	// account arrives: that of its payto and, on Swiss QR accounts, the
	// QR-IBAN. Entries of bank files for other IBANs are ignored and told so.
	// Without a list every entry counts.
	OwnIBANs map[string][]string

	// Banks says, by account name, how the account's bank reads and writes its
	// files.
	Banks map[string]Bank

	// TestEndpoints opens the calls under /admin/add-*, which invent money.
	TestEndpoints bool

	// Split keeps the endpoints of exchange, bank, operator and metrics off the
	// listener of Serve; only ServeInternal has them then.
	Split bool

	// BankBodyLimit is the size in bytes, after decompression, that a bank
	// job may post at once. Default 16 MiB.
	BankBodyLimit int64

	// BankUploads is the number of bank uploads worked on at once, each of
	// which may take BankBodyLimit of memory. Default 4.
	BankUploads int

	// SpoolDir takes bank files above 1 MiB while they are read; they are
	// deleted at once. Default: the system's directory for temporary files.
	SpoolDir string

	// LongPollLimit is the longest time a request may wait for news, whatever
	// it asks for. Default one minute.
	LongPollLimit time.Duration

	// LongPolls is the number of requests that may wait on one account at
	// the same time. A client that went away cannot be noticed before its poll
	// ends, so this number bounds what such clients cost: 32 KiB each. Default 16384.
	LongPolls int

	// RequestLimit is the time after which an ordinary request is given up.
	// Default 30 s.
	RequestLimit time.Duration

	// RoomLimit is what the rooms may take to answer an ordinary request, of
	// RequestLimit. A database that is cut off says nothing at all: after this
	// the client is told so. Default 15 s.
	RoomLimit time.Duration

	// UploadLimit is RequestLimit for bank uploads, reading included. Default 10 minutes.
	UploadLimit time.Duration

	// IdleTimeout is how long a quiet keep-alive connection stays. Default 2 minutes.
	IdleTimeout time.Duration

	// Ready tells whether requests can be served now; /readyz asks it. Nil: always.
	Ready func(context.Context) error

	// Unavailable tells errors of a store that is away for the moment from
	// errors that stay. They answer 503, and the client may repeat the request.
	// Nil: there are none.
	Unavailable func(error) bool

	// Log takes one line per request and every unexpected error. Nil: slog.Default().
	Log *slog.Logger

	// Metrics is where the door's metrics are registered and what /metrics
	// shows. Nil: a registry of its own.
	Metrics *prometheus.Registry

	// Now is the clock that measures how long requests take. Nil: time.Now.
	Now func() time.Time
}

// filled returns c with its defaults in place.
func (c Config) filled() Config {
	preset(&c.BankBodyLimit, 16<<20)
	preset(&c.BankUploads, 4)
	preset(&c.LongPollLimit, time.Minute)
	preset(&c.LongPolls, 16<<10)
	preset(&c.RequestLimit, 30*time.Second)
	preset(&c.RoomLimit, 15*time.Second)
	preset(&c.UploadLimit, 10*time.Minute)
	preset(&c.IdleTimeout, 2*time.Minute)
	if c.Ready == nil {
		c.Ready = func(context.Context) error { return nil }
	}
	if c.Unavailable == nil {
		c.Unavailable = func(error) bool { return false }
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// preset sets a number that was not set.
func preset[T int | int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}
