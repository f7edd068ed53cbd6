// Package bankfile holds what the readers of bank files have in common: what
// an entry may mean, and, for those beside camt, the entry itself, the reasons for
// refusing a whole file, and reading with bounded memory.
//
// The readers (nzcsv, mt940, bgmax) promise what package camt promises.
// Nothing is guessed: a file that is damaged, of another form or of another
// account's is refused as a whole, with the line and the reason. Nothing hostile
// is expensive: a record has a greatest length and is held alone. And the same
// payment has the same reference in every file that tells of it, while two
// payments never share one (T1).
package bankfile
