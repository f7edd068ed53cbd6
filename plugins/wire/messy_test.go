package wire

import (
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/subjects/taler"
)

// The properties below hold by the rules of ScanKeys, whatever is drawn. Noise is
// made of words of which every one has a look-alike (I, L, O, U), so that no
// stretch of several words is believed, and none begins with MAP or KYC. The word
// beside the key is longer than any group, so that the groups end there.
var noiseWords = strings.Fields("Rechnung fuer Oktober Wohnung Zuerich Miete3OG danke-vielmals loyer rent-of-July 2025O117 Nr.12I TALER")

const longWord = "Donaudampfschifffahrtsgesellschaft"

// inKey separates the groups of a key, or the key from noise. A bank may break a
// line where it likes, but between words it leaves a blank.
var (
	inKey   = []string{" ", "  ", "-", "+", "/", ".", ":", "%20", "\t", "\u00a0", " - ", " \n", "\n", "\n "}
	outside = []string{" ", ", ", ": ", "%20", " -- ", " \n", "\n ", "\r\n"}
)

func drawKey(t *rapid.T) taler.EddsaPublicKey {
	seed := rapid.SliceOfN(rapid.Byte(), ed25519.SeedSize, ed25519.SeedSize).Draw(t, "seed")
	return taler.EddsaPublicKey(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
}

// drawKeyLike returns a key whose text begins so.
func drawKeyLike(t *rapid.T, begin string) taler.EddsaPublicKey {
	text := []byte(begin + drawKey(t).String()[len(begin):])
	for i := 0; ; i++ { // every second one is a point of the curve
		text[len(begin)+i%8] = Crockford[(i*7+int(text[len(begin)+8]))%len(Crockford)]
		if key, err := taler.ParseEddsaPublicKey(string(text)); err == nil {
			return key
		}
	}
}

func drawNoise(t *rapid.T, label string) string {
	words := rapid.SliceOfN(rapid.SampledFrom(noiseWords), 0, 12).Draw(t, label)
	return strings.Join(words, " ")
}

// amidNoise puts noise on both sides, either, or none.
func amidNoise(t *rapid.T, text string) string {
	if rapid.Bool().Draw(t, "noise before") {
		text = drawNoise(t, "before") + " " + longWord + rapid.SampledFrom(outside).Draw(t, "gap") + text
	}
	if rapid.Bool().Draw(t, "noise after") {
		text += rapid.SampledFrom(outside).Draw(t, "gap") + longWord + " " + drawNoise(t, "after")
	}
	return text
}

// recase changes the case of all symbols or of some.
func recase(t *rapid.T, text string) string {
	switch rapid.SampledFrom([]string{"upper", "lower", "mixed"}).Draw(t, "case") {
	case "lower":
		return strings.ToLower(text)
	case "mixed":
		lower := rapid.SliceOfN(rapid.Bool(), len(text), len(text)).Draw(t, "lower")
		mixed := []byte(text)
		for i := range mixed {
			if lower[i] {
				mixed[i] = strings.ToLower(text[i : i+1])[0]
			}
		}
		return string(mixed)
	}
	return text
}

// lookAlikes types O for 0, I or L for 1 and U for V, here and there.
func lookAlikes(t *rapid.T, text string) string {
	typed := []byte(text)
	for i, c := range typed {
		if alike := map[byte]string{'0': "0O", '1': "1IL", 'V': "VU"}[c]; alike != "" {
			typed[i] = rapid.SampledFrom([]byte(alike)).Draw(t, "look-alike")
		}
	}
	return string(typed)
}

// regroup writes a text whole, in two pieces, or in groups of which the first or
// the last may be shorter.
func regroup(t *rapid.T, text string) string {
	separator := rapid.SampledFrom(inKey).Draw(t, "separator")
	switch rapid.SampledFrom([]string{"whole", "halves", "groups"}).Draw(t, "layout") {
	case "halves":
		at := rapid.IntRange(1, len(text)-1).Draw(t, "cut")
		return text[:at] + separator + text[at:]
	case "groups":
		size := rapid.IntRange(1, 27).Draw(t, "size")
		first := rapid.IntRange(1, size).Draw(t, "first")
		return text[:first] + separator + strings.ReplaceAll(group(text[first:], size), " ", separator)
	}
	return text
}

// cutAnywhere puts separators between any symbols, a few or many.
func cutAnywhere(t *rapid.T, text string) string {
	many := rapid.SampledFrom([]int{1, 2, 3, 10, len(text) - 1}).Draw(t, "pieces")
	cuts := rapid.SliceOfNDistinct(rapid.IntRange(1, len(text)-1), 0, many, rapid.ID[int]).Draw(t, "cuts")
	var b strings.Builder
	for i := range text {
		if slices.Contains(cuts, i) {
			b.WriteString(rapid.SampledFrom(inKey).Draw(t, "separator"))
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// wrap breaks a text after 27 or 35 characters, as banks do, or not at all.
func wrap(t *rapid.T, text string) []string {
	if width := rapid.SampledFrom([]int{0, 27, 35}).Draw(t, "width"); width > 0 {
		return lines(lineUp(strings.ReplaceAll(text, "\n", " "), width))
	}
	return lines(text)
}

// hasMark tells that the symbols of a key hold a prefix, which a cut could lay
// bare. Then nothing may be read.
func hasMark(key taler.EddsaPublicKey) bool {
	return strings.Contains(key.String(), Mark) || strings.Contains(key.String(), kyc)
}

func isOnly(t *rapid.T, text []string, want Candidate) {
	t.Helper()
	if diff := cmp.Diff([]Candidate{want}, ScanKeys(text...)); diff != "" {
		t.Fatalf("%q: %s", text, diff)
	}
}

// A bare key is found in any layout that shows where it begins and ends, and with
// look-alikes when it is whole.
func TestMessyKeys_Bare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Custom(drawKey).Filter(func(k taler.EddsaPublicKey) bool { return !hasMark(k) }).Draw(t, "key")
		text := recase(t, key.String())
		if rapid.Bool().Draw(t, "look-alikes") {
			text = lookAlikes(t, key.String())
		} else {
			text = regroup(t, text)
		}
		isOnly(t, wrap(t, amidNoise(t, text)), Candidate{Kind: KindReserve, Key: key})
	})
}

// Behind a prefix look-alikes do not matter, and neither does how the prefix is
// set off.
func TestMessyKeys_Marked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Custom(drawKey).Filter(func(k taler.EddsaPublicKey) bool { return !hasMark(k) }).Draw(t, "key")
		kind, prefix := KindKYC, kyc
		if rapid.Bool().Draw(t, "MAP") {
			kind, prefix = KindAuthorization, Mark
		}
		text := recase(t, lookAlikes(t, key.String()))
		if rapid.Bool().Draw(t, "apart") {
			text = recase(t, prefix) + rapid.SampledFrom([]string{" ", ":", ": ", "%20", "-", "\n"}).Draw(t, "colon") + regroup(t, text)
		} else {
			text = regroup(t, recase(t, prefix)+text)
		}
		text = amidNoise(t, text)
		if kind == KindAuthorization {
			// A line end within the noise could make it a word as long as a check.
			isOnly(t, lines(text), Candidate{Kind: kind, Key: key})
			return
		}
		isOnly(t, wrap(t, text), Candidate{Kind: kind, Key: key})
	})
}

