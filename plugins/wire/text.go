package wire

import "strings"

// Text is remittance text reduced to what can be part of a subject: ASCII
// letters and digits, in runs. Everything else separates runs, as does the
// escape %20, which some banks leave undecoded, and break at the end of a line.
//
// Full-width letters and digits (U+FF10 to U+FF5A) count as their ASCII
// originals. That is the only part of Unicode's NFKC which matters here: every
// other compatibility character would be repaired into a symbol the payer did
// not type.
//
// Banks break long text into lines at fixed columns. Whether a line end was a
// blank in the payer's text cannot be known, so there are two readings: in the
// first, lines are joined without a separator; in the second every line end
// separates. A stretch that the first reading knows, the second knows as well, so
// the second is enough where the grouping does not matter, as it does for keys.
// What either finds counts: believing one before the other would hide a subject.
//
// A Text is read once and never changes. Building it and walking its windows is
// linear in the length of the text.
type Text struct {
	symbols []byte
	joined  []int // starts of the runs when lines are joined, then the end
	broken  []int // starts of the runs when lines are not, then the end
	distant []int // starts of the runs that stand far from what is before them
}

// maxGap is how many characters may stand between the groups of a number, such
// as " / ". What stands further apart was not written as one.
const maxGap = 3

// minRuns is how many runs any text may have. A longer text may have one for
// every bytesPerRun bytes, of which prose needs six, and a text in groups of four
// five. What has more was made to cost work: nothing in it is believed. It is
// many thousands of bytes long.
const (
	minRuns     = 2500
	bytesPerRun = 4
)

// ReadText reduces lines, in the order in which the bank delivered them.
func ReadText(lines ...string) Text {
	size := 0
	for _, line := range lines {
		size += len(line)
	}
	runs := max(minRuns, size/bytesPerRun)
	t := Text{symbols: make([]byte, 0, size), broken: make([]int, 0, min(size, runs)+1)}
	if len(lines) > 1 {
		t.joined = make([]int, 0, cap(t.broken))
	}
	separators := 1 // before the next symbol; the beginning of the text is one
	rest := 0       // bytes of a line that belong to an escape in the line before
	for i, line := range lines {
		line = line[rest:]
		if rest = 0; i+1 < len(lines) {
			line, rest = joinEscape(line, lines[i+1])
		}
		separators = t.readLine(line, separators, len(lines) > 1)
		if len(t.broken) > runs {
			return Text{joined: []int{0}, broken: []int{0}}
		}
	}
	t.broken = append(t.broken, len(t.symbols))
	if len(lines) > 1 {
		t.joined = append(t.joined, len(t.symbols))
	} else {
		t.joined = t.broken
	}
	return t
}

// readLine appends the runs of a line that begins after some separators, and
// returns how many stand at its end. It goes no further than one run too many.
func (t *Text) readLine(line string, separators int, join bool) int {
	symbols, isRun := t.symbols, false
	for i := 0; i < len(line); i++ {
		c := plainSymbols[line[i]]
		if c == escape {
			var width int
			c, width = escapedAt(line, i)
			i += width - 1
		}
		if c == 0 {
			separators++
			isRun = false
			continue
		}
		if !isRun {
			t.startRun(len(symbols), separators, join)
			isRun, separators = true, 0
			if len(t.broken) == cap(t.broken) {
				break
			}
		}
		symbols = append(symbols, c)
	}
	t.symbols = symbols
	return separators
}

// startRun notes that a run begins after some separators, or after a line end.
func (t *Text) startRun(start, separators int, join bool) {
	if separators > maxGap {
		t.distant = append(t.distant, start)
	}
	t.broken = append(t.broken, start)
	if join && separators > 0 {
		t.joined = append(t.joined, start)
	}
}

// symbolAt returns the symbol at line[i], 0 for a separator, and how many bytes
// it takes. Bytes that are no UTF-8 are separators.
func symbolAt(line string, i int) (symbol byte, width int) {
	if c := plainSymbols[line[i]]; c != escape {
		return c, 1
	}
	return escapedAt(line, i)
}

// escapedAt is symbolAt for what may be written in three bytes.
func escapedAt(line string, i int) (symbol byte, width int) {
	switch {
	case i+2 >= len(line):
	case line[i:i+3] == "%20":
		return 0, 3
	case line[i] == 0xEF:
		if ascii := fullWidth(line[i+1], line[i+2]); isAlphanumeric(ascii) {
			return ascii, 3
		}
	}
	return 0, 1
}

// joinEscape returns a line without the digits of an escape that a bank broke at
// the end of it, and how many bytes of the next line belong to that escape.
func joinEscape(line, next string) (string, int) {
	switch {
	case strings.HasSuffix(line, "%2") && strings.HasPrefix(next, "0"):
		return line[:len(line)-1], 1
	case strings.HasSuffix(line, "%") && strings.HasPrefix(next, "20"):
		return line, 2
	}
	return line, 0
}

// plainSymbols holds every ASCII letter and digit at its own place, escape where
// more bytes must be looked at, and zeros.
var plainSymbols = makePlainSymbols()

const escape = 1

func makePlainSymbols() (symbols [256]byte) {
	for c := range symbols {
		if isAlphanumeric(byte(c)) {
			symbols[c] = byte(c)
		}
	}
	symbols['%'], symbols[0xEF] = escape, escape
	return symbols
}

// fullWidth returns the ASCII original of the character of U+FF00 to U+FF7F
// whose UTF-8 form is EF and the two bytes, 0 for others. U+FF01 is '!'.
func fullWidth(second, third byte) byte {
	switch {
	case second == 0xBC && third >= 0x81 && third <= 0xBF: // U+FF01 to U+FF3F
		return third - 0x81 + '!'
	case second == 0xBD && third >= 0x80 && third <= 0x9E: // U+FF40 to U+FF5E
		return third - 0x80 + '`'
	}
	return 0
}

func isAlphanumeric(c byte) bool {
	return isDigit(c) || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// stretch finds the stretches of exactly n symbols that begin where a run begins
// and end where a run ends, for one first run after the other.
type stretch struct{ n, after int }

// from tells whether such a stretch begins with the run first, and leaves the run
// after its last in after. starts is t.joined or t.broken.
func (w *stretch) from(starts []int, first int) bool {
	end := starts[first] + w.n
	for w.after < len(starts)-1 && starts[w.after] < end {
		w.after++
	}
	return starts[w.after] == end
}

// MaxWindows bounds how many stretches of one text a method looks into. A text
// of 140 characters has fewer; one that has more was made to cost work, and
// nothing in it is believed.
const MaxWindows = 256

// upper is ASCII upper case, whatever the locale.
func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
