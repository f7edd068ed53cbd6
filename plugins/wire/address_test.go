package wire

import (
	"errors"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/subjects/taler"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	const good = "payto://iban/CH5204835012345671000?receiver-name=Example"
	for name, c := range map[string]struct {
		payto  string
		values [5]string
		want   bool // an address; else refused, unless there are no values
	}{
		"none":              {good, [5]string{}, false},
		"whole":             {good, [5]string{"Bahnhofstrasse", "17a", "8001", "Zürich", "CH"}, true},
		"shortest":          {good, [5]string{"", "", "8001", "Zürich", "CH"}, true},
		"no town":           {good, [5]string{"Bahnhofstrasse", "17a", "8001", "", "CH"}, false},
		"country in words":  {good, [5]string{"", "", "8001", "Zürich", "Schweiz"}, false},
		"house number long": {good, [5]string{"Bahnhofstrasse", "17a, third floor", "8001", "Zürich", "CH"}, true},
		"town too long":     {good, [5]string{"", "", "8001", strings.Repeat("Z", 36), "CH"}, false},
		"not Latin":         {good, [5]string{"", "", "8001", "Цюрих", "CH"}, false},
		"blank in front":    {good, [5]string{"", "", " 8001", "Zürich", "CH"}, false},
		"holder too long":   {good + strings.Repeat("e", 64), [5]string{"", "", "8001", "Zürich", "CH"}, false},
	} {
		payto, err := taler.ParsePayto(c.payto)
		if err != nil {
			t.Fatal(err)
		}
		s := Settings{Account: "ch", Payto: payto, Parameters: map[string]string{}}
		for i, value := range c.values {
			s.Parameters[AddressParameters[i]] = value
		}
		a, err := s.Address()
		if (a != nil) != c.want || (a == nil && c.values != [5]string{}) != errors.Is(err, ErrSettings) {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
}
