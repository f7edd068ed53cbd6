package config

import (
	"log/slog"
	"time"
)

// Config is the whole configuration of a gateway. Its fields are the keys of
// the top level, and the tables under it.
type Config struct {
	// Listen (`listen`) is where the gateway accepts HTTP: host:port, or
	// unix: and the absolute path of a socket. An empty host means every
	// address of the machine. Default "127.0.0.1:8080", which only a reverse
	// proxy on the same machine reaches; TLS is the proxy's business.
	Listen string

	// InternalListen (`internal_listen`), when set, moves everything that
	// needs a login, and the metrics, to a second listener of the same form,
	// so that the outside does not even reach it. Default "": one listener
	// for all.
	InternalListen string

	// BaseURL (`base_url`) is the URL under which wallets reach this gateway,
	// as they see it through the proxy. It is kept with a slash at its end.
	// Default "": answers name no absolute URL.
	BaseURL string

	// DataDir (`data_dir`) is the folder for what the gateway keeps on this
	// machine; with an empty database.url that is a whole PostgreSQL cluster,
	// so back it up. Default "data".
	DataDir string

	// LogLevel (`log_level`) is "debug", "info", "warn" or "error". Subjects,
	// account numbers and keys appear at debug only. Default "info".
	LogLevel slog.Level

	// LegacySubjects (`legacy_subjects`) credits transfers whose text is a
	// bare reserve key, or KYC and an account key, as wallets sent them before
	// there were short subjects. Accounts may say otherwise. Default true.
	LegacySubjects bool

	// TestEndpoints (`test_endpoints`) opens the calls under /admin/add-*,
	// with which money is invented, for tests of exchanges. Default false.
	TestEndpoints bool

	// BankBodyLimit (`bank_body_limit`) is the largest statement that a bank
	// job may post, in bytes after inflation. Default "16MiB".
	BankBodyLimit int64

	// LongPollLimit (`long_poll_limit`) is the longest time that a call may
	// wait for news, whatever its timeout_ms asks for. Default "60s", at most
	// one hour; proxies in front must wait longer than this.
	LongPollLimit time.Duration

	// OutgoingLease (`outgoing_lease`) is how long a payment that was handed
	// to one bank job is hidden from the others. Give a job time to reach the
	// bank and to report: a job that died holds its payments up this long.
	// Default "5m", at most a day.
	OutgoingLease time.Duration

	// Retention (`retention`) is how long the gateway keeps what decides nothing
	// any more: the texts of transfers that are finished, registrations that
	// ended and whose subject nobody will get, mappings of keys without a
	// registration. Transfers, their hashes and the history stay for ever.
	// Default "730d" (two years), never below "90d"; "0s" keeps everything.
	Retention time.Duration

	// MinimumRegistrationLifetime (`minimum_registration_lifetime`) is a guard
	// against a slip of the pen in registration_lifetime: payers keep subjects
	// in standing orders, and a subject that ends too early bounces their
	// money. Default "24h".
	MinimumRegistrationLifetime time.Duration

	// Database is the table [database].
	Database Database

	// ProofOfWork is the table [proof_of_work]: what holds for every account that
	// has no table [account.proof_of_work] of its own.
	ProofOfWork ProofOfWork

	// Verifiers (`proof_of_work.verifiers`) is how many proofs are evaluated at
	// once, each of which takes a processor and its memory. Default 0: half of
	// the processors, at least one.
	Verifiers int

	// VerifierQueue (`proof_of_work.verifier_queue`) is how many proofs may wait
	// for their turn; those beyond are refused with 503. Default 16.
	VerifierQueue int

	// Accounts are the tables [[account]], at least one.
	Accounts []Account

	// Tokens are the tables [[token]].
	Tokens []Token

	origin *origin // for messages; nil when the configuration was not read from a file
}

// Database says where the data is.
type Database struct {
	// URL (`url`) is a PostgreSQL connection string, such as
	// "postgres://shortwire@db.example/shortwire?sslmode=verify-full".
	// PostgreSQL 15 or newer; several gateways may share one database.
	// Default "": the gateway runs a private cluster under data_dir.
	//
	// `url_file` names a file that holds the connection string, for those who
	// keep the password out of the configuration. It must not be readable by
	// everybody.
	URL string

	// MaxConnections (`max_connections`) bounds the connection pool. Default
	// 0: the gateway chooses.
	MaxConnections int

	// StatementCache (`statement_cache`) is how statements are prepared:
	// "cache_statement" (fastest), "cache_describe", or "exec". Behind a
	// pooler that loses prepared statements choose "exec". That alone does
	// not make a pgbouncer that pools by transaction fit: the gateway also
	// listens for notifications and sets session parameters, so it needs
	// pooling by session, or a direct connection. Default "cache_statement".
	StatementCache string
}
