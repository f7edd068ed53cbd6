// Package cluster runs a private PostgreSQL: what shortwire uses when no
// database is configured, and what its tests use. Unix only.
//
// It promises that
//
//   - what was committed is there again at the next Start from the same
//     directory, whatever killed the gateway or the server in between;
//   - nobody but the user who runs it (and root) can connect: local
//     connections are trusted, but the socket lies in a directory of mode 0700;
//     TCP is bound to 127.0.0.1 and asks for a random password;
//   - one directory has one user at a time (a file lock, freed by the kernel
//     when its holder dies);
//   - a directory is never initialised over existing data, and a server never
//     opens data of another major version.
//
// The directory holds
//
//	lock             held by the process that runs the cluster
//	data/            PostgreSQL's data directory; exists only when complete
//	data/password    of the role shortwire, for TCP
//	settings.conf    our settings, written at every start, included by data/postgresql.conf
//	socket/          the unix socket (in the temporary directory when the path is too long)
//	log/             one server log per weekday
//	postgresql-N/    server binaries, only when the machine has none
//
// # What the embedded-postgres library does, and what it does not
//
// It starts the server, waits until it answers, and downloads binaries where
// the machine has none. Four things it cannot do are done here.
//
// It talks to the server over TCP only, so TCP cannot be switched off. The port
// is a free one, chosen at each start.
//
// It initialises a data directory in place, and removes one whose version it
// does not like. So initdb runs here, under another name that is renamed when
// everything is ready: the library never sees a directory it would touch.
//
// It cannot drop privileges, and PostgreSQL refuses to run as root. When we are
// root, everything here runs on an operating system thread that has given up
// root (owner_linux.go): the library, initdb, and the server they start.
//
// It cannot find a server that outlived its gateway (PostgreSQL detaches from
// its parent, so it survives a SIGKILL of the gateway). Start stops such an
// orphan and starts anew; with durable settings nothing is lost. For the same
// reason nobody tells us when the server ends by itself: Exited looks (watch.go).
package cluster
