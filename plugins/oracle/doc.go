// Package oracle compares the arithmetic of the wire methods with programs that
// other people wrote: python-stdnum, and on Node swissqrbill, ibantools and a
// package for each national form that has one. Where there is none, a script
// computes the rule from its description in another way.
//
// It holds tests only, behind the build tag oracles, since they need those
// programs. `make test-oracles` installs them and runs the tests.
package oracle
