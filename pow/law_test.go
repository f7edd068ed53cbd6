package pow

import (
	"math"
	"testing"
	"time"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// TestTarget is the law with its defaults: flat up to a quarter, then twice as
// dear for every further sixteenth of the space.
func TestTarget(t *testing.T) {
	t.Parallel()
	const day, never = 24 * 60 * 60, math.MaxUint64
	for name, c := range map[string]struct {
		load Load
		want uint64
	}{
		"empty":                                 {Load{0, 0, 10_000}, 2048},
		"at the knee":                           {Load{2500, 0, 10_000}, 2048},
		"just beyond the knee":                  {Load{2501, 0, 10_000}, 2436}, // a quarter of a doubling, rounded up
		"a quarter step":                        {Load{2656, 0, 10_000}, 2436},
		"two quarter steps":                     {Load{2657, 0, 10_000}, 2897},
		"a doubling":                            {Load{3125, 0, 10_000}, 4096},
		"two doublings":                         {Load{3750, 0, 10_000}, 8192},
		"half full":                             {Load{5000, 0, 10_000}, 32768},
		"full":                                  {Load{10_000, 0, 10_000}, 8388608},
		"over-full":                             {Load{12_000, 0, 10_000}, 79_806_339}, // 15.2 doublings, rounded up to 15.25
		"full, and everybody comes":             {Load{10_000, 1e6, 10_000}, 2048 << 20},
		"rate that takes a quarter in 48 h":     {Load{0, 2500. / (2 * day), 10_000}, 2048},
		"rate that takes a half in 48 h":        {Load{0, 5000. / (2 * day), 10_000}, 32768},
		"rate and blocked add up":               {Load{2500, 2500. / (2 * day), 10_000}, 32768},
		"the same in a large space is nothing":  {Load{2500, 2500. / (2 * day), 10_000_000}, 2048},
		"a huge space is priced as its budget":  {Load{5_000_000, 0, never}, 32768},
		"the budget bounds the intake for free": {Load{0, 14.4, never}, 2048},
		"and no more":                           {Load{0, 14.5, never}, 2436},
		"a space without subjects":              {Load{0, 3, 0}, 2048},
		"one subject":                           {Load{1, 0, 1}, 8388608},
	} {
		if got := DefaultLaw().Target(c.load); got != c.want {
			t.Errorf("%s: %d, not %d", name, got, c.want)
		}
	}
}

// TestTargetOfWholeSteps: 0.8 - 0.2 is a hair more than 0.6 in floating point, and
// no reason for another step.
func TestTargetOfWholeSteps(t *testing.T) {
	t.Parallel()
	law := DefaultLaw()
	law.Knee, law.Slope = 0.2, 10
	if got := law.Target(Load{Blocked: 8000, Size: 10_000}); got != 2048<<6 {
		t.Errorf("%d, not %d", got, 2048<<6)
	}
}

// TestNext: up at once, down by a quarter of a doubling per quarter of the
// halving time.
func TestNext(t *testing.T) {
	t.Parallel()
	law := DefaultLaw()
	low, high := Load{Size: 10_000}, Load{Blocked: 5000, Size: 10_000}
	after := func(minutes float64) time.Time { return noon.Add(time.Duration(minutes * float64(time.Minute))) }
	peak := Price{Difficulty: 32768, Fall: noon}
	for name, c := range map[string]struct {
		load Load
		last Price
		now  time.Time
		want Price
	}{
		"first":                     {low, Price{}, noon, Price{2048, noon}},
		"rises at once":             {high, Price{2048, noon}, noon, Price{32768, noon}},
		"rises while it falls":      {high, Price{8192, noon}, after(1), Price{32768, after(1)}},
		"still asked for":           {high, peak, after(61), Price{32768, after(61)}},
		"not yet":                   {low, peak, after(7.4), peak},
		"clock of another replica":  {low, peak, after(-5), peak},
		"a quarter step":            {low, peak, after(7.5), Price{27555, after(7.5)}},
		"the rest is not forgotten": {low, peak, after(14), Price{27555, after(7.5)}},
		"a half":                    {low, peak, after(30), Price{16384, after(30)}},
		"two hours":                 {low, peak, after(120), Price{2048, after(120)}},
		"after years":               {low, peak, after(1e6), Price{2048, after(1e6 - 2.5)}},
		"never below what is asked": {Load{Blocked: 3750, Size: 10_000}, peak, after(600), Price{8192, after(600)}},
	} {
		if got := law.Next(c.load, c.last, c.now); got != c.want {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}

// TestFree: an operator who makes subjects free does not have to wait.
func TestFree(t *testing.T) {
	t.Parallel()
	law := DefaultLaw()
	law.Base = 0
	if got := law.Next(Load{Blocked: 10_000, Size: 10_000, Rate: 100}, Price{1 << 30, noon}, noon); got.Difficulty != 0 {
		t.Error(got)
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		grace    Grace
		capacity uint64
		want     uint64
	}{
		{DefaultGrace(), 10_000, 20}, {DefaultGrace(), 10_000_000, 20_000}, {DefaultGrace(), 1_000_000, 2000},
		{DefaultGrace(), 4000, 8}, {DefaultGrace(), 4500, 9}, {DefaultGrace(), 100, 8}, {DefaultGrace(), 0, 8},
		{Grace{time.Minute, 0}, 10_000, 8}, {Grace{0, 0.5}, 10_000, 0}, {Grace{time.Hour, 1}, 10_000, 10_000},
	} {
		if got := c.grace.Budget(c.capacity); got != c.want {
			t.Errorf("%v of %d: %d, not %d", c.grace, c.capacity, got, c.want)
		}
	}
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	law := DefaultLaw()
	for _, c := range [][2]uint64{{1, 1}, {10_000, 10_000}, {10_000_000, 10_000_000}, {10_000_001, 10_000_000}, {math.MaxUint64, 10_000_000}} {
		if got := law.Capacity(c[0]); got != c[1] {
			t.Errorf("capacity of %d: %d", c[0], got)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if err := DefaultLaw().Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Law){
		"base":                 func(l *Law) { l.Base = 1<<32 + 1 },
		"knee below zero":      func(l *Law) { l.Knee = -0.1 },
		"knee at one":          func(l *Law) { l.Knee = 1 },
		"knee not a number":    func(l *Law) { l.Knee = math.NaN() },
		"slope of zero":        func(l *Law) { l.Slope = 0 },
		"slope":                func(l *Law) { l.Slope = 65 },
		"slope not a number":   func(l *Law) { l.Slope = math.NaN() },
		"doublings":            func(l *Law) { l.Doublings = 21 },
		"doublings below zero": func(l *Law) { l.Doublings = -1 },
		"horizon":              func(l *Law) { l.Horizon = -1 },
		"smoothing":            func(l *Law) { l.Smoothing = 0 },
		"halving":              func(l *Law) { l.Halving = 3 }, // a quarter of it would be no time
		"row budget":           func(l *Law) { l.RowBudget = 0 },
	} {
		law := DefaultLaw()
		change(&law)
		if law.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for share, ok := range map[float64]bool{0: true, 0.002: true, 1: true, -0.1: false, 1.1: false, math.NaN(): false} {
		if err := (Grace{Share: share}).Validate(); (err == nil) != ok {
			t.Errorf("grace share %v: %v", share, err)
		}
	}
}

// TestEpoch: an epoch is a UTC day.
func TestEpoch(t *testing.T) {
	t.Parallel()
	midnight := EpochStart(20605)
	if midnight.Format(time.RFC3339) != "2026-06-01T00:00:00Z" {
		t.Error(midnight)
	}
	east := time.FixedZone("", 14*60*60)
	for at, want := range map[time.Time]uint32{
		midnight: 20605, midnight.Add(-1): 20604, midnight.Add(24*time.Hour - 1): 20605, midnight.Add(24 * time.Hour): 20606,
		noon.In(east): 20605, time.Unix(0, 0): 0,
	} {
		if got := Epoch(at); got != want {
			t.Errorf("%v: %d, not %d", at, got, want)
		}
	}
}
