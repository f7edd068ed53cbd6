package wire

import (
	"errors"
	"fmt"
	"testing"
)

// 0794 and 0 are the example of ISO 7064; the others were computed with
// python-stdnum.
func TestMod112(t *testing.T) {
	t.Parallel()
	for digits, want := range map[string]string{"0794": "0", "079": "X", "1": "X", "2": "8", "1234567890": "8", "55000000000": "8"} {
		check, ok := Mod112(digits)
		if !ok {
			check = 'X'
		}
		if string(check) != want {
			t.Errorf("Mod112(%s) = %c, want %s", digits, check, want)
		}
	}
}

// Every number is valid for one slot exactly, and no other number is valid.
func TestNumber_Exhaustive(t *testing.T) {
	t.Parallel()
	for _, n := range []Number{{3, InnerNone}, {5, Inner112}, {6, Inner9710}} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			given := map[string]bool{}
			for index := range n.Size() {
				digits, err := n.Encode(index)
				if err != nil || len(digits) != n.Digits || given[digits] {
					t.Fatalf("Encode(%d) = %s, %v, given before: %t", index, digits, err, given[digits])
				}
				given[digits] = true
			}
			for i := range pow10(n.Digits) {
				digits := fmt.Sprintf("%0*d", n.Digits, i)
				if n.Valid(digits) != given[digits] {
					t.Errorf("Valid(%s) = %t", digits, n.Valid(digits))
				}
			}
		})
	}
}

func TestNumber_OutsideTheSpace(t *testing.T) {
	t.Parallel()
	n := Number{Digits: 12, Inner: Inner112}
	if digits, err := n.Encode(n.Size()); !errors.Is(err, ErrSlotRange) || digits != "" {
		t.Errorf("Encode = %s, %v", digits, err)
	}
	for _, wrong := range []string{"", "1", "O00000000018", "1000000000180"} {
		if n.Valid(wrong) {
			t.Errorf("%q is valid", wrong)
		}
	}
}
