package pow

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawLaw draws a law whose steps are not lost in the rounding to whole
// difficulties.
func drawLaw(t *rapid.T) Law {
	law := Law{
		Base:      rapid.Uint64Range(8, 1<<32).Draw(t, "base"),
		Knee:      rapid.Float64Range(0, 0.99).Draw(t, "knee"),
		Slope:     rapid.Float64Range(0.1, 64).Draw(t, "slope"),
		Doublings: rapid.Float64Range(0, 20).Draw(t, "doublings"),
		Horizon:   time.Duration(rapid.Int64Range(0, int64(1000*time.Hour)).Draw(t, "horizon")),
		Smoothing: time.Duration(rapid.Int64Range(int64(time.Second), int64(100*time.Hour)).Draw(t, "smoothing")),
		Halving:   time.Duration(rapid.Int64Range(int64(time.Second), int64(10*time.Hour)).Draw(t, "halving")),
		RowBudget: rapid.Uint64Range(1, 1<<40).Draw(t, "row budget"),
	}
	if err := law.Validate(); err != nil {
		t.Fatal(err)
	}
	return law
}

func drawLoad(t *rapid.T) Load {
	return Load{
		Blocked: rapid.Uint64Range(0, 20_000).Draw(t, "blocked"),
		Rate:    rapid.Float64Range(0, 1).Draw(t, "rate"),
		Size:    rapid.Uint64Range(1, 20_000).Draw(t, "size"),
	}
}

// TestTargetRises with what is blocked and with the rate, within its bounds, and
// in quarters of a doubling.
func TestTargetRises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		law, load := drawLaw(t), drawLoad(t)
		target := law.Target(load)
		more, faster, roomier := load, load, load
		more.Blocked += rapid.Uint64Range(0, 10_000).Draw(t, "more")
		faster.Rate += rapid.Float64Range(0, 1).Draw(t, "faster")
		roomier.Size += rapid.Uint64Range(0, 10_000).Draw(t, "roomier")
		if law.Target(more) < target || law.Target(faster) < target || law.Target(roomier) > target {
			t.Fatal(target, law.Target(more), law.Target(faster), law.Target(roomier))
		}
		if target < law.Base || target > MaxDifficulty || float64(target) > float64(law.Base)*math.Exp2(law.Doublings+0.25)+1 {
			t.Fatalf("%d is outside of the law", target)
		}
		if steps := math.Round(4 * math.Log2(float64(target)/float64(law.Base))); scaled(law.Base, steps) != target && law.Base > 100 {
			t.Fatalf("%d is no quarter step of %d", target, law.Base)
		}
	})
}

// TestFallIsBounded: whatever the loads and whenever the law is asked, between two
// times the price falls by no more than one half per halving time and one step,
// and it is never below what the load asks for.
func TestFallIsBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		law := drawLaw(t)
		type told struct {
			price uint64
			at    time.Time
		}
		price, now := law.Next(drawLoad(t), Price{}, noon), noon
		history := []told{{price.Difficulty, now}}
		for range rapid.IntRange(1, 30).Draw(t, "calls") {
			load := drawLoad(t)
			now = now.Add(drawGap(t, law))
			price = law.Next(load, price, now)
			if price.Difficulty < law.Target(load) || price.Fall.After(now) {
				t.Fatalf("%v at %v, asked for %d", price, now, law.Target(load))
			}
			for _, before := range history {
				halvings := float64(now.Sub(before.at))/float64(law.Halving) + 0.25
				if float64(price.Difficulty) < math.Floor(float64(before.price)*math.Exp2(-halvings)) {
					t.Fatalf("fell from %d to %d within %v, halving %v", before.price, price.Difficulty, now.Sub(before.at), law.Halving)
				}
			}
			history = append(history, told{price.Difficulty, now})
		}
	})
}

// drawGap draws anything from nothing to many halving times, small ones as often
// as large ones.
func drawGap(t *rapid.T, law Law) time.Duration {
	unit := rapid.SampledFrom([]time.Duration{0, 1, law.Halving / 100, law.Halving / 4, law.Halving, 50 * law.Halving}).Draw(t, "unit")
	return unit * time.Duration(rapid.IntRange(0, 5).Draw(t, "units"))
}

// TestAskingMakesNoDifference: a replica that was asked a hundred times meanwhile
// publishes what one publishes that was not.
func TestAskingMakesNoDifference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		law := drawLaw(t)
		start := law.Next(drawLoad(t), Price{}, noon)
		load, often, now := drawLoad(t), start, noon
		for range rapid.IntRange(1, 50).Draw(t, "calls") {
			now = now.Add(drawGap(t, law))
			often = law.Next(load, often, now)
		}
		once := law.Next(load, start, now)
		if often.Difficulty != once.Difficulty {
			t.Fatalf("%d when asked often, %d when asked once", often.Difficulty, once.Difficulty)
		}
		if again := law.Next(load, start, now); again != once {
			t.Fatal("the same question, another answer")
		}
	})
}

