package pow

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/iotest"
)

// TestSeal: a seal can be ground again for the same work.
func TestSeal(t *testing.T) {
	t.Parallel()
	c := testChallenge()
	found := solved(t, c).SubProofs
	slices.Reverse(found)
	before := slices.Clone(found)
	p, err := Seal(context.Background(), c, found, 14, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(context.Background(), c, p, 14); err != nil || !slices.Equal(found, before) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Seal(ctx, c, found, MaxSealBits, startAt(0)); !errors.Is(err, context.Canceled) {
		t.Error("cancelled:", err)
	}
	if _, err := Seal(context.Background(), c, found, MaxSealBits+1, nil); err == nil {
		t.Error("a seal that cannot be had")
	}
	if _, err := Seal(context.Background(), c, found[1:], 0, nil); !errors.Is(err, ErrCount) {
		t.Error("one too few:", err)
	}
	found[0] = found[1]
	if _, err := Seal(context.Background(), c, found, 0, nil); !errors.Is(err, ErrOrder) {
		t.Error("one twice:", err)
	}
	broken := errors.New("no randomness")
	if _, err := Seal(context.Background(), c, before, 0, iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Error(err)
	}
}
