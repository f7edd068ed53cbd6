package pow

import (
	"errors"
	"math"
	"time"
)

// Law sets the price of a subject. It does not price the occupancy that a space
// has, but the one it is heading for: with the present rate going on for the
// horizon. An attacker then pays for his haste at once, and what he leaves
// behind when he stops is a space that is still mostly free.
//
//	p = (blocked + rate * Horizon) / min(size, RowBudget)
//	D = Base * 2^min(Doublings, Slope * max(0, p - Knee))
//
// D is rounded up to a quarter of a doubling: that damps flapping and tells
// less about how full the space is. It rises at once and falls by at most one
// half per Halving.
//
// Steeper is not safer: who merely wants others to go away stops at the wait
// they will not bear, and a steep law takes him there with fewer subjects.
type Law struct {
	Base      uint64        // D while there is plenty; 0 makes everything free
	Knee      float64       // share of the space up to which D is Base
	Slope     float64       // doublings per whole space beyond the knee
	Doublings float64       // D never exceeds Base * 2^Doublings
	Horizon   time.Duration // how far ahead the present rate is projected
	Smoothing time.Duration // tau: how long a registration counts in the rate
	Halving   time.Duration // the fastest fall of the price
	RowBudget uint64        // what the store may hold: large spaces are priced as if they had this size
}

// DefaultLaw has the smallest horizon and slope that keep every attack by one
// GPU that lasts up to a day from turning away more than one in a hundred users
// in the months after.
func DefaultLaw() Law {
	return Law{
		Base: 2048, Knee: 0.25, Slope: 16, Doublings: 20,
		Horizon: 48 * time.Hour, Smoothing: 2 * time.Hour, Halving: 30 * time.Minute,
		RowBudget: 10_000_000,
	}
}

// Validate tells whether the law makes sense.
func (l Law) Validate() error {
	switch {
	case l.Base > MaxDifficulty>>20:
		return errors.New("base difficulty: write at most 4294967296")
	case !(l.Knee >= 0 && l.Knee < 1):
		return errors.New("knee: write a share from 0 up to 1")
	case !(l.Slope > 0 && l.Slope <= 64):
		return errors.New("slope: write a number above 0 and up to 64")
	case !(l.Doublings >= 0 && l.Doublings <= 20):
		return errors.New("doublings: write a number from 0 to 20")
	case l.Horizon < 0:
		return errors.New("horizon: write a duration, or 0 to look at the present only")
	case l.Smoothing < time.Second || l.Halving < time.Second:
		return errors.New("smoothing and halving: write durations of at least a second")
	case l.RowBudget == 0:
		return errors.New("row budget: write a number above zero")
	}
	return nil
}

// Load is what the price depends on.
type Load struct {
	Blocked uint64  // subjects that nobody can get now: live and in quarantine
	Rate    float64 // accepted registrations per second, as Smoothed gives it
	Size    uint64  // subjects there are
}

// Capacity is the number of subjects that the law reckons with.
func (l Law) Capacity(size uint64) uint64 { return min(size, l.RowBudget) }

// Pressure is p: the share of the capacity that is blocked, or will be at the
// end of the horizon. A space without subjects of its own has none.
func (l Law) Pressure(load Load) float64 {
	if load.Size == 0 {
		return 0
	}
	return (float64(load.Blocked) + load.Rate*l.Horizon.Seconds()) / float64(l.Capacity(load.Size))
}

// stepsPerDoubling is how finely a price moves.
const stepsPerDoubling = 4

// Target is the price that the load asks for, before the limit on its fall.
func (l Law) Target(load Load) uint64 {
	exponent := min(l.Doublings, l.Slope*max(0, l.Pressure(load)-l.Knee))
	// A hair less, so that what is a whole step but for the rounding of floating
	// point does not become the next one.
	steps := math.Ceil(exponent*stepsPerDoubling - 1e-9)
	return scaled(l.Base, steps)
}

// scaled is a difficulty moved by so many quarter doublings.
func scaled(d uint64, steps float64) uint64 {
	return uint64(math.Ceil(float64(d) * math.Exp2(steps/stepsPerDoubling)))
}

// Price is a published difficulty.
type Price struct {
	Difficulty uint64
	// Fall is the time from which its fall is reckoned: when the load last
	// asked for this price, or when it last fell.
	Fall time.Time
}

// Next is the price after last, at a time not before it. It is a function of its
// arguments alone: replicas that see the same database publish the same price.
// How often it is asked makes no difference to where a fall ends. An operator
// who makes subjects free does so at once.
func (l Law) Next(load Load, last Price, now time.Time) Price {
	target := l.Target(load)
	if target >= last.Difficulty || l.Base == 0 {
		return Price{Difficulty: target, Fall: now}
	}
	step := l.Halving / stepsPerDoubling
	steps := now.Sub(last.Fall) / step
	if steps <= 0 {
		return last
	}
	lowest := scaled(l.Base, l.steps(last.Difficulty)-float64(steps))
	return Price{Difficulty: max(target, lowest), Fall: last.Fall.Add(steps * step)}
}

// steps is the smallest number of steps above the base that gives at least d,
// which is more than the base. Falling along these steps, and not by a factor
// each time, keeps the rounding from adding up, or from holding a small price
// where it is.
func (l Law) steps(d uint64) float64 {
	return math.Floor(stepsPerDoubling*math.Log2(float64(d-1)/float64(l.Base))) + 1
}

// Count is how many registrations were accepted between two times.
type Count struct {
	From, To time.Time
	Accepted uint64
}

// Smoothed is the rate of accepted registrations per second: each one counts
// 1/tau when it happens and fades with exp(-age/tau). Within a count they are
// taken to be spread evenly; a count that lies ahead of now counts as now.
func (l Law) Smoothed(counts []Count, now time.Time) float64 {
	tau := l.Smoothing.Seconds()
	rate := 0.0
	for _, c := range counts {
		to := max(0, now.Sub(c.To).Seconds())
		from := max(to, now.Sub(c.From).Seconds())
		// The mean of exp(-age/tau)/tau over the ages from..to.
		weight := math.Exp(-to/tau) / tau
		if width := from - to; width > 0 {
			weight = (math.Exp(-to/tau) - math.Exp(-from/tau)) / width
		}
		rate += float64(c.Accepted) * weight
	}
	return rate
}
