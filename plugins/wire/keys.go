package wire

import (
	"cmp"
	"slices"

	"github.com/shortwire/shortwire/subjects/taler"
)

const (
	keySymbols     = 52 // 32 bytes in base32
	prefixSymbols  = 3
	markedSymbols  = prefixSymbols + keySymbols // MAP or KYC and a key
	checkedSymbols = markedSymbols + bchSymbols // MAP, a key, its check
	kyc            = "KYC"                      // marks a KYC account key (T4)
	maxReadings    = 32                         // stretches of one text that may look like keys
	maxLooks       = 4 * maxReadings            // stretches of the right length and grouping that are looked into
	maxCurveChecks = MaxCandidates              // keys of one text whose validity is computed
	surplusBits    = 1<<(5*keySymbols-8*32) - 1 // bits of the last symbol that no key uses
)

// Mark stands before an authorization key in a subject (S8). UNCONFIRMED: Taler's
// texts only tell that there is a third prefix; correct it here.
const Mark = "MAP"

// The ranks of a reading. A checked one cannot be chance; else capitals, in
// which every Taler program prints keys, say more than a prefix.
const (
	rankMixedPlain = iota
	rankMixedPrefixed
	rankUpperPlain
	rankUpperPrefixed // and checked, in any case
)

// keyReading is a stretch of text that may be a key.
type keyReading struct {
	start, key, end int // symbols: of the stretch, of the key in it, after it
	kind            Kind
	rank            int
}

// CheckedKey returns MAP, the 52 symbols of key and their six check symbols:
// the subject of S8.
func CheckedKey(key taler.EddsaPublicKey) Reference {
	text := []byte(Mark + key.String())
	values, _ := CrockfordValues(nil, text[prefixSymbols:])
	check := BCHCheck(values)
	return Reference(CrockfordText(text, check[:]...))
}

// ScanKeys finds Taler keys that stand whole in free text, the lines being in
// the order of delivery:
//
//	MAP + 52 symbols + 6 check symbols   KindAuthorization
//	MAP + 52 symbols                     KindAuthorization
//	KYC + 52 symbols                     KindKYC
//	52 symbols                           KindReserve
//
// A key may be cut into groups or lines, and any run of letters and digits may
// stand before and after it. It must begin and end where a run does, use none
// of the surplus bits of its last symbol, and be a point of the curve.
//
// The answer holds the keys of the highest rank only: all capitals beats mixed
// case, then prefixed beats plain; a key whose check symbols are right has the
// highest rank in any case. The same key twice is one. More than one candidate
// means that the text is ambiguous.
//
// Money sent to a wrong key may be lost while money that bounces is not, so
// nothing is returned in doubt: see refusals.go and groups.go for what is not
// believed. Text that would cost more than a bounded number of looks gives
// nothing either: one with more than MaxCandidates separate keys, with more than
// maxReadings stretches that may be keys, or with more runs than ReadText takes.
// A text with up to eight separate keys in any spelling is far below all of these.
func ScanKeys(lines ...string) []Candidate {
	s := keyScan{Text: ReadText(lines...)}
	if len(s.symbols) < keySymbols || !s.findMarks() {
		return nil
	}
	readings, ok := s.readings(s.joined)
	if ok && len(s.joined) < len(s.broken) {
		var more []keyReading
		more, ok = s.readings(s.broken)
		readings = append(readings, more...)
	}
	if !ok {
		return nil
	}
	return s.best(readings)
}

// keyScan is one text on its way through ScanKeys.
type keyScan struct {
	Text
	marks
	tried []triedKey
}

type triedKey struct {
	key   taler.EddsaPublicKey
	valid bool
}

// readings returns the stretches that look like keys, in no particular order. It
// is false when there are too many. starts is s.joined or s.broken: which of the
// two a key needs depends on how it was grouped, and each may hide a second one.
func (s *keyScan) readings(starts []int) (found []keyReading, ok bool) {
	looks := 0
	found = slices.Clone(s.checked)
	lengths := runLengths(starts)
	marked, bare := stretch{n: markedSymbols}, stretch{n: keySymbols}
	for first, start := range starts[:len(starts)-1] {
		if bare.from(starts, first) && s.endsKey(start+keySymbols) && lengths.wholeKey(first, bare.after) {
			looks++
			r := keyReading{start: start, key: start, end: start + keySymbols, kind: KindReserve}
			found = s.believe(found, r, bare.after == first+1)
		}
		kind := s.prefixAt(start)
		if kind != 0 && marked.from(starts, first) && s.endsKey(start+markedSymbols) && lengths.wholeMarkedKey(first, marked.after) {
			looks++
			r := keyReading{start: start, key: start + prefixSymbols, end: start + markedSymbols, kind: kind}
			found = s.believe(found, r, marked.after == first+1)
		}
		if looks > maxLooks || len(found) > maxReadings {
			return nil, false
		}
	}
	return found, true
}

