package config

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// origin knows where each value was written, so that a message can say it. A
// path is written like "listen", "database.url" or "account[1].hold_delay".
type origin struct {
	file      string
	lines     map[string]int    // path -> line in file, counted from 1
	variables map[string]string // path -> variable of the environment
}

var (
	headerLine = regexp.MustCompile(`^\s*\[\s*([A-Za-z0-9_.-]+)\s*\]`)
	arrayLine  = regexp.MustCompile(`^\s*\[\[\s*([A-Za-z0-9_.-]+)\s*\]\]`)
	keyLine    = regexp.MustCompile(`^\s*["']?([A-Za-z0-9_.-]+)["']?\s*=`)
)

// newOrigin finds the lines of all tables and keys. The TOML reader does not
// tell lines, and reading them off the text is exact for every file that is
// written one key a line; for others the line of the table is told.
func newOrigin(file, text string) *origin {
	o := &origin{file: file, lines: map[string]int{}, variables: map[string]string{}}
	counts := map[string]int{}
	table := ""
	n := 0
	for line := range strings.Lines(text) {
		n++
		if m := arrayLine.FindStringSubmatch(line); m != nil {
			table = m[1] + "[" + strconv.Itoa(counts[m[1]]) + "]"
			counts[m[1]]++
			o.note(table, n)
		} else if m := headerLine.FindStringSubmatch(line); m != nil {
			table = m[1]
			o.note(table, n)
		} else if m := keyLine.FindStringSubmatch(line); m != nil {
			o.note(join(table, m[1]), n)
		}
	}
	return o
}

// note keeps the first line only: a second one can but stand in a string of
// several lines, since TOML refuses a key that is given twice.
func (o *origin) note(path string, line int) {
	if _, known := o.lines[path]; !known {
		o.lines[path] = line
	}
}

// line returns the line of a path or else of the table that holds it, 0 when
// neither is known.
func (o *origin) line(path string) int {
	for path != "" {
		if n, known := o.lines[path]; known {
			return n
		}
		if n, known := o.lines[path+"[0]"]; known {
			return n
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 0
}

// place returns the beginning of a message about a path.
func (o *origin) place(path string) string {
	if o == nil {
		return ""
	}
	if v, found := o.variables[path]; found {
		return "environment variable " + v + ": "
	}
	if n := o.line(path); n > 0 {
		return fmt.Sprintf("%s:%d: ", o.file, n)
	}
	return o.file + ": "
}

// resolve makes a path name that the file gives relative start at the folder
// of the file.
func (o *origin) resolve(path, name string) string {
	if _, found := o.variables[path]; found || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(o.file), name)
}

func join(table, key string) string {
	if table == "" {
		return key
	}
	return table + "." + key
}
