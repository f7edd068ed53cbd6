package gateway_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/gateway"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
)

// These tests post whole bank files to a real door in front of the real rooms
// and keep on file what every entry becomes.

const secret = "a secret for the bank job"

// realDoor opens a door to the rooms of h and returns its address.
func realDoor(t *testing.T, h *bouncetest.House) string {
	t.Helper()
	return bankDoor(t, h, nil)
}

// bankDoor is realDoor to accounts whose banks have ways of their own.
func bankDoor(t *testing.T, h *bouncetest.House, banks map[string]gateway.Bank) string {
	t.Helper()
	server := gateway.New(gateway.Config{
		Tokens: []gateway.Token{{Name: "bank", Role: gateway.RoleBank, Hash: sha256.Sum256([]byte(secret))}},
		Log:    slog.New(slog.DiscardHandler),
		Banks:  banks,
	}, h.Registry, h.Desk)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return "http://" + ln.Addr().String()
}

// post sends a camt file and returns the answer in lines of "reference: outcome".
func post(t *testing.T, door, account string, file []byte) string {
	t.Helper()
	return postAs(t, door, account, "application/xml", file)
}

func postAs(t *testing.T, door, account, kind string, file []byte) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, door+"/accounts/"+account+"/bank/incoming", bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Authorization", "Bearer "+secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return linesOf(t, response.StatusCode, text)
}

type ingestAnswer struct {
	Results []struct {
		BankRef string          `json:"bank_ref"`
		Outcome string          `json:"outcome"`
		Reason  string          `json:"reason"`
		RowID   int64           `json:"row_id"`
		Hold    json.RawMessage `json:"hold_until"`
		Replay  bool            `json:"replay"`
		Error   *refusal        `json:"error"`
	} `json:"results"`
	refusal
}

type refusal struct {
	Symbol string `json:"error"`
	Detail string `json:"detail"`
}

func linesOf(t *testing.T, status int, text []byte) string {
	t.Helper()
	var answer ingestAnswer
	if status != http.StatusOK {
		if err := json.Unmarshal(text, &answer.refusal); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		return fmt.Sprintf("refused %d %s: %s\n", status, answer.Symbol, answer.Detail)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var b strings.Builder
	for _, r := range answer.Results {
		fmt.Fprintf(&b, "%s: %s %s", r.BankRef, r.Outcome, r.Reason)
		if r.RowID != 0 {
			fmt.Fprintf(&b, "row %d", r.RowID)
		}
		if r.Hold != nil {
			b.WriteString("with a deadline")
		}
		if r.Replay {
			b.WriteString(" (replay)")
		}
		if r.Error != nil {
			b.WriteString(r.Error.Symbol)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "files", name)
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", name, diff)
	}
}

// Our own files: a story per version of the message, with every kind of
// reference and every way out, replayed at the end.
func TestBankFilesOfOurOwn(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"story_v08", "story_v04"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := bouncetest.New(t, bouncetest.CH())
			text, err := os.ReadFile(filepath.Join("testdata", "files", name+".xml"))
			if err != nil {
				t.Fatal(err)
			}
			people := registerPeople(t, h, name == "story_v04")
			file := []byte(placeholder.ReplaceAllStringFunc(string(text), func(p string) string { return people.fill(t, p) }))
			door := realDoor(t, h)
			first := post(t, door, "ch", file)
			golden(t, name+".golden", first)
			again := post(t, door, "ch", file)
			for line := range strings.Lines(again) {
				if !strings.Contains(line, "(replay)") && !strings.Contains(line, ": ignored") && !strings.Contains(line, ": error") {
					t.Errorf("posted again: %s", line)
				}
			}
			if n := h.Count(t, `SELECT count(*) FROM transfers`); n != strings.Count(first, "\n")-strings.Count(first, ": ignored")-strings.Count(first, ": error") {
				t.Errorf("%d transfers are stored", n)
			}
		})
	}
}

var placeholder = regexp.MustCompile(`@[A-Z]+ [a-z]+( \d+ \d+)?@`)

// people are the wallets of the story with what the payers were told to write.
type people struct {
	qrr, rf map[string]string
	account *subjects.Account
}

// registerPeople registers everybody; all but bob are mapped in the newer file,
// all but dora in the older one, and eve has expired.
func registerPeople(t *testing.T, h *bouncetest.House, older bool) people {
	t.Helper()
	p := people{qrr: map[string]string{}, rf: map[string]string{}, account: h.Account(t, "ch")}
	for _, name := range []string{"alice", "bob", "carol", "dora", "eve"} {
		w := bouncetest.NewWallet(name)
		g := h.Register(t, "ch", w)
		p.qrr[name], p.rf[name] = g.Subjects[0].QRReference, g.Subjects[1].Reference
		if (name == "bob" && !older) || (name == "dora" && older) {
			continue
		}
		h.Map(t, "ch", w, bouncetest.Reserve(name), time.Now())
		if name == "eve" {
			h.Age(t, w.Pub, 91*bouncetest.Day)
		}
	}
	return p
}

func (p people) fill(t *testing.T, text string) string {
	t.Helper()
	words := strings.Fields(strings.Trim(text, "@"))
	name := words[1]
	switch words[0] {
	case "QRR":
		if name == "nobody" {
			ref, err := p.account.Method.Encode(wire.Slot{Index: 123_456_789_012_345_678})
			if err != nil {
				t.Fatal(err)
			}
			return string(ref)
		}
		return p.qrr[name]
	case "DAY":
		return time.Now().UTC().Format(time.DateOnly)
	case "RF":
		return p.rf[name]
	case "STRIPPED":
		return strings.TrimLeft(p.qrr[name], "0")
	case "TYPO":
		digits := []byte(p.qrr[name])
		digits[20] = '0' + (digits[20]-'0'+1)%10
		return string(digits)
	case "KEY":
		key := bouncetest.Reserve(name).AccountPub.String()
		if len(words) == 4 {
			from, _ := strconv.Atoi(words[2])
			to, _ := strconv.Atoi(words[3])
			return key[from:to]
		}
		return key
	}
	t.Fatalf("placeholder %s", text)
	return ""
}

// samplesDir is where public bank files lie that are not ours to ship
// (docs/samples.md tells which); SHORTWIRE_SAMPLES names another place.
const samplesDir = "../../shared/samples"

// Every public sample goes in, to an account in its currency; what is not for us
// is refused or sent to the operator, and nothing of a refused file is stored.
func TestBankFilesOfOthers(t *testing.T) {
	t.Parallel()
	dir := samplesDir
	if named := os.Getenv("SHORTWIRE_SAMPLES"); named != "" {
		dir = named
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no bank samples in %s: set SHORTWIRE_SAMPLES to their folder to run this test", dir)
	}
	slices.Sort(files)
	h := bouncetest.New(t, bouncetest.CH())
	door := realDoor(t, h)
	var all strings.Builder
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		before := h.Count(t, `SELECT count(*) FROM transfers`)
		answer := post(t, door, "ch", text)
		if strings.HasPrefix(answer, "refused") && h.Count(t, `SELECT count(*) FROM transfers`) != before {
			t.Errorf("%s was refused, and something of it is stored", filepath.Base(path))
		}
		fmt.Fprintf(&all, "# %s/%s\n%s", filepath.Base(filepath.Dir(path)), filepath.Base(path), answer)
	}
	golden(t, "samples.golden", all.String())
}
