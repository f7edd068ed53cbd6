package pow

import (
	"errors"
	"testing"
)

// TestSalts: one per realm, day and secret, the same on every replica.
func TestSalts(t *testing.T) {
	t.Parallel()
	secret, realm := []byte("0123456789abcdef"), Realm{1}
	salt := SaltOf(secret, realm, 20600)
	if salt != SaltOf(secret, realm, 20600) {
		t.Error("two salts for one day")
	}
	for name, other := range map[string]Salt{
		"day": SaltOf(secret, realm, 20601), "realm": SaltOf(secret, Realm{2}, 20600), "secret": SaltOf([]byte("0123456789abcdeF"), realm, 20600),
	} {
		if other == salt {
			t.Error("the same salt for another", name)
		}
	}
}

func TestParams(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		p  Params
		ok bool
	}{
		"default": {DefaultParams(), true}, "least": {Params{8, 1, 1}, true}, "most": {Params{65536, 16, 32}, true},
		"no memory": {Params{7, 1, 8}, false}, "too much memory": {Params{65537, 1, 8}, false}, "no time": {Params{8, 0, 8}, false},
		"too much time": {Params{8, 17, 8}, false}, "no sub-proofs": {Params{8, 1, 0}, false}, "too many sub-proofs": {Params{8, 1, 33}, false},
	} {
		challenge := Challenge{Params: c.p, Difficulty: 1}
		if err := challenge.Validate(); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, d := range []uint64{0, MaxDifficulty + 1, 1<<64 - 1} {
		c := Challenge{Params: DefaultParams(), Difficulty: d}
		if err := c.Validate(); !errors.Is(err, ErrChallenge) {
			t.Errorf("difficulty %d: %v", d, err)
		}
	}
}
