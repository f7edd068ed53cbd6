package plugins_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
)

// typingError damages a text as people do, or is false when the text has no
// place for this error (Verhoeff, Error Detecting Decimal Codes, 1969).
type typingError func(random *rand.Rand, text, symbols string) (string, bool)

// typingErrors are the classes of the table, and their shares in a hundred
// errors of people who type numbers.
var typingErrors = []struct {
	name  string
	share float64
	err   typingError
}{
	{"single", 79.0, single},
	{"adjacent", 10.2, swap(1)},
	{"jump", 0.8, swap(2)},
	{"twin", 0.6, twins(1)},
	{"jump twin", 0.3, twins(2)},
	{"phonetic", 0.5, phonetic},
	{"two single", 8.6, double},
	{"random word", 0, word},
}

// single exchanges a symbol: 1 by 4.
func single(random *rand.Rand, text, symbols string) (string, bool) {
	at := random.IntN(len(text))
	return exchange(random, text, symbols, at), true
}

func exchange(random *rand.Rand, text, symbols string, at int) string {
	for {
		if c := symbols[random.IntN(len(symbols))]; c != text[at] {
			return text[:at] + string(c) + text[at+1:]
		}
	}
}

// swap exchanges two different symbols at a distance: 12 by 21, 132 by 231.
func swap(distance int) typingError {
	return func(random *rand.Rand, text, _ string) (string, bool) {
		at := random.IntN(len(text) - distance)
		wrong := []byte(text)
		wrong[at], wrong[at+distance] = wrong[at+distance], wrong[at]
		return string(wrong), string(wrong) != text
	}
}

// twins exchanges two equal symbols at a distance: 11 by 22, 131 by 232.
func twins(distance int) typingError {
	return func(random *rand.Rand, text, symbols string) (string, bool) {
		at := random.IntN(len(text) - distance)
		if text[at] != text[at+distance] {
			return "", false
		}
		wrong := exchange(random, text, symbols, at)
		return wrong[:at+distance] + wrong[at:at+1] + wrong[at+distance+1:], true
	}
}

// phonetic exchanges 13 by 30 or 30 by 13: thirteen, thirty.
func phonetic(random *rand.Rand, text, _ string) (string, bool) {
	at := random.IntN(len(text) - 1)
	switch a, b := text[at], text[at+1]; {
	case a == '1' && b >= '2' && b <= '9':
		return text[:at] + string(b) + "0" + text[at+2:], true
	case b == '0' && a >= '2' && a <= '9':
		return text[:at] + "1" + string(a) + text[at+2:], true
	}
	return "", false
}

// double exchanges two symbols.
func double(random *rand.Rand, text, symbols string) (string, bool) {
	first, second := random.IntN(len(text)), random.IntN(len(text))
	return exchange(random, exchange(random, text, symbols, first), symbols, second), first != second
}

// word exchanges all symbols.
func word(random *rand.Rand, text, symbols string) (string, bool) {
	wrong := make([]byte, len(text))
	for i := range wrong {
		wrong[i] = symbols[random.IntN(len(symbols))]
	}
	return string(wrong), string(wrong) != text
}

// checked is a method with what is known about its subjects.
type checked struct {
	every
	symbols string // that people type
	head    int    // symbols in front that are always the same, which a random word keeps
	live    map[wire.Candidate]bool
	texts   []string
	wants   []wire.Candidate
}

// prepare registers subjects at random, as the permuted cursor does.
func prepare(t *testing.T, m every, live int) *checked {
	t.Helper()
	random := rand.New(rand.NewPCG(15, 16))
	c := &checked{every: m, symbols: "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", head: len(m.Spec().Prefix), live: map[wire.Candidate]bool{}}
	if strings.Trim(m.Spec().Alphabet, "0123456789") == "" {
		c.symbols = "0123456789"
	}
	for i := range live {
		n := random.Uint64()
		if m.Spec().Size == 0 {
			n = uint64(i)
		}
		text, want := m.draw(t, n)
		c.live[want] = true
		c.texts, c.wants = append(c.texts, text), append(c.wants, want)
	}
	return c
}

// damaged returns a subject with an error, and the subject.
func (c *checked) damaged(random *rand.Rand, err typingError) (string, wire.Candidate) {
	for {
		i := random.IntN(len(c.texts))
		text := c.texts[i]
		if wrong, ok := err(random, text[c.head:], c.symbols); ok {
			return text[:c.head] + wrong, c.wants[i]
		}
	}
}

// misread tells whether Scan finds another subject, and whether that is live.
func (c *checked) misread(text string, original wire.Candidate) (another, live bool) {
	for _, found := range c.Scan(wire.Remittance{Structured: []string{text}}) {
		if found != original {
			another, live = true, live || c.live[found]
		}
	}
	return another, live
}

// undetected returns the share of errors of a class that give another
// well-formed subject, in percent.
func (c *checked) undetected(err typingError, trials int) float64 {
	random, passed := rand.New(rand.NewPCG(17, 18)), 0
	for range trials {
		text, original := c.damaged(random, err)
		if another, _ := c.misread(text, original); another {
			passed++
		}
	}
	return 100 * float64(passed) / float64(trials)
}

// misdirected returns the share of all typing errors that hit another live
// subject, in percent.
func (c *checked) misdirected(trials int) float64 {
	random, hits := rand.New(rand.NewPCG(19, 20)), 0
	for range trials {
		text, original := c.damaged(random, draw(random))
		if _, live := c.misread(text, original); live {
			hits++
		}
	}
	return 100 * float64(hits) / float64(trials)
}

// draw chooses a class by its share.
func draw(random *rand.Rand) typingError {
	at := random.Float64() * 100
	for _, class := range typingErrors {
		if at -= class.share; at < 0 {
			return class.err
		}
	}
	return single
}

// maxMisdirected is the aim for errors that credit somebody else, in percent.
const maxMisdirected = 0.0003

// S7: no method lets a single wrong symbol or a swap of neighbours through, and
// hardly any error hits another live subject. With -long and -v it prints the
// table of docs/measurements.md.
func TestS7_ErrorDetection(t *testing.T) {
	t.Parallel()
	live, trials, mix := 1_000, 500, 2_000
	if *long {
		live, trials, mix = 100_000, 100_000, 400_000
	}
	for _, m := range everyMethod(t) {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			c := prepare(t, m, live)
			line := fmt.Sprintf("| `%s` |", m.name)
			for i, class := range typingErrors {
				rate := c.undetected(class.err, trials)
				line += fmt.Sprintf(" %.3g |", rate)
				if i < 2 && rate > 0 {
					t.Errorf("%s: %g %% pass", class.name, rate)
				}
			}
			rate := c.misdirected(mix)
			if t.Log(line + fmt.Sprintf(" %.3g |", rate)); rate > maxMisdirected {
				t.Errorf("%g %% of all errors hit another live subject, the aim is %g %%", rate, maxMisdirected)
			}
		})
	}
}

// The shares make up a whole.
func TestTypingErrors(t *testing.T) {
	t.Parallel()
	sum := 0.0
	for _, class := range typingErrors {
		sum += class.share
	}
	if sum < 99.9 || sum > 100.1 {
		t.Errorf("the shares are %g %%", sum)
	}
	if !slices.Contains([]string{"single", "adjacent"}, typingErrors[0].name) || typingErrors[1].name != "adjacent" {
		t.Error("the first two classes must be those that S7 forbids")
	}
}
