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
