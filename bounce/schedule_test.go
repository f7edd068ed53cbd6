package bounce_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// A panic ends one run of a job, not the job; and a job that hangs is ended by
// its timeout and not started a second time meanwhile.
func TestC1_PanicDoesNotStopTheJob(t *testing.T) {
	t.Parallel()
	var panics, running, most atomic.Int32
	again, hung := make(chan struct{}, 100), make(chan struct{}, 100)
	schedule, err := bounce.StartSchedule(t.Context(), quiet(),
		bounce.Job{Name: "panics", Spec: "@every 1s", Timeout: time.Minute, Run: func(context.Context) error {
			if panics.Add(1) > 1 {
				again <- struct{}{}
			}
			panic("the job is on fire")
		}},
		bounce.Job{Name: "hangs", Spec: "@every 1s", Timeout: 1500 * time.Millisecond, Run: func(ctx context.Context) error {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			<-ctx.Done()
			hung <- struct{}{}
			return ctx.Err()
		}})
	if err != nil {
		t.Fatal(err)
	}
	for _, happened := range []chan struct{}{again, hung, hung} {
		select {
		case <-happened:
		case <-time.After(30 * time.Second):
			t.Fatal("a job stopped for good")
		}
	}
	schedule.Stop(t.Context())
	if last := schedule.LastSuccess(); len(last) != 0 {
		t.Errorf("%v did their work", last)
	}
	if most.Load() != 1 {
		t.Errorf("a job ran %d times at once", most.Load())
	}
}

// The operator hears of a job that is never done in time: its work piles up.
func TestC1_JobsThatAreNotDoneInTimeAreTold(t *testing.T) {
	t.Parallel()
	told, done := make(chan string, 100), make(chan struct{}, 100)
	log := slog.New(slog.NewTextHandler(writerFunc(func(line []byte) { told <- string(line) }), &slog.HandlerOptions{Level: slog.LevelWarn}))
	schedule, err := bounce.StartSchedule(t.Context(), log,
		bounce.Job{Name: "slow", Spec: "@every 1s", Timeout: time.Millisecond, Run: func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}},
		bounce.Job{Name: "quick", Spec: "@every 1s", Timeout: time.Minute, Run: func(context.Context) error {
			done <- struct{}{}
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case line := <-told:
		if !strings.Contains(line, "not done in time") || !strings.Contains(line, "job=slow") {
			t.Error(line)
		}
	case <-time.After(30 * time.Second):
		t.Error("nothing was told")
	}
	<-done
	schedule.Stop(t.Context())
	if last := schedule.LastSuccess(); len(last) != 1 || time.Since(last["quick"]) > time.Minute {
		t.Errorf("%v did their work", last)
	}
}

type writerFunc func(line []byte)

func (f writerFunc) Write(line []byte) (int, error) { f(line); return len(line), nil }

func TestC1_SchedulesAreInUTC(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{"TZ=0 * * * * *", "CRON_TZ=Europe/Zurich 30 2 * * *", "TZ=0", "every day", ""} {
		if _, err := bounce.ParseSchedule(spec); err == nil {
			t.Errorf("%q was accepted", spec)
		}
		if _, err := bounce.StartSchedule(t.Context(), quiet(), bounce.Job{Name: "j", Spec: spec}); err == nil {
			t.Errorf("a job with %q was started", spec)
		}
	}
}
