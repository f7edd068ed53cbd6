// Package subjects is the registry: it knows which short subject belongs to
// which authorization key, and what the next transfer of that key is to become.
//
// Life of a registration:
//
//	          Register                    expiration              quarantine
//	(none) ------------> live ----------------------> expired ----------------> recyclable
//	                      ^  \__ extended by credits     |                          |
//	                      |                              | Register, same key       | Register,
//	                      +------------------------------+ (same subject again)     | another key
//	                                                                                v
//	                                                                     live under the other key
//
// Unregister ends a life before its expiration, by setting that to the life's
// beginning: the registration is expired then like any other, and its
// quarantine counts from the day of the end.
//
// No job moves a row from live to expired or recyclable: both are read off the
// clock of the database by whoever looks (C1), so a sweeper that never runs
// changes no answer. What such a job may do is remove rows that nobody will look
// at again (Forget).
//
// What the package promises (numbers as in the design):
//   - a live key gets the same subject again, however many ask at once (S2);
//   - a slot is handed out in linear order, through a secret permutation (S4),
//     and comes back only after expiry and quarantine, oldest day first (S5);
//   - the cost of that does not depend on how full the space is (S6);
//   - a mapping is signed (M1), used at most once (M2) and ends with its
//     registration;
//   - an unregistration is signed, and ends no life that began after it.
//
// A subject has its price (S9), in the row pricing of its account: published by
// the law of package pow from what the database counts, after every batch of
// registrations and every few seconds, and read by the statement that stores a
// registration. On the way there a request passes admit, which looks at what
// costs least first: is the key live, is there a proof, does it fit, is it enough,
// has the key paid with it before, does Argon2id agree. Nothing is held meanwhile.
//
// Whoever touches anything that concerns a key locks its registrations row
// first, in the order of keys; transfers come after. Methods that store no
// registration (S8) get a row without subject at the first mapping or transfer
// of a key, as that lock.
package subjects
