// Package model compares the inner rooms with the rules written down a second
// time: a state machine drives a house on real PostgreSQL and an in-memory model
// side by side, with a clock that both share, and looks for the first answer in
// which they differ. Tests only.
//
// The model (rules_test.go) knows no SQL, no locks, no batches and no sweeper:
// only what the design says of registrations, mappings and transfers. `make
// model` runs it for long.
package model
