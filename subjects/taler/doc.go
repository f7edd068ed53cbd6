// Package taler keeps the value types of the GNU Taler protocol: keys and
// hashes in base32, amounts, payto URIs, timestamps and error codes.
//
// It promises three things. Parsing never panics, whatever the input, and
// costs time in proportion to its length. What was parsed prints to a text
// that parses to the same value. Values are plain: they can be copied,
// compared with == and used as map keys.
//
// Error texts say what to do and never repeat the input, because account
// numbers and keys must not reach a log by way of an error.
package taler
