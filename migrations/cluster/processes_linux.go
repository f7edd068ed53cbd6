package cluster

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// processesIn returns the server processes that work in a data directory. Each
// of them has it as working directory, so this finds servers without a
// postmaster.pid and backends whose server was killed, and is not fooled by a
// process number that was given to somebody else meanwhile.
func processesIn(data string) []int {
	processes, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well-formed
	var pids []int
	for _, p := range processes {
		if cwd, err := os.Readlink(filepath.Join(p, "cwd")); err != nil || cwd != data {
			continue
		}
		// After an upgrade of the package: "postgres (deleted)".
		exe, err := os.Readlink(filepath.Join(p, "exe"))
		if err != nil || !strings.HasPrefix(filepath.Base(exe), "postgres") {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(p)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// traceOf tells one process from every other: its command line, which a server
// never changes. It is "" when the process is not there, and also when it has
// ended and nobody fetched its exit code: in a container the first process
// often does not care for orphans such as the server.
func traceOf(pid int) string {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return ""
	}
	return string(text)
}
