package pow

import (
	"errors"
	"math"
	"time"
)

// Grace lets those in who solved for a price that has risen meanwhile: for so
// long after it was published, but only so many in each window of that length.
// Without the budget a pile of old proofs would take the whole space at once.
type Grace struct {
	Window time.Duration // how old the price of a proof may be
	Share  float64       // of the capacity, per window
}

// DefaultGrace is half an hour for one in five hundred subjects.
func DefaultGrace() Grace { return Grace{Window: 30 * time.Minute, Share: 0.002} }

// Validate tells whether the grace makes sense.
func (g Grace) Validate() error {
	if !(g.Share >= 0 && g.Share <= 1) {
		return errors.New("grace share: write a number from 0 to 1")
	}
	return nil
}

// graceAtLeast is the budget of small spaces.
const graceAtLeast = 8

// Budget is how many registrations below the price one window takes; 0 if there
// is no grace.
func (g Grace) Budget(capacity uint64) uint64 {
	if g.Window <= 0 {
		return 0
	}
	// Rounded, since 0.002 of 10^4 is a hair more than 20 in floating point.
	return max(graceAtLeast, uint64(math.Round(g.Share*float64(capacity))))
}

// Epoch is the UTC day of t, counted from 1970.
func Epoch(t time.Time) uint32 { return uint32(t.Unix() / secondsPerDay) }

// EpochStart is the first moment of an epoch.
func EpochStart(epoch uint32) time.Time { return time.Unix(int64(epoch)*secondsPerDay, 0).UTC() }

const secondsPerDay = 24 * 60 * 60
