package gateway_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/gateway"
	"github.com/shortwire/shortwire/gateway/camt"
)

// day returns a file of the day that all three messages tell of.
func day(t *testing.T, p people, kind string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "files", "day_"+strings.TrimPrefix(kind, "camt.")+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(placeholder.ReplaceAllStringFunc(string(text), func(word string) string { return p.fill(t, word) }))
}

var everyMessage = map[string]gateway.Bank{"ch": {Camt: camt.Options{Credits: camt.Kinds(), Quirks: []string{camt.QuirkTotals}}}}

// The same day as camt.052, .053 and .054, in every order of arrival: each
// payment ends once, and everything again is a replay.
func TestT1_TheSameDayInThreeFiles(t *testing.T) {
	t.Parallel()
	var all [6]strings.Builder
	t.Run("orders", func(t *testing.T) {
		for i, order := range [][]string{
			{camt.Report, camt.Statement, camt.Notification}, {camt.Report, camt.Notification, camt.Statement},
			{camt.Statement, camt.Report, camt.Notification}, {camt.Statement, camt.Notification, camt.Report},
			{camt.Notification, camt.Report, camt.Statement}, {camt.Notification, camt.Statement, camt.Report},
		} {
			t.Run(strings.Join(order, " "), func(t *testing.T) {
				t.Parallel()
				h := bouncetest.New(t, bouncetest.CH())
				people := registerPeople(t, h, false)
				door := bankDoor(t, h, everyMessage)
				for _, kind := range order {
					fmt.Fprintf(&all[i], "# %s after %d\n%s", kind, h.Count(t, `SELECT count(*) FROM transfers`), post(t, door, "ch", day(t, people, kind)))
				}
				for _, kind := range order {
					for line := range strings.Lines(post(t, door, "ch", day(t, people, kind))) {
						if !strings.Contains(line, "(replay)") && !strings.Contains(line, ": ignored") {
							t.Errorf("%s again: %s", kind, line)
						}
					}
				}
				for state, want := range map[string]int{"credited": 3, "held": 2, "bounced": 1, "manual": 1} {
					if n := h.Count(t, `SELECT count(*) FROM transfers WHERE state = $1`, state); n != want {
						t.Errorf("%d transfers are %s, want %d", n, state, want)
					}
				}
			})
		}
	})
	var text strings.Builder
	for i := range all {
		text.WriteString(all[i].String() + "\n")
	}
	golden(t, "day.golden", text.String())
}

// An account takes what it lists, and says so about the rest; without the quirk
// a total is a credit like any other.
func TestCreditMessagesAreListed(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	people := registerPeople(t, h, false)
	strict := realDoor(t, h)
	statements := bankDoor(t, h, map[string]gateway.Bank{"ch": {Camt: camt.Options{Credits: []string{camt.Statement}}}})
	var all strings.Builder
	for _, kind := range camt.Kinds() {
		fmt.Fprintf(&all, "# %s, as it is by default\n%s", kind, post(t, strict, "ch", day(t, people, kind)))
	}
	if n := h.Count(t, `SELECT count(*) FROM sightings`); n != 0 {
		t.Errorf("an account with the usual messages has %d sightings", n)
	}
	for _, kind := range camt.Kinds() {
		fmt.Fprintf(&all, "# %s, when camt.053 alone is listed\n%s", kind, post(t, statements, "ch", day(t, people, kind)))
	}
	golden(t, "listed.golden", all.String())
}
