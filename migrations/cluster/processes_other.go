//go:build unix && !linux

package cluster

import "syscall"

// processesIn returns the server that postmaster.pid names, if it is alive.
func processesIn(data string) []int {
	pid, err := readPidFile(data)
	if err != nil || syscall.Kill(pid.process, 0) != nil {
		return nil
	}
	return []int{pid.process}
}

// traceOf is "" when the process is not there.
func traceOf(pid int) string {
	if syscall.Kill(pid, 0) == syscall.ESRCH {
		return ""
	}
	return "alive"
}
