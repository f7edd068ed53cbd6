package gateway

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestErrorsPage holds docs/errors.md against the table: one row for each
// error, with its status, code, symbol and hint, and none that does not exist.
func TestErrorsPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{} // hint by "status code symbol"
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.ReplaceAll(line, "`", ""), "|")
		if len(cells) != 7 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if _, err := strconv.Atoi(cells[1]); err != nil {
			continue // heading
		}
		id := strings.Join(cells[1:4], " ")
		if _, twice := rows[id]; twice {
			t.Errorf("docs/errors.md: %s stands there twice", id)
		}
		rows[id] = cells[5]
	}
	check := func(p problem) {
		id := strings.Join([]string{strconv.Itoa(p.status), strconv.Itoa(int(p.code)), p.name()}, " ")
		if hint, found := rows[id]; !found || hint != p.hint {
			t.Errorf("docs/errors.md: %s: hint %q, want %q", id, hint, p.hint)
		}
		delete(rows, id)
	}
	check(unexpected)
	for _, row := range problems {
		check(row.problem)
	}
	for id := range rows {
		t.Errorf("docs/errors.md: there is no error %s", id)
	}
}
