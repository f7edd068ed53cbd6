// Package camt reads ISO 20022 bank-to-customer messages as a stream and tells
// what each reported transaction means: a credit to be decided, an exception
// for an operator, or something to ignore.
//
// It promises three things. Nothing is guessed where money could be doubled or
// lost: a file that is damaged, truncated, of another type or without
// references is refused as a whole, with the line and the reason, and the
// caller who runs Validate before Read has stored nothing by then. Nothing
// hostile is expensive: one transaction is held at a time, texts, tokens and
// nesting are bounded, document type declarations are refused, no external
// text is ever fetched. And the same file gives the same entries with the same
// references every time, so a file that is posted again is a replay (T1).
//
// Accepted are camt.052, .053 and .054 in version .04 and .08 (Swiss Payment
// Standards 2009 and 2019 as banks call them). Banks mix the two dialects, so the
// forms of both are read in both. Every other message is refused with a sentence
// that says what to post instead; a further one is a row of the table in
// messages.go. Credits are read from the kinds of messages that Options lists,
// camt.054 alone by default; debits, which confirm payments of ours, from all of
// them by ReadDebits. What is particular about a bank is read only by its name
// (Quirks).
//
// # Which reference identifies a payment
//
// The first that is present and not NOTPROVIDED, per transaction (TxDtls):
//
//  1. Refs/AcctSvcrRef, the reference that the account-keeping bank gave
//  2. Refs/UETR
//  3. Refs/TxId
//  4. NtryRef, booking date and Refs/Prtry/Ref, joined by "/"
//  5. the entry's AcctSvcrRef, when the entry holds a single transaction
//  6. the entry's AcctSvcrRef, "/" and the position inside the entry
//
// A transaction without any makes the file unusable: it could not be told from
// its replay. Two rules keep different payments apart. First, some banks copy
// the entry's AcctSvcrRef into every transaction of a batch; in an entry with
// several transactions that is no reference of a transaction and the next rule
// applies. Secondly, when two transactions of one entry come out with the same
// reference, the later one gets "/" and its position appended and becomes an
// exception: two payments of the same payer would otherwise collapse into one
// and a line that the bank printed twice would be paid twice, and only a
// person can tell which it is. The same reference in another entry or another
// file is what T1 calls a replay: real files repeat whole entries.
//
// Which entries of different kinds of messages are one payment is not decided
// here: Entry.IDs has every name that the banks gave it.
package camt
