package plugins_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
)

// rates are those at which subjects nobody wrote are found in texts of 140
// characters, and at which a subject damaged up to four times is read as another.
// Methods that are not listed keep the usual ones.
type rates struct{ random, mutated float64 }

var (
	usual  = rates{1e-3, 1e-3}
	stated = map[string]rates{
		"be-ogm": {1e-2, 1e-2}, // remainder 97 is all there is
		"vs":     {6e-2, 2e-2}, // MOD 11-2 is all there is room for
	}
)

// Whatever arrives, Scan neither panics nor finds subjects more often than
// stated. `make fuzz-long` tries a million inputs of each kind.
func TestManyInputs(t *testing.T) {
	t.Parallel()
	n := 5_000
	if *long {
		n = 1_000_000
	}
	for _, m := range everyMethod(t) {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			allowed := cmp.Or(stated[m.name], usual)
			random := rand.New(rand.NewPCG(13, 14))
			m.many(t, "random", n, allowed.random, func(i int) (wire.Remittance, wire.Candidate) {
				return wiretest.Spread(random, wiretest.RandomText(random, i)), wire.Candidate{}
			})
			m.many(t, "mutated", n, allowed.mutated, func(int) (wire.Remittance, wire.Candidate) {
				text, original := m.draw(t, random.Uint64())
				return wiretest.Spread(random, wiretest.Mutate(random, text)), original
			})
		})
	}
}

// many counts the remittances in which something else than the original is found.
func (m every) many(t *testing.T, kind string, n int, allowed float64, next func(i int) (wire.Remittance, wire.Candidate)) {
	t.Helper()
	hits := 0
	for i := range n {
		r, original := next(i)
		if slices.ContainsFunc(m.Scan(r), func(c wire.Candidate) bool { return c != original }) {
			hits++
		}
	}
	t.Logf("%s: %s: %d of %d", m.name, kind, hits, n)
	if float64(hits) > allowed*float64(n)+3 {
		t.Errorf("%s: %d of %d, stated is a rate of %g", kind, hits, n, allowed)
	}
}
