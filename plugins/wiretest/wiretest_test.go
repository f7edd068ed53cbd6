package wiretest_test

import (
	"fmt"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
)

// digits is the smallest method that passes the suite: 9, four digits of the
// slot, MOD 97-10.
type digits struct{}

func (digits) Spec() wire.Spec {
	return wire.Spec{Name: "digits", Formats: []string{"SIMPLE"}, Size: 10_000, Prefix: "9", Alphabet: "0123456789"}
}

func (digits) Encode(slot wire.Slot) (wire.Reference, error) {
	if slot.Index >= 10_000 {
		return "", wire.ErrSlotRange
	}
	number := fmt.Sprintf("9%04d", slot.Index)
	return wire.Reference(number + wire.Mod97(number)), nil
}

func (digits) Scan(r wire.Remittance) []wire.Candidate {
	return r.SearchText(func(lines ...string) []wire.Candidate {
		return wire.ReadText(lines...).References(7, '9', func(window []byte) (wire.Reference, bool) {
			number := string(window)
			return wire.Reference(number), wire.Digits(number) && wire.Mod97(number[:5]) == number[5:]
		})
	})
}

// Seven digits are found by chance in one of a few hundred texts of numbers, and
// hardly ever where a text holds letters.
func TestRun(t *testing.T) {
	t.Parallel()
	wiretest.Run(t, digits{}, wiretest.Exhaustive(digits{}), wiretest.FalseRate(1e-3))
}
