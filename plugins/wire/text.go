package wire

import (
	"iter"
	"slices"

	"github.com/shortwire/shortwire/subjects/taler"
)

// Text is remittance text reduced to what can be part of a subject: ASCII
// letters and digits, in runs. Everything else separates runs, as does the
// escape %20, which some banks leave undecoded.
//
// Full-width letters and digits (U+FF10 to U+FF5A) count as their ASCII
// originals. That is the only part of Unicode's NFKC which matters here: every
// other compatibility character would be repaired into a symbol the payer did
// not type.
//
// Banks break long text into lines at fixed columns. Whether a line end was a
// blank in the payer's text cannot be known, so there are two readings: in the
// first, lines are joined without a separator; in the second every line end
// separates. A stretch that the first reading knows, the second knows as well.
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

// ReadText reduces lines, in the order in which the bank delivered them.
func ReadText(lines ...string) Text {
	size := 0
	for _, line := range lines {
		size += len(line)
	}
	t := Text{symbols: make([]byte, 0, size), broken: make([]int, 0, size/2+2)}
	gap, lineEnd, separators := true, true, 0
	for _, line := range lines {
		for i := 0; i < len(line); {
			c, width := symbolAt(line, i)
			i += width
			if c == 0 {
				gap = true
				separators++
				continue
			}
			if separators > maxGap {
				t.distant = append(t.distant, len(t.symbols))
			}
			if gap || lineEnd {
				t.broken = append(t.broken, len(t.symbols))
			}
			if gap && len(lines) > 1 {
				t.joined = append(t.joined, len(t.symbols))
			}
			gap, lineEnd, separators = false, false, 0
			t.symbols = append(t.symbols, c)
		}
		lineEnd = true
	}
	t.broken = append(t.broken, len(t.symbols))
	if len(lines) > 1 {
		t.joined = append(t.joined, len(t.symbols))
	} else {
		t.joined = t.broken
	}
	return t
}

// symbolAt returns the symbol at line[i], 0 for a separator, and how many bytes
// it takes. Bytes that are no UTF-8 are separators.
func symbolAt(line string, i int) (symbol byte, width int) {
	c := line[i]
	switch {
	case isAlphanumeric(c):
		return c, 1
	case c == '%' && i+2 < len(line) && line[i+1:i+3] == "20":
		return 0, 3
	case c == 0xEF && i+2 < len(line):
		if ascii := fullWidth(line[i+1], line[i+2]); isAlphanumeric(ascii) {
			return ascii, 3
		}
	}
	return 0, 1
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

// windows yields every stretch of exactly n symbols that begins where a run
// begins and ends where a run ends, as the numbers of its first run and of the
// run after its last. starts is t.joined or t.broken.
func windows(starts []int, n int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for first, after := 0, 0; first < len(starts)-1; first++ {
			for after < len(starts)-1 && starts[after] < starts[first]+n {
				after++
			}
			if starts[after] == starts[first]+n && !yield(first, after) {
				return
			}
		}
	}
}

// MaxWindows bounds how many stretches of one text a method looks into. A text
// of 140 characters has fewer; one that has more was made to cost work, and
// nothing in it is believed.
const MaxWindows = 256

// References returns the references that read finds in the stretches of exactly
// n symbols between the edges of runs whose first symbol is first (upper case),
// with the lines joined; where there are none, with the lines separate. The
// window given to read is in upper case and valid during the call only.
func (t Text) References(n int, first byte, read func(window []byte) (Reference, bool)) []Candidate {
	return t.find(n, func(start int) bool { return upper(t.symbols[start]) == first },
		func(_ int, window []byte) (Reference, bool) { return read(window) })
}

// Numbers is References for stretches of n digits. Their groups must stand close
// to each other, and what belongs to an IBAN, which many texts name, is no number.
func (t Text) Numbers(n int, read func(window []byte) (Reference, bool)) []Candidate {
	return t.find(n, func(start int) bool { return t.digits(start, start+n) && t.close(start, start+n) },
		func(start int, window []byte) (Reference, bool) {
			reference, ok := read(window)
			return reference, ok && !t.inIBAN(start, start+n)
		})
}

// find looks into the stretches of n symbols whose start is likely.
func (t Text) find(n int, likely func(start int) bool, read func(start int, window []byte) (Reference, bool)) []Candidate {
	if found := t.references(t.joined, n, likely, read); len(found) > 0 || len(t.joined) == len(t.broken) {
		return found
	}
	return t.references(t.broken, n, likely, read)
}

func (t Text) references(starts []int, n int, likely func(int) bool, read func(int, []byte) (Reference, bool)) []Candidate {
	var found []Candidate
	var window []byte
	tried := 0
	for run := range windows(starts, n) {
		start := starts[run]
		if !likely(start) {
			continue
		}
		if tried++; tried > MaxWindows {
			return nil
		}
		window = window[:0]
		for _, c := range t.symbols[start : start+n] {
			window = append(window, upper(c))
		}
		if reference, ok := read(start, window); ok {
			found = AddCandidates(found, Candidate{Kind: KindReference, Reference: reference})
		}
	}
	return found
}

// close tells that no run within the symbols stands far from the one before it.
func (t Text) close(from, to int) bool {
	i, _ := slices.BinarySearch(t.distant, from+1)
	return i == len(t.distant) || t.distant[i] >= to
}

func (t Text) digits(from, to int) bool {
	for _, c := range t.symbols[from:to] {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// maxIBAN is the number of characters of the longest IBAN (ISO 13616-1).
const maxIBAN = 34

// inIBAN tells that a valid IBAN between the edges of runs holds the symbols.
func (t Text) inIBAN(from, to int) bool {
	first, _ := slices.BinarySearch(t.broken, to-maxIBAN)
	for _, start := range t.broken[first:] {
		if start >= from {
			return false
		}
		if start+4 < to && !isDigit(t.symbols[start]) && t.ibanFrom(start, to) {
			return true
		}
	}
	return false
}

// ibanFrom tells that a valid IBAN begins at start and ends at end or later.
func (t Text) ibanFrom(start, end int) bool {
	text := []byte(t.symbols[start:min(start+maxIBAN, len(t.symbols))])
	for i := range text {
		text[i] = upper(text[i])
	}
	first, _ := slices.BinarySearch(t.broken, end)
	for _, edge := range t.broken[first:] {
		if edge-start > len(text) {
			return false
		}
		if taler.ValidIBAN(string(text[:edge-start])) {
			return true
		}
	}
	return false
}

// upper is ASCII upper case, whatever the locale.
func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
