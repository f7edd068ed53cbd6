package bitcoin

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
	"github.com/shortwire/shortwire/subjects/taler"
)

func vectorFile(network string) string { return "testdata/" + network + ".json" }

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"bc", "tb", "bcrt"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			_, m := wiretest.Open(t, Factory(), vectorFile(network))
			wiretest.Run(t, m)
		})
	}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"bc", "tb", "bcrt"} {
		wiretest.Vectors(t, Factory(), vectorFile(network))
	}
}

// The addresses are those of the tests of Taler's wallet.
func TestT4_TwoOutputs(t *testing.T) {
	t.Parallel()
	const (
		key           = "B9E0EXNDKGJX7WFAEVZCZXM0R661T66YWD71N7NRFDEWQEV10XSG"
		first, second = "bc1qtfwqwaj6tsrhdtvuyhflr6nklm8ldqxprfy6fa", "bc1qmfwqwa5vr5vdac6wr20ts76aewakzpmn6n5h86"
		other         = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
	)
	want := []wire.Candidate{{Kind: wire.KindReserve, Key: mustKey(t, key)}}
	_, m := wiretest.Open(t, Factory(), vectorFile("bc"))
	for name, c := range map[string]struct {
		lines []string
		want  []wire.Candidate
	}{
		"as sent":            {[]string{first, second}, want},
		"in the other order": {[]string{second, first}, want},
		"on one line":        {[]string{first + " " + second}, want},
		"in capitals":        {[]string{strings.ToUpper(first), strings.ToUpper(second)}, want},
		"among others":       {[]string{other, second, other, first}, want},
		"twice":              {[]string{first, second, first, second}, want},
		"one half":           {[]string{first, other}, nil},
		"one half twice":     {[]string{first, first}, nil},
		"a wrong character":  {[]string{first[:20] + "q" + first[21:], second}, nil},
		"nothing":            {nil, nil},
		"too many":           {strings.Fields(strings.Repeat(first+" "+second+" ", 40)), nil},
		"two full lines":     {[]string{first + strings.Repeat(" "+other, 16), second + strings.Repeat(" "+other, 16)}, want},
		"another network":    {[]string{"tb1q9yl4f23f8a224xagwq8hej8akuvd63yld4l2kp", "tb1q4yl4f2kurkqx0gq2ltfazf9w2jdu48ya2enygj"}, nil},
	} {
		if diff := cmp.Diff(c.want, wire.Candidates(m, wire.Remittance{Unstructured: c.lines}, true)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if found := wire.Candidates(m, wire.Remittance{Unstructured: c.lines}, false); len(found) > 0 {
			t.Errorf("%s: switched off, %v", name, found)
		}
	}
	hidden := wire.Remittance{Structured: []string{"x"}, Unstructured: []string{first, second}}
	if found := wire.Candidates(m, hidden, true); len(found) > 0 {
		t.Errorf("beside a structured reference: %v", found)
	}
}

func TestT4_TwoOutputsOnTheTestNetwork(t *testing.T) {
	t.Parallel()
	_, m := wiretest.Open(t, Factory(), vectorFile("tb"))
	r := wire.Remittance{Unstructured: []string{"tb1q9yl4f23f8a224xagwq8hej8akuvd63yld4l2kp", "tb1q4yl4f2kurkqx0gq2ltfazf9w2jdu48ya2enygj"}}
	want := []wire.Candidate{{Kind: wire.KindReserve, Key: mustKey(t, "54ZN9AMVN1R0YZ68ZPVHHQA4KZE1V037M05FNMYH4JQ596YAKJEG")}}
	if diff := cmp.Diff(want, wire.Candidates(m, r, true)); diff != "" {
		t.Error(diff)
	}
}

func mustKey(t *testing.T, text string) taler.EddsaPublicKey {
	t.Helper()
	key, err := taler.ParseEddsaPublicKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	for payto, parameters := range map[string]map[string]string{
		"payto://iban/DE75512108001245126199":                        nil,
		"payto://bitcoin/bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4": {"network": "bc"},
	} {
		p, err := taler.ParsePayto(payto)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Factory().New(wire.Settings{Account: "a", Payto: p, Parameters: parameters}); !errors.Is(err, wire.ErrSettings) {
			t.Errorf("%s: error %v, want ErrSettings", payto, err)
		}
	}
}

func FuzzScan(f *testing.F) {
	_, m := wiretest.Open(f, Factory(), vectorFile("bc"))
	wiretest.Fuzz(f, m, "bc1qtfwqwaj6tsrhdtvuyhflr6nklm8ldqxprfy6fa", "bc1qmfwqwa5vr5vdac6wr20ts76aewakzpmn6n5h86", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2")
}

func BenchmarkEncode(b *testing.B) {
	_, m := wiretest.Open(b, Factory(), vectorFile("bc"))
	wiretest.BenchmarkEncode(b, m)
}

func BenchmarkScan(b *testing.B) {
	_, m := wiretest.Open(b, Factory(), vectorFile("bc"))
	wiretest.BenchmarkScan(b, m, "bc1qtfwqwaj6tsrhdtvuyhflr6nklm8ldqxprfy6fa", "B ")
}
