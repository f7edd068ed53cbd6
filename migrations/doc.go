// Package migrations keeps the schema: numbered SQL files, forward only,
// embedded in the binary.
//
// It promises that Up may be called by any number of replicas at once (an
// advisory lock of the database serialises them, and nobody takes it when
// there is nothing to do), that Check changes nothing, and that a file which
// was released is never edited: what is wrong is mended by the next number.
//
// The schema outlives the code, so this package imports no other room.
// The history of what was applied is in the table goose_db_version, so that
// the goose command line tool works on it as well.
package migrations
