// Package bounce is the receiving desk: it decides what becomes of every
// transfer the bank reports, and keeps the money's trail.
//
// Life of an incoming transfer (T1):
//
//	reported --+--> credited            a mapping or a legacy key tells whose it is
//	           +--> held ---+--> credited   the mapping arrived in time (M4)
//	           |            +--> bounced    it did not (unmapped), or came to serve another one
//	           |                            (reused), or the owner gave up (unregistered)
//	           +--> bounced             no, unknown, expired, ambiguous or used-up subject
//	           +--> manual              cannot go back by wire; an operator decides
//
//	bounced ---> manual                 the bank refused to send it back
//	manual  --+--> credited, bounced    an operator decided
//	          +--> manual               written off: nobody is asked again
//
// What leaves as a payment and comes back is a new transfer, which is manual:
// the one that was sent back stays bounced, since its money went. Only held
// changes by itself. What a transfer becomes is decided by one pure function,
// Decide; everything else reads what it needs and stores what it said, in two
// round trips per batch. The one decision that SQL takes itself is the release
// of a held transfer by a mapping (release.go), because it has to happen inside
// the statement batch that stores the mapping; a test holds it against Decide.
// What can no longer be released (a one-shot subject is used up) has its deadline
// moved into the past, with the reason: from then on every reader tells it as
// bounced (C1), and the sweeper makes it so.
//
// What the package promises:
//   - the same bank reference again is a replay and changes nothing (T1);
//   - a bounce is written with the decision, under an id that follows from the
//     transfer (T5);
//   - the exchange's history gets its numbers after commit, in commit order, so
//     that a reader that asks for "after my last id" never misses a row; what
//     was acknowledged is in the next answer (T6);
//   - a crash at any instant leaves each transfer in exactly one state (T7).
package bounce
