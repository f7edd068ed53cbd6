//go:build oracles

package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/shortwire/shortwire/migrations/testdb"
)

// TestNodeRegisters lets the second solver, in JavaScript with libsodium, meet a
// running gateway: testdata/oracle/*.txtar.
func TestNodeRegisters(t *testing.T) {
	t.Parallel()
	solver, err := filepath.Abs(filepath.Join(root, "pow", "testdata", "solver", "solver.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/oracle",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			oracles := os.Getenv("SHORTWIRE_ORACLES")
			if oracles == "" {
				return errors.New("run `make test-oracles`, which installs the solver's libsodium and runs this test")
			}
			env.Setenv("SHORTWIRE_ORACLES", oracles)
			env.Setenv("SOLVER", solver)
			return setup(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"database": func(ts *testscript.TestScript, _ bool, args []string) { ts.Setenv(args[0], testdb.New(tb(ts))) },
			"ready":    ready,
		},
	})
}
