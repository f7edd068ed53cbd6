package wire

import "strconv"

// Inner is the check of ours within a number (S7), beside that of its format.
type Inner int

// The inner checks.
const (
	// InnerNone is for formats whose own check leaves nothing to add.
	InnerNone Inner = iota
	// Inner112 is one digit, ISO 7064 MOD 11-2. Payloads whose check would be
	// X are not used: of ten last digits nine remain.
	Inner112
	// Inner9710 is two digits, ISO 7064 MOD 97-10.
	Inner9710
)

// Number is the layout of what is ours in a reference of digits: the payload,
// whose first digit is never 0 so that nothing which strips zeros can shorten
// it, and the inner check over it.
type Number struct {
	Digits int // all together; the payload has 2 to 18, which fits PostgreSQL's bigint
	Inner  Inner
}

// checkDigits of an inner check.
func (n Number) checkDigits() int { return int(n.Inner) }

func (n Number) payload() int { return n.Digits - n.checkDigits() }

// Size is the number of slots: nine tenths of all payloads, and with Inner112
// nine tenths of those.
func (n Number) Size() uint64 {
	if n.Inner == Inner112 {
		return 81 * pow10(n.payload()-2)
	}
	return 9 * pow10(n.payload()-1)
}

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// Encode returns the digits of a slot. An index outside [0, Size) gives
// ErrSlotRange.
func (n Number) Encode(index uint64) (string, error) {
	if index >= n.Size() {
		return "", ErrSlotRange
	}
	switch n.Inner {
	case Inner112:
		return seal112(strconv.FormatUint(pow10(n.payload()-2)+index/9, 10), int(index%9)), nil
	case Inner9710:
		payload := strconv.FormatUint(pow10(n.payload()-1)+index, 10)
		return payload + Mod97(payload), nil
	}
	return strconv.FormatUint(pow10(n.payload()-1)+index, 10), nil
}

// seal112 appends to head the nth digit with which it has a check digit, and
// that check digit. n is below 9.
func seal112(head string, n int) string {
	for last := byte('0'); ; last++ {
		check, ok := Mod112(head + string(last))
		if !ok {
			continue
		}
		if n--; n < 0 {
			return head + string(last) + string(check)
		}
	}
}

// Valid tells whether Encode gives these digits for some slot.
func (n Number) Valid(digits string) bool {
	if len(digits) != n.Digits || !Digits(digits) || digits[0] == '0' {
		return false
	}
	payload := digits[:n.payload()]
	switch n.Inner {
	case Inner112:
		check, ok := Mod112(payload)
		return ok && digits[n.Digits-1] == check && !spare112(payload)
	case Inner9710:
		return digits[n.payload():] == Mod97(payload)
	}
	return true
}

// spare112 tells that a payload is the tenth of its ten that has a check digit,
// which Encode leaves out so that all heads have nine.
func spare112(payload string) bool {
	if payload[len(payload)-1] != '9' {
		return false
	}
	head := payload[:len(payload)-1]
	for last := byte('0'); last < '9'; last++ {
		if _, ok := Mod112(head + string(last)); !ok {
			return false
		}
	}
	return true
}

// Mod112 returns the check digit of a string of digits by ISO 7064 MOD 11-2. It
// is false when that would be X. Every wrong digit and every swap of two digits
// that are neighbours, or neighbours of the same, is revealed.
func Mod112(digits string) (byte, bool) {
	sum := 0
	for i := range len(digits) {
		sum = (sum + int(digits[i]-'0')) * 2 % 11
	}
	check := (12 - sum) % 11
	return '0' + byte(check), check < 10
}

// Digits tells whether s is digits only, and at least one.
func Digits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
