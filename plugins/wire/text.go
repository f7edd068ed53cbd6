package wire

import "iter"

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
}

// ReadText reduces lines, in the order in which the bank delivered them.
func ReadText(lines ...string) Text {
	size := 0
	for _, line := range lines {
		size += len(line)
	}
	t := Text{symbols: make([]byte, 0, size), broken: make([]int, 0, size/2+2)}
	gap, lineEnd := true, true
	for _, line := range lines {
		for i := 0; i < len(line); {
			c, width := symbolAt(line, i)
			i += width
			if c == 0 {
				gap = true
				continue
			}
			if gap || lineEnd {
				t.broken = append(t.broken, len(t.symbols))
			}
			if gap && len(lines) > 1 {
				t.joined = append(t.joined, len(t.symbols))
			}
			gap, lineEnd = false, false
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
	if found := t.references(t.joined, n, first, read); len(found) > 0 || len(t.joined) == len(t.broken) {
		return found
	}
	return t.references(t.broken, n, first, read)
}

func (t Text) references(starts []int, n int, first byte, read func([]byte) (Reference, bool)) []Candidate {
	var found []Candidate
	window, tried := make([]byte, n), 0
	for run := range windows(starts, n) {
		start := starts[run]
		if upper(t.symbols[start]) != first {
			continue
		}
		if tried++; tried > MaxWindows {
			return nil
		}
		for i := range window {
			window[i] = upper(t.symbols[start+i])
		}
		if reference, ok := read(window); ok {
			found = AddCandidates(found, Candidate{Kind: KindReference, Reference: reference})
		}
	}
	return found
}

// upper is ASCII upper case, whatever the locale.
func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
