//go:build !race

package camt_test

// many is what TestMemory reads as one entry.
const many = 100_000
