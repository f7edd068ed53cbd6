package wire

import "slices"

// References returns the references that read finds in the stretches of exactly
// n symbols between the edges of runs whose first symbol is first (upper case).
// The window given to read is in upper case and valid during the call only.
//
// Every line end is an edge: what is found with the lines joined is among it, and
// so is what stands behind a line end that was a blank. Were one reading believed
// before the other, it would hide the second subject of a text (T2).
func (t Text) References(n int, first byte, read func(window []byte) (Reference, bool)) []Candidate {
	return t.find(finder{
		likely: func() []int { return t.beginning(n, first) },
		n:      n,
		read:   read,
		within: func(span) bool { return false },
	})
}

// Numbers is References for stretches of n digits. Their groups must stand close
// to each other, and what belongs to an IBAN, which many texts name, is no number.
func (t Text) Numbers(n int, read func(window []byte) (Reference, bool)) []Candidate {
	var iban span // the last one found, since many numbers may be in one
	return t.find(finder{
		likely: func() []int { return t.numbers(n) },
		n:      n,
		read:   read,
		within: func(number span) bool {
			if !iban.holds(number) {
				iban = t.ibanAround(number)
			}
			return iban.holds(number)
		},
	})
}

// span is the symbols from one up to another.
type span struct{ from, to int }

func (s span) holds(other span) bool { return s.from <= other.from && other.to <= s.to }

// finder looks for references of n symbols.
type finder struct {
	likely func() []int // where they may begin, at most MaxWindows
	n      int
	read   func(window []byte) (Reference, bool)
	within func(span) bool // whether they belong to something else
}

func (t Text) find(f finder) (found []Candidate) {
	window := make([]byte, f.n)
	for _, start := range f.likely() {
		if len(found) == MaxCandidates {
			break
		}
		for i, c := range t.symbols[start : start+f.n] {
			window[i] = upper(c)
		}
		reference, ok := f.read(window)
		if !ok || slices.ContainsFunc(found, func(c Candidate) bool { return c.Reference == reference }) {
			continue
		}
		if !f.within(span{start, start + f.n}) {
			found = AddCandidates(found, Candidate{Kind: KindReference, Reference: reference})
		}
	}
	return found
}

// beginning returns the stretches of n symbols that begin with a letter or digit
// in any case, none when there are more than MaxWindows.
func (t Text) beginning(n int, first byte) (likely []int) {
	w := stretch{n: n}
	for run, start := range t.broken[:len(t.broken)-1] {
		if upper(t.symbols[start]) != first || !w.from(t.broken, run) {
			continue
		}
		if len(likely) == MaxWindows {
			return nil
		}
		likely = append(likely, start)
	}
	return likely
}

// numbers returns the stretches of n digits in which no run stands far from the
// one before it, none when there are more than MaxWindows.
func (t Text) numbers(n int) (likely []int) {
	w, digits, near := stretch{n: n}, 0, 0
	for run, start := range t.broken[:len(t.broken)-1] {
		if !isDigit(t.symbols[start]) || !w.from(t.broken, run) {
			continue
		}
		for digits = max(digits, start); digits < start+n && isDigit(t.symbols[digits]); {
			digits++
		}
		for near < len(t.distant) && t.distant[near] <= start {
			near++
		}
		if digits < start+n || near < len(t.distant) && t.distant[near] < start+n {
			continue
		}
		if len(likely) == MaxWindows {
			return nil
		}
		likely = append(likely, start)
	}
	return likely
}