// The subject of S8 is found wherever it is cut, since its check tells that the
// pieces belong together.
func TestMessyKeys_Checked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Custom(drawKey).Filter(func(k taler.EddsaPublicKey) bool { return !hasMark(k) }).Draw(t, "key")
		text := cutAnywhere(t, recase(t, Mark+lookAlikes(t, string(CheckedKey(key))[prefixSymbols:])))
		isOnly(t, lines(amidNoise(t, text)), Candidate{Kind: KindAuthorization, Key: key})
	})
}

// However a key is cut and typed, it is found or nothing is.
func TestMessyKeys_NeverAnother(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := drawKey(t)
		if rapid.Bool().Draw(t, "begins with a prefix") {
			key = drawKeyLike(t, rapid.SampledFrom([]string{kyc, Mark, "KYCMAP", "MAPKYC", "KYCKYC"}).Draw(t, "begin"))
		}
		prefix := rapid.SampledFrom([]string{"", kyc, Mark}).Draw(t, "prefix")
		text := cutAnywhere(t, recase(t, prefix+lookAlikes(t, key.String())))
		for _, found := range ScanKeys(wrap(t, amidNoise(t, text))...) {
			if found.Key != key {
				t.Fatalf("%q is read as %s", text, found.Key)
			}
		}
	})
}

// Two keys of one kind are ambiguous, however each is written; the same key twice
// is one.
func TestMessyKeys_Two(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Custom(drawKey).Filter(func(k taler.EddsaPublicKey) bool { return !hasMark(k) })
		first, second := draw.Draw(t, "first"), draw.Draw(t, "second")
		if rapid.Bool().Draw(t, "same") {
			second = first
		}
		kind, prefix := KindReserve, ""
		if rapid.Bool().Draw(t, "KYC") {
			kind, prefix = KindKYC, "KYC "
		}
		text := prefix + regroup(t, first.String()) + " " + longWord + " " + drawNoise(t, "between") + " " + longWord + " " + prefix + regroup(t, second.String())
		want := AddCandidates(nil, Candidate{Kind: kind, Key: first}, Candidate{Kind: kind, Key: second})
		if diff := cmp.Diff(want, ScanKeys(wrap(t, amidNoise(t, text))...)); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}

// A key that itself begins with a prefix is that key, and behind another prefix it
// is what that prefix says.
func TestMessyKeys_PrefixOfTheKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		begin := rapid.SampledFrom([]string{kyc, Mark}).Draw(t, "begin")
		key := drawKeyLike(t, begin)
		if rest := key.String()[1:]; strings.Contains(rest, kyc) || strings.Contains(rest, Mark) {
			t.Skip("another prefix")
		}
		text := recase(t, key.String())
		isOnly(t, lines(amidNoise(t, text)), Candidate{Kind: KindReserve, Key: key})
		isOnly(t, lines(amidNoise(t, "KYC "+text)), Candidate{Kind: KindKYC, Key: key})
		isOnly(t, lines(amidNoise(t, "MAP"+text)), Candidate{Kind: KindAuthorization, Key: key})
		isOnly(t, lines(amidNoise(t, string(CheckedKey(key)))), Candidate{Kind: KindAuthorization, Key: key})
	})
}
