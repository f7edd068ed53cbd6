//go:build race

package camt_test

// many is what TestMemory reads as one entry; the race detector makes the XML
// decoder ten times slower.
const many = 10_000
