// Package client speaks the HTTP contract of a shortwire gateway as wallets,
// exchanges and bank jobs do. The verbs of the command line are made of it, and
// so is the demo, which therefore sees no more than any other program would.
//
// It knows the contract and the value types of Taler, and nothing of the rooms
// behind the door. It promises that
//
//   - what the gateway answered is kept word for word beside what was read of
//     it (Document), so that --json shows members this package does not know;
//   - an error answer is an *Error, everything else that goes wrong is not;
//   - no error text holds a token or a private key;
//   - a login never follows a redirect.
package client
