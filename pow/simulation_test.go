package pow

import (
	"testing"
	"time"
)

const (
	oneGPU   = 400_000 // evaluations per second
	oneCore  = 5000
	halfYear = 180 * 24 * time.Hour
)

// The aims of the law: one rented GPU that works against ten thousand subjects
// for an hour gets less than a fifth of them, and from then on until 120 days after
// less than one user in a hundred is turned away, by the price or by a full space. It makes
// no difference at which minute of the hour it comes, though registrations are
// counted by the hour.
func TestOneGPUForAnHour(t *testing.T) {
	t.Parallel()
	for _, minute := range []int{0, 1, 30, 59} {
		s := newSpace(DefaultLaw(), 10_000)
		s.advance(s.now.Add(time.Duration(minute) * time.Minute))
		s.attack(oneGPU, time.Hour)
		occupied := s.occupancy()
		s.advance(s.now.Add(lifetime))
		t.Logf("minute %d: %.1f %% occupied, %.2f %% turned away", minute, 100*occupied, 100*s.turnedAway())
		if occupied < 0.10 || occupied >= 0.20 {
			t.Errorf("minute %d: %.1f %% of the space is occupied", minute, 100*occupied)
		}
		if s.turnedAway() >= 0.01 {
			t.Errorf("minute %d: %.2f %% of the users are turned away", minute, 100*s.turnedAway())
		}
	}
}

// TestAttacks holds the figures of the design for other attackers and sizes: the
// occupancy at the end, and who is turned away until 120 days after it.
func TestAttacks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		size           uint64
		rate           float64
		length         time.Duration
		occupied, away float64 // at most
	}{
		"small space, one GPU, ten minutes":    {10_000, oneGPU, 10 * time.Minute, 0.15, 0.01},
		"small space, one GPU, a day":          {10_000, oneGPU, 24 * time.Hour, 0.50, 0.02},
		"small space, a hundred GPUs, an hour": {10_000, 100 * oneGPU, time.Hour, 0.20, 0.01},
		"small space, one core, a day":         {10_000, oneCore, 24 * time.Hour, 0.40, 0.01},
		"a million, one GPU, an hour":          {1_000_000, oneGPU, time.Hour, 0.15, 0.01},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpace(DefaultLaw(), c.size)
			s.attack(c.rate, c.length)
			occupied := s.occupancy()
			s.advance(s.now.Add(lifetime))
			t.Logf("%.1f %% occupied, %.2f %% turned away", 100*occupied, 100*s.turnedAway())
			if occupied > c.occupied || s.turnedAway() > c.away {
				t.Errorf("%.1f %% occupied, %.2f %% turned away", 100*occupied, 100*s.turnedAway())
			}
		})
	}
}

// TestWithoutProjection: the same attack under a law that looks at the present
// only. The simulation would see it if the law did not do its work.
func TestWithoutProjection(t *testing.T) {
	t.Parallel()
	law := DefaultLaw()
	law.Horizon = 0
	s := newSpace(law, 10_000)
	s.attack(oneGPU, time.Hour)
	occupied := s.occupancy()
	s.advance(s.now.Add(lifetime))
	t.Logf("%.1f %% occupied, %.1f %% turned away", 100*occupied, 100*s.turnedAway())
	if occupied < 0.6 || s.turnedAway() < 0.5 {
		t.Errorf("%.1f %% occupied, %.1f %% turned away", 100*occupied, 100*s.turnedAway())
	}
}

// TestPeace: without an attack nobody is turned away, and nobody pays more than
// the base.
func TestPeace(t *testing.T) {
	t.Parallel()
	s := newSpace(DefaultLaw(), 10_000)
	s.advance(s.now.Add(halfYear))
	if s.turnedAway() > 1e-6 || s.dearest != s.law.Base || s.occupancy() < 0.09 || s.occupancy() > 0.10 {
		t.Errorf("%.4f %% turned away, the price rose to %d, %.1f %% occupied", 100*s.turnedAway(), s.dearest, 100*s.occupancy())
	}
}

// TestAskedSeldom: the law protects only those who ask it. At the base price a
// GPU makes two hundred proofs a second, so a price that stands still for ten
// seconds costs a small space a fifth of itself, and one that stands for a minute
// the whole.
func TestAskedSeldom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		every       time.Duration
		least, most float64
	}{{time.Second, 0.14, 0.15}, {2 * time.Second, 0.14, 0.15}, {10 * time.Second, 0.20, 0.40}, {time.Minute, 0.90, 1}} {
		s := newSpace(DefaultLaw(), 10_000)
		s.every = c.every
		s.attack(oneGPU, time.Hour)
		t.Logf("asked every %v: %.1f %% occupied", c.every, 100*s.occupancy())
		if got := s.occupancy(); got < c.least || got > c.most {
			t.Errorf("asked every %v: %.1f %% occupied", c.every, 100*got)
		}
	}
}
