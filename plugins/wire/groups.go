package wire

// runs describes the runs of a text, so that a look at the grouping of a key
// costs the same however many groups it has. Both numbers end at longRun, beyond
// all that matters to a key: a text may have many runs.
type runs []struct {
	length uint8
	alike  uint8 // how many runs of the same length follow at once
}

const longRun = 255

func runLengths(starts []int) runs {
	r := make(runs, len(starts)-1)
	after := runs{{}}[0] // no run is as long as what is behind the text
	for i := len(r) - 1; i >= 0; i-- {
		r[i].length = uint8(min(starts[i+1]-starts[i], longRun))
		if r[i].length == after.length {
			r[i].alike = min(after.alike, longRun-1) + 1
		}
		after = r[i]
	}
	return r
}

// wholeKey tells whether the runs from first up to after can be a bare key that
// somebody or some bank wrote in groups: one run, two runs of any length, or
// groups of one length of which the first and the last may be shorter.
//
// And it tells that the groups end there. Somebody who writes 61 symbols in
// groups of four and mistypes one has written three stretches of 52 symbols
// between blanks, none of which is a key, and each of which would be taken for
// one with a probability of 1/32. So equal groups that go on before or after
// the stretch are not believed, nor is a word as long as the groups beside them.
func (r runs) wholeKey(first, after int) bool {
	size, regular := r.groupSize(first, after)
	if size == 0 {
		return regular
	}
	return regular && (first == 0 || r[first-1].length != size) && r.endsAt(after, size)
}

// wholeMarkedKey is wholeKey for a key behind a prefix, which shows where the
// key begins. The prefix may be a run of its own.
func (r runs) wholeMarkedKey(first, after int) bool {
	if after-first > 1 && r[first].length == prefixSymbols {
		first++
	}
	size, regular := r.groupSize(first, after)
	return regular && (size == 0 || r.endsAt(after, size))
}

// groupSize returns the length of the groups from first up to after, 0 when
// there are too few to tell, and whether they are regular.
func (r runs) groupSize(first, after int) (size uint8, regular bool) {
	last := after - 1
	switch after - first {
	case 1:
		return 0, true
	case 2:
		if r[first].length == r[last].length {
			return r[first].length, true
		}
		return 0, true
	}
	size = r[first+1].length
	return size, int(r[first+1].alike) >= last-first-2 && r[first].length <= size && r[last].length <= size
}

// endsAt tells whether groups of a size end before the run after: the last one
// is shorter, or what follows is too long to be another group.
func (r runs) endsAt(after int, size uint8) bool {
	return r[after-1].length < size || after == len(r) || r[after].length > size
}
