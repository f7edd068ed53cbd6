// Package config reads the configuration of a gateway: one TOML file, the
// environment on top of it, and the files that hold secrets.
//
// The comments of Config, Database, Account, Token and ProofOfWork are the
// manual: every key of the file is explained there, with its unit and its
// default. `shortwire config init` writes a file to start from.
//
// # What it promises
//
// A key that is not known is an error that names file, line and the nearest
// known key, because a misspelt limit is a limit that does not hold. All
// problems of a file are reported together, each in one sentence that says
// what to do. Nothing is changed by reading: no folder is made, no network is
// touched. Secrets of tokens are kept as SHA-256 only, and no error and no
// dump shows a secret.
//
// # Where a value comes from
//
// The environment wins over the file, the file over the default. Every key of
// the top level, of [database] and of [proof_of_work] has a variable:
// SHORTWIRE_ and the path of the key in upper case with underscores, for
// example SHORTWIRE_LISTEN, SHORTWIRE_BANK_BODY_LIMIT, SHORTWIRE_DATABASE_URL
// and SHORTWIRE_PROOF_OF_WORK_ENABLED. A variable that is set to nothing counts
// as not set. Accounts and tokens have no variables.
//
// Relative paths in the file start at the folder of the file, relative paths
// in the environment at the working directory.
//
// # How values are written
//
// Durations are strings such as "90s", "24h", "1h30m" or "90d" (a day is 24
// hours). Sizes are strings such as "16MiB" (B, KiB, MiB, GiB). Amounts are
// strings in Taler's form, such as "CHF:0.05". Accounts are payto URIs
// (RFC 8905).
package config
