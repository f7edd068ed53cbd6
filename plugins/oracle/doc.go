// Package oracle compares the arithmetic of the wire methods with programs that
// other people wrote: python-stdnum, and swissqrbill and ibantools on Node.
//
// It holds tests only, behind the build tag oracles, since they need those
// programs. `make test-oracles` installs them and runs the tests.
package oracle
