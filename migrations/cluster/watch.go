package cluster

import (
	"fmt"
	"time"
)

// glance is how often the server is looked at.
const glance = 500 * time.Millisecond

// Exited is closed when the server has ended although nobody called Stop: it was
// killed, shut down by somebody else, or could not go on, for instance on a full
// disk. That is seen within a second. A server that restarts its own backends
// after a crash has not ended.
//
// The cluster is of no use any more then; Stop frees the directory, and the next
// Start recovers what was committed.
func (c *Cluster) Exited() <-chan struct{} { return c.exited }

// watch begins to look after the server that was just started. A process is
// looked at instead of connected to, since a server that is busy, or has no
// connection to spare, has not ended. It cannot be waited for: PostgreSQL
// detaches from the process that starts it.
func (c *Cluster) watch() error {
	pid, err := readPidFile(c.data())
	if err != nil {
		return fmt.Errorf("which process the server is: %w", err)
	}
	c.exited, c.stopping = make(chan struct{}), make(chan struct{})
	started := traceOf(pid.process)
	go func() {
		ticks := time.NewTicker(glance)
		defer ticks.Stop()
		for traceOf(pid.process) == started {
			select {
			case <-c.stopping:
				return
			case <-ticks.C:
			}
		}
		select {
		case <-c.stopping: // it was Stop
		default:
			close(c.exited)
		}
	}()
	return nil
}
