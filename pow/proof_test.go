package pow

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestParseProof: one proof has one spelling, and whatever is none is told so.
func TestParseProof(t *testing.T) {
	t.Parallel()
	const k = 8
	text := noise(rand.New(rand.NewPCG(5, 6)), k).String()
	if _, err := ParseProof(text, k); err != nil {
		t.Fatal(err)
	}
	last := strings.IndexByte(base64url, text[len(text)-1])
	for name, bad := range map[string]string{
		"empty":               "",
		"a symbol short":      text[1:],
		"a symbol more":       text + "A",
		"trailing data":       text + "AAAA",
		"padded":              text + "=",
		"padded in place":     text[:len(text)-1] + "=",
		"seven sub-proofs":    noise(rand.New(rand.NewPCG(5, 6)), 7).String(),
		"nine sub-proofs":     noise(rand.New(rand.NewPCG(5, 6)), 9).String(),
		"loose bits":          text[:len(text)-1] + base64url[last|1:][:1],
		"standard alphabet":   "+" + text[1:],
		"a slash":             text[:9] + "/" + text[10:],
		"line break within":   text[:10] + "\n" + text[11:],
		"line break added":    text[:10] + "\n" + text[10:],
		"carriage returns":    "\r\n" + text[2:],
		"a space":             " " + text[1:],
		"a zero byte":         "\x00" + text[1:],
		"not ASCII":           "é" + text[2:],
		"hexadecimal":         strings.Repeat("00", 200),
		"far too long":        strings.Repeat("A", 1<<20),
		"a JSON text":         `"` + text[2:] + `"`,
		"of all line breaks":  strings.Repeat("\n", len(text)),
		"surplus at the end":  text[:len(text)-1] + "\n",
		"wrong case, another": text[:len(text)-2] + "~~",
	} {
		if proof, err := ParseProof(bad, k); !errors.Is(err, ErrEncoding) || proof.SubProofs != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// TestParseProofOfImpossibleCount: k comes from a configuration, but no mistake
// there may bring a server down.
func TestParseProofOfImpossibleCount(t *testing.T) {
	t.Parallel()
	for _, k := range []uint8{MaxSubProofs + 1, 255} {
		if _, err := ParseProof(noise(rand.New(rand.NewPCG(1, 1)), k).String(), k); !errors.Is(err, ErrEncoding) {
			t.Errorf("%d sub-proofs: %v", k, err)
		}
	}
}

func drawProof(t *rapid.T) Proof {
	k := rapid.Uint8Range(1, MaxSubProofs).Draw(t, "k")
	return noise(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)), k)
}

func TestProofRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawProof(t)
		got, err := ParseProof(want.String(), uint8(len(want.SubProofs)))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
	})
}

// FuzzParseProof: whatever is accepted is the one spelling of what was read.
func FuzzParseProof(f *testing.F) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, k := range []uint8{0, 1, 2, 8, 32, 33, 255} {
		f.Add(noise(random, k).String(), k)
		f.Add(strings.Repeat("\n", int(k)), k)
	}
	f.Fuzz(func(t *testing.T, text string, k uint8) {
		proof, err := ParseProof(text, k)
		if err != nil {
			if !errors.Is(err, ErrEncoding) {
				t.Fatal(err)
			}
			return
		}
		if len(proof.SubProofs) != int(k) || proof.String() != text {
			t.Fatalf("%q with %d sub-proofs was read as %q", text, k, proof)
		}
	})
}
