package wiretest

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/plugins/wire"
)

func (s *suite) testSpec(t *testing.T) {
	spec := s.method.Spec()
	if spec.Name == "" || len(spec.Formats) == 0 || spec.Alphabet == "" {
		t.Errorf("incomplete: %+v", spec)
	}
	if spec.Size > math.MaxInt64 {
		t.Errorf("size %d does not fit the database", spec.Size)
	}
	if _, carries := s.method.(wire.KeyCarrier); carries != (spec.Size == 0) {
		t.Errorf("size %d, but carries keys: %t", spec.Size, carries)
	}
	if diff := cmp.Diff(spec, s.method.Spec()); diff != "" {
		t.Errorf("the specification changes: %s", diff)
	}
	var types []string
	for _, subject := range s.subjects(t, s.samples(t, 1)[0].reference) {
		types = append(types, subject.Type)
	}
	if diff := cmp.Diff(spec.Formats, types); diff != "" {
		t.Errorf("Present offers other formats than the specification: %s", diff)
	}
}

func (s *suite) testEncode(t *testing.T) {
	size := s.method.Spec().Size
	for _, index := range []uint64{size, size + 1, math.MaxUint64} {
		if reference, err := s.method.Encode(wire.Slot{Index: index}); !errors.Is(err, wire.ErrSlotRange) || reference != "" {
			t.Errorf("Encode(%d) = %q, %v", index, reference, err)
		}
	}
	spec, seen := s.method.Spec(), map[wire.Reference]bool{}
	for _, x := range s.samples(t, 20_000) {
		seen[x.reference] = true
		variable, ok := strings.CutPrefix(string(x.reference), spec.Prefix)
		if !ok || strings.Trim(variable, spec.Alphabet) != "" {
			t.Fatalf("%s is not the prefix and symbols of the alphabet", x.reference)
		}
	}
	if size > math.MaxUint32 && len(seen) < 19_990 { // two equal draws are no error
		t.Errorf("20000 slots have %d references", len(seen))
	}
	if size == 0 && len(seen) != 20_000 {
		t.Errorf("20000 keys have %d references", len(seen))
	}
	s.testGeneration(t)
}

// testGeneration checks that the generation of a slot does not matter.
func (s *suite) testGeneration(t *testing.T) {
	a, _ := s.method.Encode(wire.Slot{Generation: 1, Index: 7})
	b, _ := s.method.Encode(wire.Slot{Generation: 2, Index: 7})
	if a != b {
		t.Errorf("generations 1 and 2 give %s and %s", a, b)
	}
}

func (s *suite) testExhaustive(t *testing.T) {
	size := s.small.Spec().Size
	if size > 10_000_000 {
		t.Fatalf("%d slots are too many", size)
	}
	seen := make(map[wire.Reference]bool, size)
	for index := range size {
		reference, err := s.small.Encode(wire.Slot{Index: index})
		if err != nil || seen[reference] {
			t.Fatalf("Encode(%d) = %s (given before: %t), %v", index, reference, seen[reference], err)
		}
		seen[reference] = true
	}
}
