package pow

import (
	"math"
	"time"
)

// What the simulated space and its users are like.
const (
	lifetime     = 120 * 24 * time.Hour // that a registration blocks: 90 days and a quarantine of 30
	honestShare  = 0.096                // of the space that honest users fill
	walletRate   = 800.0                // evaluations per second: the median
	walletSpread = 0.897                // of its logarithm: a twentieth makes less than 182, one more than 3,500
	patience     = 10 * time.Minute
	admitted     = 210.0 // proofs per second that a server verifies
)

// space is a space of subjects under the law. Registrations flow in fractions;
// what the law is told is what a database would tell: whole numbers, by the hour.
type space struct {
	law      Law
	grace    Grace
	every    time.Duration // how often the law is asked; 0: at each registration
	priced   time.Time
	size     uint64
	now      time.Time
	price    Price
	dearest  uint64
	hours    []float64 // accepted per hour, since origin
	origin   time.Time
	blocked  float64
	demand   float64 // honest registrations wanted per second
	wanted   float64
	accepted float64
}

// newSpace is a space in which honest users have come and gone for long.
func newSpace(law Law, size uint64) *space {
	s := &space{law: law, grace: DefaultGrace(), size: size, now: noon.Add(lifetime), origin: noon}
	s.blocked = honestShare * float64(size)
	s.demand = s.blocked / lifetime.Seconds()
	s.hours = make([]float64, int(lifetime/time.Hour))
	for i := range s.hours {
		s.hours[i] = s.blocked / float64(len(s.hours))
	}
	s.reprice()
	return s
}

func (s *space) occupancy() float64  { return s.blocked / float64(s.size) }
func (s *space) turnedAway() float64 { return 1 - s.accepted/s.wanted }

// reprice asks the law, as the product does: from what is stored, and the price
// before.
func (s *space) reprice() {
	if s.now.Sub(s.priced) < s.every {
		return
	}
	s.priced = s.now
	load := Load{Blocked: uint64(math.Ceil(s.blocked)), Rate: s.law.Smoothed(s.counts(), s.now), Size: s.size}
	s.price = s.law.Next(load, s.price, s.now)
	s.dearest = max(s.dearest, s.price.Difficulty)
}

// counts are those of the last two days. A fraction of a registration is one when
// it is whole.
func (s *space) counts() []Count {
	const reach = 48
	var counts []Count
	whole := 0.0
	for i := max(0, len(s.hours)-reach); i < len(s.hours); i++ {
		sum := whole + s.hours[i]
		from := s.origin.Add(time.Duration(i) * time.Hour)
		counts = append(counts, Count{From: from, To: from.Add(time.Hour), Accepted: uint64(sum)})
		whole = sum - math.Floor(sum)
	}
	return counts
}

// register takes subjects, as long as there are any, and tells how many.
func (s *space) register(n float64) float64 {
	n = min(n, float64(s.size)-s.blocked)
	s.blocked += n
	s.hours[len(s.hours)-1] += n
	return n
}

// pass lets honest users come for a while, and registrations end.
func (s *space) pass(d time.Duration) {
	s.now = s.now.Add(d)
	for !s.origin.Add(time.Duration(len(s.hours)) * time.Hour).After(s.now) {
		s.hours = append(s.hours, 0)
		if ended := len(s.hours) - 1 - int(lifetime/time.Hour); ended >= 0 {
			s.blocked -= s.hours[ended]
		}
	}
	want := s.demand * d.Seconds()
	s.wanted += want
	s.accepted += s.register(want * patient(s.price.Difficulty))
}

// patient is the share of users whose wallets finish before they give up.
func patient(difficulty uint64) float64 {
	needed := float64(difficulty) / patience.Seconds()
	return 0.5 * math.Erfc(math.Log(needed/walletRate)/walletSpread/math.Sqrt2)
}

// advance lets time pass in peace.
func (s *space) advance(until time.Time) {
	for s.now.Before(until) {
		s.pass(min(10*time.Minute, until.Sub(s.now)))
		s.reprice()
	}
}

// attack lets somebody work for a while who makes so many evaluations per second.
// He pays the price of the moment, for one subject after the other and as fast as
// the server admits; of large spaces he takes a small part at once. He knows of
// the grace, and uses all of it with proofs made beforehand.
func (s *space) attack(rate float64, length time.Duration) {
	bunch := max(1, float64(s.law.Capacity(s.size))/50_000)
	end, window := s.now.Add(length), s.now
	for s.now.Before(end) {
		if !s.now.Before(window) {
			s.register(float64(s.grace.Budget(s.law.Capacity(s.size))))
			window = s.now.Add(s.grace.Window)
		}
		took := bunch * max(float64(s.price.Difficulty)/rate, 1/admitted)
		step := min(time.Duration(took*float64(time.Second)), time.Minute, end.Sub(s.now))
		s.pass(step)
		s.register(bunch * step.Seconds() / took)
		s.reprice()
	}
}
