package wire

// Token is the layout of a short reference in text that may hold letters: a
// fixed letter, the slot and check symbols, all of Crockford's alphabet.
//
//	letter | slot symbols | check symbols
//
// The letter tells a token from a number, so that no spreadsheet strips its
// zeros or reads it as a power of ten, and thins out what a scanner looks into.
// The check is ReedSolomon over letter and slot.
type Token struct {
	Letter byte // of the alphabet, A to Z
	Slot   int  // symbols of the slot, 1 to 12
	Check  int  // check symbols, 1 or more; all together at most 31
}

const symbolBits = 5 // of a symbol of Crockford's alphabet

// Len is the number of symbols of a token.
func (t Token) Len() int { return 1 + t.Slot + t.Check }

// Size is the number of slots.
func (t Token) Size() uint64 { return 1 << (symbolBits * t.Slot) }

// Encode returns the token of a slot. An index outside [0, Size) gives
// ErrSlotRange.
func (t Token) Encode(index uint64) (Reference, error) {
	if index >= t.Size() {
		return "", ErrSlotRange
	}
	text := append(make([]byte, 0, t.Len()), t.Letter)
	for i := range t.Slot {
		text = CrockfordText(text, byte(index>>(symbolBits*(t.Slot-1-i))&31))
	}
	values, _ := CrockfordValues(nil, text)
	return Reference(CrockfordText(text, ReedSolomon(values, t.Check)...)), nil
}

// Find returns the tokens that stand between other words of a text, with
// look-alikes replaced.
func (t Token) Find(lines ...string) []Candidate {
	return ReadText(lines...).References(t.Len(), t.Letter, t.read)
}

// read tells whether Len symbols, the first being the letter, are a token, and
// returns it with look-alikes replaced.
func (t Token) read(window []byte) (Reference, bool) {
	values, ok := CrockfordValues(make([]byte, 0, maxToken), window)
	if !ok {
		return "", false
	}
	data := values[:1+t.Slot]
	if string(ReedSolomon(data, t.Check)) != string(values[len(data):]) {
		return "", false
	}
	return Reference(CrockfordText(nil, values...)), true
}

// maxToken is the length of a codeword over GF(32).
const maxToken = 31
