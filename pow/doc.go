// Package pow is the proof of work that a wallet pays with for a short subject,
// and the law that sets its price. It keeps nothing and reaches no store, and
// whoever verifies or prices hands in the time, so that servers and clients run
// the same code and any replica judges a proof alike, before and after any
// restart.
//
// # The proof
//
// The price of a proof is its difficulty D: the number of Argon2id evaluations
// that finding it takes on average. It is linear, and every D from 1 up means
// something. A proof consists of k sub-proofs, each of which takes D/k
// evaluations on average: eight small ones vary far less than one large one
// (the slowest twentieth of all solves takes 1.6 times the mean, not 3 times),
// and what was found can be kept when a solver is interrupted.
//
//	C      = BLAKE2b-256(what the proof is bound to)                  Challenge
//	tag_i  = Argon2id(C || nonce_i)                                   the work
//	valid  : top64(BLAKE2b-256(C || nonce_i || tag_i)) * ceil(D/k) < 2^64
//	seal   : BLAKE2b-256(BLAKE2b-256("seal" || C || nonces and tags) || s)
//	         begins with so and so many zero bits
//
// The tags travel with the proof, so that whether a nonce is good enough can be
// seen before Argon2id is run. A liar can invent tags that pass this; the seal
// makes each such lie cost him as much as some hundred evaluations cost the
// verifier, who is not fooled for longer than one.
//
// What a proof is bound to (realm, key, epoch, difficulty) stands in C, so a
// proof is worth nothing for another key, account, service, day or price. The
// seal's strength is not in C: a server may ask for a stronger one at any time,
// and the work stays valid.
//
// # The law
//
// Law prices the occupancy that a space is heading for: see there.
//
// # Compatibility
//
// The layout of C, of the sub-proofs and of the encoded proof is fixed; the
// vector of testdata/vectors.json is checked by two implementations. Another
// layout would be another value of Label.
package pow
