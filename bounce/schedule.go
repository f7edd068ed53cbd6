package bounce

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// Job is something that every replica does at times.
type Job struct {
	Name    string
	Spec    string // five-field cron expression or "@every 30s"; always UTC
	Timeout time.Duration
	Run     func(ctx context.Context) error
}

// ParseSchedule checks a cron expression. The parser of robfig/cron 3.0.1
// panics on a time zone prefix that names nothing ("TZ=0"), and zones bring
// daylight saving, which skips and doubles runs: both are refused.
func ParseSchedule(spec string) (cron.Schedule, error) {
	if strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ=") {
		return nil, fmt.Errorf("schedule %q: leave the time zone out, schedules are in UTC", spec)
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w", spec, err)
	}
	return schedule, nil
}

// Schedule runs jobs until Stop. Each job runs at most once at a time in this
// process; a panic ends one run, not the job.
type Schedule struct {
	cron   *cron.Cron
	cancel context.CancelFunc

	mu   sync.Mutex
	last map[string]time.Time // end of the last run that did its work, by job
}

// StartSchedule parses and starts the jobs.
func StartSchedule(ctx context.Context, log *slog.Logger, jobs ...Job) (*Schedule, error) {
	ctx, cancel := context.WithCancel(ctx)
	logger := cronLog{log}
	// The order matters: with Recover outside, one panic would leave
	// SkipIfStillRunning locked and the job would never run again.
	c := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(logger),
		cron.WithChain(cron.SkipIfStillRunning(logger), cron.Recover(logger)))
	s := &Schedule{cron: c, cancel: cancel, last: map[string]time.Time{}}
	for _, job := range jobs {
		schedule, err := ParseSchedule(job.Spec)
		if err != nil {
			cancel()
			return nil, fmt.Errorf("job %s: %w", job.Name, err)
		}
		c.Schedule(schedule, cron.FuncJob(func() { s.run(ctx, log, job) }))
	}
	c.Start()
	return s, nil
}

// run does a job once. One that was not done by its time goes on at the next run,
// but the operator is told: where that happens every time, work piles up.
func (s *Schedule) run(ctx context.Context, log *slog.Logger, job Job) {
	inTime, cancel := context.WithTimeout(ctx, job.Timeout)
	defer cancel()
	start := time.Now()
	switch err := job.Run(inTime); {
	case err == nil:
		log.Debug("job done", "job", job.Name, "duration", time.Since(start))
		s.succeeded(job.Name)
	case ctx.Err() != nil: // Stop
	case inTime.Err() != nil:
		log.Warn("job was not done in time, next run goes on", "job", job.Name, "time", job.Timeout)
	default:
		log.Warn("job failed, next run tries again", "job", job.Name, "error", err)
	}
}

func (s *Schedule) succeeded(job string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last[job] = time.Now()
}

// LastSuccess tells when each job last did its work, without those that never did.
func (s *Schedule) LastSuccess() map[string]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.last)
}

// Stop cancels running jobs and waits for them, at most until ctx ends.
func (s *Schedule) Stop(ctx context.Context) {
	s.cancel()
	select {
	case <-s.cron.Stop().Done():
	case <-ctx.Done():
	}
}

// cronLog adapts slog to cron's logger.
type cronLog struct{ log *slog.Logger }

func (l cronLog) Info(msg string, keysAndValues ...any) { l.log.Debug("cron: "+msg, keysAndValues...) }

func (l cronLog) Error(err error, msg string, keysAndValues ...any) {
	l.log.Error("cron: "+msg, append(keysAndValues, "error", err)...)
}
