package wire

import "slices"

// tornSlack is how many symbols a payer may lose or add before a text that
// begins with MAP is no longer taken for a damaged subject.
const tornSlack = 3

// marks are the places of a text at which a subject of S8 begins, or begins
// wrongly. They are judged with every line end as a separator, whichever way
// the lines are read, so that joining lines never hides a failed check.
type marks struct {
	maps    []int        // where a run begins with MAP
	near    []int        // where 61 symbols begin with two of the letters of MAP
	failed  []int        // where 61 symbols begin with MAP and their check fails
	checked []keyReading // where it holds
}

// findMarks fills the marks in. It is false when there are too many.
func (s *keyScan) findMarks() bool {
	subject := stretch{n: checkedSymbols}
	for run, start := range s.broken[:len(s.broken)-1] {
		agreement := s.agreement(start, Mark)
		if agreement == prefixSymbols {
			s.maps = append(s.maps, start)
		}
		if agreement >= prefixSymbols-1 && subject.from(s.broken, run) {
			s.findMark(start, agreement)
		}
		if len(s.maps) > maxReadings || len(s.near) > maxReadings {
			return false
		}
	}
	return true
}

// findMark looks at 61 symbols between the edges of runs that begin with two or
// all three letters of MAP.
func (s *keyScan) findMark(start, agreement int) {
	switch agreement {
	case prefixSymbols - 1:
		s.near = append(s.near, start)
	case prefixSymbols:
		r := keyReading{start, start + prefixSymbols, start + checkedSymbols, KindAuthorization, rankUpperPrefixed}
		values, _ := CrockfordValues(make([]byte, 0, checkedSymbols), s.symbols[r.key:r.end])
		if BCHValid(values) && s.endsKey(r.key+keySymbols) {
			s.checked = append(s.checked, r)
		} else {
			s.failed = append(s.failed, start)
		}
	}
}

// refused tells that an unchecked reading overlaps a subject whose check failed,
// which is final (S8): neither the shorter form nor any other key is read there.
// The shorter form is not read either where a check with one symbol too few or
// too many may follow, that is before a word of five to seven symbols.
func (s *keyScan) refused(r keyReading) bool {
	if r.kind == KindAuthorization && s.runEnds(r.start+checkedSymbols-1, r.start+checkedSymbols+1) {
		return true
	}
	return slices.ContainsFunc(s.failed, func(start int) bool {
		return r.start < start+checkedSymbols && start < r.end
	})
}

// torn tells that a bare reading overlaps what may be a damaged subject of S8:
// a run that begins with MAP, and the 61 symbols from there and a few more.
//
// Two unbroken keys are believed nevertheless. One begins with MAP itself and
// no run ends where the rest of a subject would; the other begins so late that
// it would reach beyond the end of a subject. Also torn is a key after a
// misspelt MAP and before six symbols.
func (s *keyScan) torn(r keyReading, unbroken bool) bool {
	const longest = checkedSymbols + tornSlack
	for _, start := range s.maps {
		switch {
		case r.start >= start+longest || start >= r.end: // elsewhere
		case unbroken && r.start > start+longest-keySymbols:
		case unbroken && r.start == start && !s.runEnds(start+checkedSymbols-tornSlack, start+longest):
		default:
			return true
		}
	}
	return slices.Contains(s.near, r.start-prefixSymbols)
}

// runEnds tells whether a run ends from the symbol from up to the symbol to.
func (s *keyScan) runEnds(from, to int) bool {
	i, _ := slices.BinarySearch(s.broken, from)
	return i < len(s.broken) && s.broken[i] <= to
}

// hidesChecked tells that a bare or KYC reading overlaps 58 symbols whose last
// six are the check of the others: a subject whose prefix was damaged. Chance
// does that once in 10^7 readings.
func (s *keyScan) hidesChecked(r keyReading) bool {
	if r.kind == KindAuthorization {
		return false
	}
	from, to := max(0, r.start-checkedKeyValues+1), min(len(s.symbols), r.end+checkedKeyValues-1)
	values, _ := CrockfordValues(make([]byte, 0, to-from), s.symbols[from:to])
	return bchAnywhere(values)
}

// straddles tells that a bare reading in pieces reaches over a piece that begins
// with KYC: it would be noise and the beginning of a KYC key. If its own first
// piece begins so, it may be all of a KYC key but the end: a run ends where that
// key would.
func (s *keyScan) straddles(r keyReading) bool {
	if s.hasPrefix(r.start, kyc) && s.runEnds(r.start+markedSymbols, r.start+markedSymbols) {
		return true
	}
	from, _ := slices.BinarySearch(s.broken, r.start+1)
	to, _ := slices.BinarySearch(s.broken, r.end)
	return slices.ContainsFunc(s.broken[from:to], func(start int) bool { return s.hasPrefix(start, kyc) })
}

// hasLookAlikes tells that a bare reading holds letters which only a decoder
// reads as symbols (I, L, O, U). They are tolerated in an unbroken key; in one
// that is cut into groups they are the sign of ordinary words: of 52 letters of
// German or English text, one in 10^5 times none is among them.
func (s *keyScan) hasLookAlikes(r keyReading) bool {
	return slices.ContainsFunc(s.symbols[r.start:r.end], func(c byte) bool {
		return Crockford[crockfordValues[c]] != upper(c)
	})
}
