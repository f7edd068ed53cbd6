// Package talertest holds what GNU Taler's programs expect of a wire adapter, as
// tests that speak HTTP and know nothing else. `go test` builds the binary and
// runs them against it; with these variables they run against another adapter:
//
//	TALER_WIRE_GATEWAY       base URL, ends in a slash
//	TALER_REVENUE            base URL; empty: not tested
//	TALER_PREPARED_TRANSFER  base URL; empty: not tested
//	TALER_AUTHORIZATION      what opens the first two, such as "Bearer secret"
//	TALER_CREDIT_ACCOUNT     full payto of the account
//	TALER_DEBIT_ACCOUNT      full payto of somebody who pays
//
// The adapter must serve the calls under /admin/add-*, and must pay nobody: the
// tests order transfers to TALER_DEBIT_ACCOUNT. What needs a bank that reports
// transfers, or confirms them, is tested with the binary only.
package talertest
