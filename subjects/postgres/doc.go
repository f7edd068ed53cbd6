// Package postgres is how the rooms reach their database: the pool with its
// settings, transactions with retry, the reading of errors, LISTEN, and the
// Combiner, which turns many callers into few statements. It knows no table.
//
// It promises that every wait has an end (connecting, a statement, a lock, an
// idle transaction, a free connection), that times are UTC, and that no error
// holds the password of the URL.
//
// Isolation is READ COMMITTED everywhere: the rooms lock rows, and branch on
// unique constraints by name (ConstraintName).
package postgres
