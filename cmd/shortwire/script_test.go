package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/shortwire/shortwire/migrations/testdb"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"shortwire": main})
}

// patience is how long a gateway may take on a busy machine.
const patience = 30 * time.Second

// TestScript runs testdata/script/*.txtar: the binary as a user meets it. The
// commands beyond those of testscript are:
//
//	exits N shortwire args...   the exit code is N; stdout and stderr as after exec
//	database VAR                VAR is the URL of a fresh database with the schema
//	emptydatabase VAR           the same without any table
//	ready VAR FILE              waits for the ready file, VAR becomes the URL in it, VAR_ADDRESS its host:port
//	occupy VAR                  VAR is the host:port of a program that is no shortwire
//	stall                       begins an upload at $SHORTWIRE_URL as $BANK and never ends it
//	refused                     waits until $SHORTWIRE_URL lets nobody in any more
//	metric NAME VALUE           waits until a metric of $SHORTWIRE_URL has this value
//	killdatabase DIR            SIGKILL for the PostgreSQL that runs from DIR
//	terminate VERB              SIGTERM for the shortwire in the background that runs VERB
//	jsonvar VAR PATH            VAR becomes a member of the JSON in stdout, such as subjects.0.type
//	textvar VAR FILE            VAR becomes the text of a file
//	found FILE                  waits until a search keeps something in its file
//	interrupt VERB              SIGINT for the shortwire in the background that runs VERB
//	damage FILE                 changes the solution in the file of a proof of work
//	fill FILE                   puts environment variables into a file
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":         exits,
			"database":      func(ts *testscript.TestScript, _ bool, args []string) { ts.Setenv(args[0], testdb.New(tb(ts))) },
			"emptydatabase": func(ts *testscript.TestScript, _ bool, args []string) { ts.Setenv(args[0], testdb.Empty(tb(ts))) },
			"ready":         ready,
			"occupy":        occupy,
			"stall":         stall,
			"refused":       refused,
			"metric":        metric,
			"killdatabase":  killDatabase,
			"terminate":     func(ts *testscript.TestScript, _ bool, args []string) { sendSignal(ts, syscall.SIGTERM, args[0]) },
			"interrupt":     func(ts *testscript.TestScript, _ bool, args []string) { sendSignal(ts, syscall.SIGINT, args[0]) },
			"found":         found,
			"damage":        damage,
			"jsonvar":       jsonVar,
			"textvar": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
			},
			"fill": fill,
		},
	})
}

// tbKey finds the test among the values of a script.
type tbKey struct{}

func tb(ts *testscript.TestScript) testing.TB { return ts.Value(tbKey{}).(testing.TB) }

// setup lets the private database, which runs as another user when we are root,
// pass to its folder, and any free port be used.
func setup(env *testscript.Env) error {
	env.Values[tbKey{}] = env.T().(testing.TB)
	env.Setenv("SHORTWIRE_LISTEN", "127.0.0.1:0")
	env.Setenv("TMPDIR", os.TempDir()) // that of testscript is closed to the other user
	if bin, found := os.LookupEnv("SHORTWIRE_POSTGRES_BIN"); found {
		env.Setenv("SHORTWIRE_POSTGRES_BIN", bin)
	}
	if os.Geteuid() != 0 {
		return nil
	}
	return errors.Join(os.Chmod(filepath.Dir(env.WorkDir), 0o711), os.Chmod(env.WorkDir, 0o711))
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("the exit code is %d, not %d", got, want)
	}
}

func ready(ts *testscript.TestScript, _ bool, args []string) {
	eventually(ts, "a gateway is ready", func() bool {
		text, err := os.ReadFile(ts.MkAbs(args[1]))
		address := strings.TrimSpace(string(text))
		ts.Setenv(args[0], address)
		ts.Setenv(args[0]+"_ADDRESS", strings.Trim(strings.TrimPrefix(address, "http://"), "/"))
		return err == nil
	})
}

func occupy(ts *testscript.TestScript, _ bool, args []string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	server := &http.Server{Handler: http.NotFoundHandler()}
	go server.Serve(ln) //nolint:errcheck // ends with Close
	ts.Defer(func() { _ = server.Close() })
	ts.Setenv(args[0], ln.Addr().String())
}

func stall(ts *testscript.TestScript, _ bool, _ []string) {
	conn, err := net.Dial("tcp", ts.Getenv("SHORTWIRE_URL_ADDRESS"))
	ts.Check(err)
	ts.Defer(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "POST /accounts/ch/bank/incoming HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n\r\n", ts.Getenv("BANK"))
	ts.Check(err)
	ts.Check(conn.SetReadDeadline(time.Now().Add(patience)))
	answer := make([]byte, len("HTTP/1.1 100"))
	_, err = io.ReadFull(conn, answer)
	ts.Check(err)
	if string(answer) != "HTTP/1.1 100" {
		ts.Fatalf("the upload was answered with %q before it was sent", answer)
	}
}

func refused(ts *testscript.TestScript, _ bool, _ []string) {
	eventually(ts, "the door is closed", func() bool {
		conn, err := net.Dial("tcp", ts.Getenv("SHORTWIRE_URL_ADDRESS"))
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
}

// metric waits until a line of /metrics says so: jobs have their own time.
func metric(ts *testscript.TestScript, _ bool, args []string) {
	eventually(ts, strings.Join(args, " is "), func() bool {
		response, err := http.Get(ts.Getenv("SHORTWIRE_URL") + "metrics")
		ts.Check(err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		ts.Check(err)
		return strings.Contains(string(text), "\n"+strings.Join(args, " ")+"\n")
	})
}

// eventually asks again and again: other processes cannot be waited for otherwise.
func eventually(ts *testscript.TestScript, what string, is func() bool) {
	for end := time.Now().Add(patience); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("it did not happen within %s that %s", patience, what)
		}
	}
}

func sendSignal(ts *testscript.TestScript, what os.Signal, verb string) {
	for _, cmd := range ts.BackgroundCmds() {
		if slices.Contains(cmd.Args, verb) {
			// One that has just ended by itself needs no signal any more.
			if err := cmd.Process.Signal(what); !errors.Is(err, os.ErrProcessDone) {
				ts.Check(err)
			}
			return
		}
	}
	ts.Fatalf("nothing in the background runs %s", verb)
}

func found(ts *testscript.TestScript, _ bool, args []string) {
	eventually(ts, "something was found", func() bool {
		text, _ := os.ReadFile(ts.MkAbs(args[0]))
		return strings.Contains(string(text), `"found":[`)
	})
}

func damage(ts *testscript.TestScript, _ bool, args []string) {
	text := []byte(ts.ReadFile(args[0]))
	i := strings.Index(string(text), `"solution":"`) + len(`"solution":"`)
	text[i] ^= 1 // from a letter or digit to another one, or to none
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

func killDatabase(ts *testscript.TestScript, _ bool, args []string) {
	number, _, _ := strings.Cut(ts.ReadFile(filepath.Join(args[0], "postmaster.pid")), "\n")
	pid, err := strconv.Atoi(number)
	ts.Check(err)
	ts.Check(syscall.Kill(pid, syscall.SIGKILL))
}

func jsonVar(ts *testscript.TestScript, _ bool, args []string) {
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &value))
	for name := range strings.SplitSeq(args[1], ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			i, err := strconv.Atoi(name)
			ts.Check(err)
			value = v[i]
		}
	}
	text, isText := value.(string)
	if !isText {
		raw, err := json.Marshal(value)
		ts.Check(err)
		text = string(raw)
	}
	ts.Setenv(args[0], text)
}

func fill(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}
