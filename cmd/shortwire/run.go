package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

// The exit codes.
const (
	exitOK      = 0
	exitRuntime = 1
	exitUsage   = 2
)

// verbs is the command line. The help of each verb and flag is its manual.
type verbs struct {
	Serve   serveVerb   `cmd:"" help:"Run the gateway."`
	Demo    demoVerb    `cmd:"" help:"Play the whole story on a private gateway: register, pay, hold, map, credit, bounce."`
	Doctor  doctorVerb  `cmd:"" help:"Say what is wrong with this installation and what to do."`
	Config  configVerbs `cmd:"" help:"Write, check and show the configuration."`
	Migrate migrateVerb `cmd:"" help:"Bring the database schema up to date, or show where it stands."`
	Sweep   sweepVerb   `cmd:"" help:"Bounce held transfers whose time is over and remove what is older than the retention, once. (serve does it by itself.)"`

	Wallet   walletVerbs   `cmd:"" help:"What a wallet does: keys, subjects, mappings."`
	Bank     bankVerbs     `cmd:"" help:"What a bank job does: post statements, fetch payments."`
	Exchange exchangeVerbs `cmd:"" help:"What an exchange does: read credits and mappings."`
	Admin    adminVerbs    `cmd:"" help:"What an operator does while the gateway runs."`
	Pow      powVerbs      `cmd:"" help:"Proof of work: measure this machine, solve for a key."`

	Version versionVerb `cmd:"" help:"Print the version."`
}

// session is one run of the binary: what a verb may know of the world.
type session struct {
	ctx      context.Context
	env      func(string) (string, bool)
	in       io.Reader
	out, err io.Writer
}

// usageError is an error of the command line or the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errReported ends a verb that has told already what is wrong.
var errReported = errors.New("reported")

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, env func(string) (string, bool), stdin io.Reader, stdout, stderr io.Writer) int {
	selected, code := parse(args, stdout, stderr)
	if selected == nil {
		return code
	}
	s := &session{ctx: ctx, env: env, in: stdin, out: stdout, err: stderr}
	return exitCode(selected.Run(s), stderr)
}

// parse reads the command line. When it returns nil, all is said and code is
// the exit code.
func parse(args []string, stdout, stderr io.Writer) (selected *kong.Context, code int) {
	helped := false
	parser, err := kong.New(&verbs{},
		kong.Name("shortwire"),
		kong.Description("A wire gateway that gives wallets short payment references and tells the exchange whose money arrived."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }), // kong calls it after printing help
		kong.ExplicitGroups([]kong.Group{{Key: "target", Title: "What the transfer is to become, exactly one of:"}}),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		fmt.Fprintf(stderr, "shortwire: %v\n", err)
		return nil, exitRuntime
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	selected, err = parser.Parse(args)
	switch {
	case helped:
		return nil, exitOK
	case err != nil:
		fmt.Fprintf(stderr, "shortwire: %v\nTry: shortwire --help\n", err)
		return nil, exitUsage
	}
	return selected, exitOK
}

// exitCode reports what a verb ended with.
func exitCode(err error, stderr io.Writer) int {
	var usage usageError
	var refused *client.Error
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errReported):
		return exitRuntime
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "shortwire: %v\n", err)
		return exitUsage
	case errors.As(err, &refused):
		fmt.Fprintf(stderr, "error %v\n", refused)
		return exitRuntime
	}
	fmt.Fprintf(stderr, "shortwire: %v\n", err)
	return exitRuntime
}
