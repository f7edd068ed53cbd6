// Command shortwire is the whole gateway in one binary: the server, the verbs
// of its operator, and client verbs for wallets, bank jobs and exchanges.
//
// It is the only place that sees every room of the house. serve.go builds them
// from the bottom up and tears them down in reverse; each other file is one
// group of verbs. The client verbs go through the public HTTP interface and
// nothing else, and `shortwire demo` plays its story with them.
//
// Exit codes: 0 fine, 1 something went wrong while running, 2 the command line
// or the configuration is wrong. Answers go to standard output, errors and logs
// to standard error.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the system's own handling is back, so that a
	// second one ends the process at once.
	context.AfterFunc(ctx, stop)
	spareCollections()
	os.Exit(run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr))
}

// spareCollections lets garbage grow to four times what is in use, unless GOGC
// says otherwise. What the gateway keeps is a few megabytes, so the default of
// once as much would collect hundreds of times a second under load, for five
// per cent of the throughput. The memory limit has the last word.
func spareCollections() {
	if _, set := os.LookupEnv("GOGC"); set {
		return
	}
	debug.SetGCPercent(400)
	if _, set := os.LookupEnv("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(1 << 30)
	}
}