// believe appends a reading unless something about the text around it or in it
// speaks against it.
func (s *keyScan) believe(found []keyReading, r keyReading, unbroken bool) []keyReading {
	if s.refused(r) {
		return found
	}
	if r.kind == KindReserve && (s.torn(r, unbroken) || !unbroken && (s.hasLookAlikes(r) || s.straddles(r))) {
		return found
	}
	return append(found, s.ranked(r))
}

// prefixAt tells what the prefix at start marks, 0 when none is there.
func (s *keyScan) prefixAt(start int) Kind {
	switch first := upper(s.symbols[start]); {
	case first == Mark[0] && s.hasPrefix(start, Mark):
		return KindAuthorization
	case first == kyc[0] && s.hasPrefix(start, kyc):
		return KindKYC
	}
	return 0
}

// hasPrefix compares in any case.
func (s *keyScan) hasPrefix(start int, prefix string) bool {
	return s.agreement(start, prefix) == len(prefix)
}

// agreement counts the symbols at start that are those of prefix.
func (s *keyScan) agreement(start int, prefix string) (n int) {
	for i := range min(len(prefix), len(s.symbols)-start) {
		if upper(s.symbols[start+i]) == prefix[i] {
			n++
		}
	}
	return n
}

// endsKey tells that the bits beyond the 256 of a key are zero in the symbol
// before end. Taler's decoder ignores them, but no Taler program sets them: if
// one is set, the symbol was mistyped or the stretch is no key.
func (s *keyScan) endsKey(end int) bool {
	return crockfordValues[s.symbols[end-1]]&surplusBits == 0
}

// ranked fills the rank in. The case of the prefix does not matter.
func (s *keyScan) ranked(r keyReading) keyReading {
	isUpper := !slices.ContainsFunc(s.symbols[r.key:r.key+keySymbols], func(c byte) bool { return c >= 'a' })
	switch {
	case isUpper && r.kind != KindReserve:
		r.rank = rankUpperPrefixed
	case isUpper:
		r.rank = rankUpperPlain
	case r.kind != KindReserve:
		r.rank = rankMixedPrefixed
	}
	return r
}

// best returns the keys of the highest rank that has any, in the order of the
// text, and nil when deciding would cost too much.
func (s *keyScan) best(readings []keyReading) []Candidate {
	slices.SortFunc(readings, func(a, b keyReading) int {
		return cmp.Or(b.rank-a.rank, a.start-b.start)
	})
	var found []Candidate
	for i, r := range readings {
		if i > 0 && r.rank < readings[i-1].rank && len(found) > 0 {
			break
		}
		key, valid := s.validKey(r)
		if len(s.tried) > maxCurveChecks {
			return nil
		}
		if valid && !s.hidesChecked(r) {
			found = AddCandidates(found, Candidate{Kind: r.kind, Key: key})
		}
	}
	return found
}

// validKey decodes a reading and tells whether it is a key that somebody can
// hold. Every distinct key is tried once.
func (s *keyScan) validKey(r keyReading) (taler.EddsaPublicKey, bool) {
	raw, err := taler.DecodeBase32(string(s.symbols[r.key:r.key+keySymbols]), len(taler.EddsaPublicKey{}))
	if err != nil {
		return taler.EddsaPublicKey{}, false
	}
	key := taler.EddsaPublicKey(raw)
	if known := slices.IndexFunc(s.tried, func(t triedKey) bool { return t.key == key }); known >= 0 {
		return key, s.tried[known].valid
	}
	valid := len(s.tried) < maxCurveChecks && !key.IsZero() && key.Valid()
	s.tried = append(s.tried, triedKey{key, valid})
	return key, valid
}
