package wire

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// StructuredReferences returns the creditor references that are not blank, at
// most MaxWindows of them (ISO 20022 banks send one, seldom a few).
// When there is one, free text does not count, whether or not the reference is
// ours (T3): a payer's software that fills the field in means it.
func (r Remittance) StructuredReferences() []string {
	var found []string
	for _, reference := range r.Structured {
		if strings.TrimSpace(reference) != "" && len(found) < MaxWindows {
			found = append(found, reference)
		}
	}
	return found
}

// AddCandidates appends what found does not hold yet, up to MaxCandidates.
func AddCandidates(found []Candidate, more ...Candidate) []Candidate {
	for _, c := range more {
		if len(found) < MaxCandidates && !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	return found
}

// Compact returns a structured reference in electronic form: upper case, without
// blanks, full-width letters and digits as their ASCII originals. It is false
// when anything else but letters and digits is in it.
func Compact(reference string) (string, bool) {
	compact := make([]byte, 0, len(reference))
	for i := 0; i < len(reference); {
		c, width := symbolAt(reference, i)
		if c == 0 {
			r, size := utf8.DecodeRuneInString(reference[i:])
			if !unicode.IsSpace(r) && width == 1 {
				return "", false
			}
			i += max(width, size)
			continue
		}
		compact = append(compact, upper(c))
		i += width
	}
	return string(compact), true
}
