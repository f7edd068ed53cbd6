// Package bgmax reads the payments that Bankgirot in Sweden reports: files of
// records of 80 characters, which it calls BgMax (version 01).
//
// It promises what package bankfile promises. A file holds deposits, each
// between its opening record (05) and its closing one (15), and an end record
// (70). The closing record tells number and sum of the payments of its deposit,
// the end record the number of records of each kind; a file that does not hold
// what they tell is refused. Deposits to another bankgiro number are told apart,
// and so are files that Bankgirot marks as a test.
//
// # Which reference identifies a payment
//
// The serial number of 12 digits that Bankgirot gives each payment, behind the
// day of the deposit, since nothing says that the numbers never begin anew:
// "2026-11-22/490630174260". A payment without one makes the file unusable. Where
// two payments of one deposit have the same one, the later gets "/" and its
// number and becomes an exception.
//
// # What a payment says
//
// A reference that Bankgirot has checked (code 2) is a structured one. Any
// other stands in the field of the reference, and the references of extra
// records (22) and the messages (25) are free text. Bankgirot tells the payer's
// name and bankgiro number, but no account: money that is not ours to keep
// waits for a person.
package bgmax
