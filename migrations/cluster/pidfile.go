package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// pidFile is what a running server writes to data/postmaster.pid, one value a
// line (PostgreSQL's src/include/utils/pidfile.h).
type pidFile struct {
	process   int
	port      int
	socketDir string
	ready     bool
}

// Numbers of the lines, from 0.
const (
	pidLine    = 0
	portLine   = 3
	socketLine = 4
	statusLine = 7
)

func readPidFile(data string) (pidFile, error) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return pidFile{}, err
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) <= statusLine {
		return pidFile{}, errors.New("postmaster.pid is not complete")
	}
	process, err := strconv.Atoi(strings.TrimSpace(lines[pidLine]))
	if err != nil {
		return pidFile{}, err
	}
	port, err := strconv.Atoi(strings.TrimSpace(lines[portLine]))
	return pidFile{
		process:   process,
		port:      port,
		socketDir: lines[socketLine],
		ready:     strings.TrimSpace(lines[statusLine]) == "ready",
	}, err
}
