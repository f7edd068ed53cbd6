// Package gateway is the door of the house: everything that comes in or goes
// out by HTTP passes here and nowhere else.
//
// It keeps routes, shapes, logins, limits, long polls and the words for errors.
// It decides nothing about money or keys; it reads a request into the types of
// the rooms behind it, asks them, and writes down what they say. No SQL, no
// wire format and no schedule lives here.
//
// # Promises
//
//   - A request is refused from cheap to dear: form, login, account, size,
//     content. Bodies are not read before the login is checked, never beyond
//     the limit of their route, and count after decompression.
//   - Every error is one object {code, error, hint, detail}, from one table
//     (problem.go). Nothing that this package did not word itself reaches a
//     client, and an error that nobody expected tells nothing but a request id.
//   - Of an upload that is damaged as a whole nothing is stored; one bad item
//     in a good upload spoils no other.
//   - What is written to the log at level info and above holds no subject,
//     account number, key or token; metrics are labelled by route pattern.
//   - Shutdown answers waiting requests at once and lets running ones finish.
//
// # The way of a request
//
// enter (door.go) counts, names, checks and records every request and hands it
// to fiber; fiber finds the row in the table of routes.go; serve checks the
// login and sets the deadline; the handler in the file of its subject reads
// (request.go, json.go, body.go), asks a room (rooms.go) and answers
// (answer.go). Errors return the same way and become answers in fail
// (problem.go).
//
// # Using it
//
// New takes a Config and the two rooms; Serve takes a listener. With
// Config.Split a second listener, given to ServeInternal, has the routes of
// exchange, bank and operator, and the first one only those for everybody.
package gateway