// TestSmallPricesFall: the rounding up to whole difficulties holds none of them
// where it is.
func TestSmallPricesFall(t *testing.T) {
	t.Parallel()
	law := DefaultLaw()
	step := law.Halving / 4
	for base := range uint64(20) {
		law.Base = base + 1
		price := Price{Difficulty: 100, Fall: noon}
		for i := range 40 {
			last := price
			price = law.Next(Load{Size: 1}, price, noon.Add(time.Duration(i+1)*step))
			if price.Difficulty >= last.Difficulty && price.Difficulty != law.Base {
				t.Errorf("base %d: stays at %d", law.Base, price.Difficulty)
			}
		}
		if price.Difficulty != law.Base {
			t.Errorf("base %d: ends at %d", law.Base, price.Difficulty)
		}
	}
}

// counted sorts arrivals (seconds before now) into buckets of a width, as a
// database does: the newest one reaches ahead of now.
func counted(ages []float64, width time.Duration, now time.Time) []Count {
	buckets := map[time.Time]uint64{}
	for _, age := range ages {
		buckets[now.Add(-time.Duration(age*float64(time.Second))).Truncate(width)]++
	}
	var counts []Count
	for from, n := range buckets {
		counts = append(counts, Count{From: from, To: from.Add(width), Accepted: n})
	}
	return counts
}

// exactly is the smoother that knows every arrival.
func exactly(ages []float64, tau float64) (rate float64) {
	for _, age := range ages {
		rate += math.Exp(-age/tau) / tau
	}
	return rate
}

// TestSmoothedIsNearTheExactSmoother: no arrival's weight is wrong by more than
// what it fades within its bucket, whatever the arrivals; for small buckets that
// is nothing.
func TestSmoothedIsNearTheExactSmoother(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		law := DefaultLaw()
		tau := law.Smoothing.Seconds()
		ages := rapid.SliceOfN(rapid.Float64Range(0, 200_000), 0, 200).Draw(t, "ages")
		width := rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(t, "width")
		now := noon.Add(time.Duration(rapid.IntRange(0, 3599).Draw(t, "second")) * time.Second)
		got, want := law.Smoothed(counted(ages, width, now), now), exactly(ages, tau)
		if most := math.Exp(width.Seconds() / tau); got < want/most-1e-9 || got > want*most+1e-9 {
			t.Fatalf("%g, exactly %g, may differ by a factor of %g", got, want, most)
		}
	})
}

// TestSmoothedByTheHour: for arrivals without a pattern, counts by the hour give
// nearly the exact rate, at any minute of the hour.
func TestSmoothedByTheHour(t *testing.T) {
	t.Parallel()
	law := DefaultLaw()
	random := rand.New(rand.NewPCG(1, 2))
	for _, minute := range []int{0, 1, 17, 30, 59} {
		now := noon.Add(time.Duration(minute) * time.Minute)
		var ages []float64
		for age := 0.0; age < 200_000; age += random.ExpFloat64() * 10 { // one in ten seconds
			ages = append(ages, age)
		}
		got, want := law.Smoothed(counted(ages, time.Hour, now), now), exactly(ages, law.Smoothing.Seconds())
		if math.Abs(got-want) > 0.03*want || math.Abs(got-0.1) > 0.02 {
			t.Errorf("minute %d: %g, exactly %g", minute, got, want)
		}
	}
}

// TestSmoothedFromTheDatabase: the order of the rows makes no difference, nor
// whether a count is one row or several; so neither does a restart.
func TestSmoothedFromTheDatabase(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		law := drawLaw(t)
		ages := rapid.SliceOfN(rapid.Float64Range(0, 200_000), 1, 50).Draw(t, "ages")
		now := noon.Add(time.Duration(rapid.IntRange(0, 3599).Draw(t, "second")) * time.Second)
		counts := counted(ages, time.Hour, now)
		want := law.Smoothed(counts, now)
		var split []Count
		for _, c := range counts {
			one := c
			one.Accepted = 1
			split = append(split, slices.Repeat([]Count{one}, int(c.Accepted))...)
		}
		shuffled := rapid.Permutation(split).Draw(t, "rows")
		if got := law.Smoothed(shuffled, now); math.Abs(got-want) > 1e-12*want {
			t.Fatalf("%g, then %g", want, got)
		}
	})
}

// TestSmoothedEdges: a count that has no width, or lies ahead, counts as now; an
// old one as nothing.
func TestSmoothedEdges(t *testing.T) {
	t.Parallel()
	law := DefaultLaw()
	now := 72 / law.Smoothing.Seconds()
	for name, c := range map[string]struct {
		from, to time.Duration
		want     float64
	}{
		"now": {0, 0, now}, "ahead": {time.Hour, 2 * time.Hour, now}, "begins now": {0, time.Hour, now},
		"at once, two hours ago": {-2 * time.Hour, -2 * time.Hour, now / math.E}, "a year ago": {-8760 * time.Hour, -8759 * time.Hour, 0},
		"the last two hours": {-2 * time.Hour, 0, now * (1 - 1/math.E)}, "these four hours": {-2 * time.Hour, 2 * time.Hour, now * (1 - 1/math.E)},
	} {
		got := law.Smoothed([]Count{{From: noon.Add(c.from), To: noon.Add(c.to), Accepted: 72}}, noon)
		if math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %g, not %g", name, got, c.want)
		}
	}
	if got := law.Smoothed(nil, noon); got != 0 {
		t.Errorf("nobody came: %g", got)
	}
}
