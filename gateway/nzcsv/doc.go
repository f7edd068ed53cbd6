// Package nzcsv reads the account exports of New Zealand banks, CSV files of
// ANZ, BNZ, Kiwibank and ASB, each in its own dialect; and it writes direct
// credit files of BNZ.
//
// It promises what package bankfile promises. The header must be that of the
// dialect, word for word; dates and amounts are read in the one form in which
// the bank writes them. Entries of another account are told apart where the
// export says whose account it is (all but ANZ).
//
// # Which reference identifies a payment
//
// None of these exports has a reference that the bank promises to be unique.
// ASB's "Unique Id" is the date and a number within the day, and nothing says
// that the number stays when the export is made again with other limits; BNZ's
// serial and batch numbers are those of the payer's batch. So a reference is
// derived from the row itself: its date, a digest of all that the row tells of
// the payment (amount, payer's account, texts), and its number among the rows
// of the file that are equal in all this. It is "2026-11-22/DIGEST/1".
//
// This keeps T1 as long as every file holds whole days, which the operator
// promises (csv_whole_days), because the bank cannot:
//
//   - Two equal payments of one day are two rows, so they become number 1 and
//     number 2: neither is lost.
//   - A file with the same day again has the same two rows, in whatever order,
//     so they become number 1 and 2 again: neither is doubled. Equal rows may be
//     exchanged for each other, since what is stored of them is equal; only
//     their count matters, never their place.
//   - A day that is not over has fewer rows now than it will have. A later file
//     has these rows and more; the number of equal rows only grows, so the
//     numbers given before stay with what they were given to.
//
// A file that begins or ends within a day breaks it: of two equal payments, each
// exported alone, both would be number 1, and the second would pass for a
// replay of the first. The exports of all four banks are made from one date to
// another, so they hold whole days unless somebody edits them.
//
// An entry that is pending must not be exported: if the bank changes its texts
// when it books it, it is another payment.
//
// What a bank may change or fill in later is not part of the digest: balances,
// processing dates, batch numbers, the type of the transaction, the payer's
// name. Leaving such a column out is harmless: rows that differ only there
// count as equal and are told apart by their number.
//
// # How a payment of ours is found again
//
// No field of a direct credit has room for an end-to-end id, but the three
// fields of the payer together have: particulars, code and reference of 12
// characters each. They stand in the payer's own export, so a row whose three
// fields make up an end-to-end id of the gateway is that payment: a debit, when
// it was booked, or a credit, when it came back.
package nzcsv
