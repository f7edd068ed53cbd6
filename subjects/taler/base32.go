package taler

// base32Alphabet is Crockford's, as GNUnet uses it: no I, L, O and U.
// Unlike RFC 4648 there is no padding character; unlike Crockford's own text
// there is no check symbol and hyphens are not skipped.
const base32Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// notBase32 marks bytes that are no symbol. Its high bits survive an OR with
// any symbol value, so one test at the end covers a whole text.
const notBase32 = 0xE0

// base32Values maps a byte to its 5-bit value.
var base32Values = makeBase32Values()

func makeBase32Values() (values [256]byte) {
	for i := range values {
		values[i] = notBase32
	}
	set := func(symbol byte, value int) {
		values[symbol] = byte(value)
		if symbol >= 'A' {
			values[symbol|0x20] = byte(value) // lower case
		}
	}
	for value := range base32Alphabet {
		set(base32Alphabet[value], value)
	}
	set('O', 0)
	set('I', 1)
	set('L', 1)
	set('U', 27) // V; classic Crockford refuses U, GNUnet does not
	return values
}

// base32Symbols returns how many symbols n bytes take, the last one being
// filled up with zero bits.
func base32Symbols(n int) int { return (n*8 + 4) / 5 }

// EncodeBase32 returns the canonical, upper-case text of data.
func EncodeBase32(data []byte) string {
	out := make([]byte, 0, 103) // on the stack; enough for the 64 bytes of the longest type
	for ; len(data) >= 5; data = data[5:] {
		w := uint64(data[0])<<32 | uint64(data[1])<<24 | uint64(data[2])<<16 | uint64(data[3])<<8 | uint64(data[4])
		out = append(out,
			base32Alphabet[w>>35&31], base32Alphabet[w>>30&31], base32Alphabet[w>>25&31], base32Alphabet[w>>20&31],
			base32Alphabet[w>>15&31], base32Alphabet[w>>10&31], base32Alphabet[w>>5&31], base32Alphabet[w&31])
	}
	var bits uint64 // rest of at most four bytes, left-aligned in 40 bits
	for i, b := range data {
		bits |= uint64(b) << (32 - 8*i)
	}
	for i := range base32Symbols(len(data)) {
		out = append(out, base32Alphabet[bits>>(35-5*i)&31])
	}
	return string(out)
}

// DecodeBase32 returns the n bytes that s stands for, or ErrBase32 when s has
// another symbol count than n bytes take or holds a foreign character.
//
// It is as lenient as GNUnet: any case, O read as 0, I and L as 1, U as V, and
// the surplus bits of the last symbol shifted away whatever they are. A text
// is therefore no identity: compare the bytes, or their canonical encoding.
func DecodeBase32(s string, n int) ([]byte, error) {
	if n < 0 || n > len(s) { // also keeps base32Symbols from overflowing
		return nil, ErrBase32
	}
	out := make([]byte, n)
	if err := decodeBase32(out, s); err != nil {
		return nil, err
	}
	return out, nil
}

// decodeBase32 fills dst from s without allocating. After an error dst holds
// nothing of use.
func decodeBase32(dst []byte, s string) error {
	if len(s) != base32Symbols(len(dst)) {
		return ErrBase32
	}
	var bad byte
	for ; len(dst) >= 5; dst, s = dst[5:], s[8:] {
		var w uint64
		for i := range 8 {
			v := base32Values[s[i]]
			bad |= v
			w = w<<5 | uint64(v&31)
		}
		dst[0], dst[1], dst[2], dst[3], dst[4] = byte(w>>32), byte(w>>24), byte(w>>16), byte(w>>8), byte(w)
	}
	var w uint64 // rest of at most seven symbols, left-aligned in 40 bits
	for i := range len(s) {
		v := base32Values[s[i]]
		bad |= v
		w |= uint64(v&31) << (35 - 5*i)
	}
	for i := range dst {
		dst[i] = byte(w >> (32 - 8*i))
	}
	if bad&notBase32 != 0 {
		return ErrBase32
	}
	return nil
}
