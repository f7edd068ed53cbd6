// Package mt940 reads SWIFT customer statements (MT940), with or without the
// envelope of the SWIFT network around them.
//
// It promises what package bankfile promises. A file may hold several
// statements, and a statement several pages (:60M: to :62M:). Of each, opening
// balance and entries must give the closing balance, in one currency; a file
// that was cut or edited does not add up and is refused. Statements of another
// account are told apart by :25:.
//
// # Which reference identifies a payment
//
// The reference of the bank: what stands in :61: behind "//". SWIFT calls it the
// account servicing institution's reference. An entry without one, or with
// NONREF, makes the file unusable, since it could not be told from its replay.
// Where two entries of one statement have the same one, the later gets "/" and
// its number and becomes an exception: two payments, or one that the bank
// printed twice, only a person can tell. The same reference in another statement
// is what T1 calls a replay.
//
// For banks that give no reference of their own there is a quirk that the
// operator must name (ByPosition): the date of the opening balance, the number
// of statement and page (:28C:), and the place of the entry in it, such as
// "2026-11-22/17/1/3". It asks of the bank that a statement, once made, is
// delivered again as it was or not at all; so a statement without a number,
// which banks write for entries on demand, is refused.
//
// # What the details say
//
// In :86: the form of German banks is understood: a code of three digits and
// fields that begin with "?". The purpose is in ?20 to ?29 and ?60 to ?63, with
// the marks of SEPA (EREF+, SVWZ+ and others) at the beginning of a field; the
// payer is in ?31 (IBAN), ?32 and ?33. A payer may write "?31" into
// his purpose as well: fields that do not stand in order name no payer. Any
// other text of :86: is free text as it stands, and names no payer either.
package mt940
