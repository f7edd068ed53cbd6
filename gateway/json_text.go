package gateway

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// literal reads one of the three words.
func (c *cursor) literal(word string) error {
	if len(c.text)-c.pos < len(word) || string(c.text[c.pos:c.pos+len(word)]) != word {
		return c.syntax(word)
	}
	c.pos += len(word)
	return nil
}

// number reads a number (RFC 8259 section 6) and returns its text.
func (c *cursor) number() ([]byte, error) {
	start := c.pos
	if c.text[c.pos] == '-' {
		c.pos++
	}
	leadingZero := c.pos < len(c.text) && c.text[c.pos] == '0'
	switch n := c.digits(); {
	case n == 0:
		return nil, c.syntax("a digit")
	case leadingZero && n > 1:
		return nil, because(errJSON, "at byte %d: a number begins with a zero", start)
	}
	if c.pos < len(c.text) && c.text[c.pos] == '.' {
		c.pos++
		if c.digits() == 0 {
			return nil, c.syntax("a digit")
		}
	}
	if c.pos < len(c.text) && (c.text[c.pos]|0x20) == 'e' {
		c.pos++
		if c.pos < len(c.text) && (c.text[c.pos] == '+' || c.text[c.pos] == '-') {
			c.pos++
		}
		if c.digits() == 0 {
			return nil, c.syntax("a digit")
		}
	}
	return c.text[start:c.pos], nil
}

// digits steps over digits and counts them.
func (c *cursor) digits() (n int) {
	for c.pos < len(c.text) && c.text[c.pos] >= '0' && c.text[c.pos] <= '9' {
		c.pos++
		n++
	}
	return n
}

// quoted reads a string. The result may point into the text.
func (c *cursor) quoted() ([]byte, error) {
	c.pos++
	start, ascii := c.pos, true
	for i := start; i < len(c.text); i++ {
		switch b := c.text[i]; {
		case b == '"':
			c.pos = i + 1
			return c.checked(c.text[start:i], ascii), nil
		case b == '\\':
			return c.escaped(start, i, ascii)
		case b < ' ':
			c.blame("holds a control character")
		case b >= utf8.RuneSelf:
			ascii = false
		}
	}
	c.pos = len(c.text)
	return nil, c.syntax("the closing quote")
}

// checked blames text that is not UTF-8.
func (c *cursor) checked(text []byte, ascii bool) []byte {
	if !ascii && !utf8.Valid(text) {
		c.blame("is not valid UTF-8")
	}
	return text
}

// escaped reads on at the first backslash of a string, at i.
func (c *cursor) escaped(start, i int, ascii bool) ([]byte, error) {
	out := append(make([]byte, 0, i-start+32), c.text[start:i]...)
	c.pos = i
	for c.pos < len(c.text) {
		b := c.text[c.pos]
		c.pos++
		switch {
		case b == '"':
			return c.checked(out, ascii), nil
		case b == '\\':
			var err error
			if out, err = c.escape(out); err != nil {
				return nil, err
			}
			continue
		case b < ' ':
			c.blame("holds a control character")
		case b >= utf8.RuneSelf:
			ascii = false
		}
		out = append(out, b)
	}
	return nil, c.syntax("the closing quote")
}

// shortEscapes are the two-character escapes of RFC 8259 section 7.
var shortEscapes = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escape reads what follows a backslash.
func (c *cursor) escape(out []byte) ([]byte, error) {
	if c.pos >= len(c.text) {
		return nil, c.syntax("an escape")
	}
	b := c.text[c.pos]
	if plain := shortEscapes[b]; plain != 0 {
		c.pos++
		return append(out, plain), nil
	}
	if b != 'u' {
		return nil, c.syntax("an escape")
	}
	c.pos++
	r, err := c.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return utf8.AppendRune(out, r), err
	}
	// A half pair cannot be stored: it has no UTF-8 form.
	if c.pos+1 < len(c.text) && c.text[c.pos] == '\\' && c.text[c.pos+1] == 'u' {
		c.pos += 2
		low, err := c.hex4()
		if err != nil {
			return nil, err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return utf8.AppendRune(out, pair), nil
		}
	}
	c.blame("holds half of a surrogate pair")
	return out, nil
}

// hex4 reads the four digits of \uXXXX.
func (c *cursor) hex4() (rune, error) {
	if c.pos+4 > len(c.text) {
		c.pos = len(c.text)
		return 0, c.syntax("a hexadecimal digit")
	}
	n, err := strconv.ParseUint(string(c.text[c.pos:c.pos+4]), 16, 16)
	if err != nil {
		return 0, c.syntax("four hexadecimal digits")
	}
	c.pos += 4
	return rune(n), nil
}

// names remembers the members of one object. The first few are compared one by
// one, which is faster than a map; a hostile object with a hundred thousand
// members gets the map.
type names struct {
	few  [12][]byte
	n    int
	many map[string]struct{}
}

// add tells whether the name was there before.
func (s *names) add(name []byte) (again bool) {
	for _, old := range s.few[:min(s.n, len(s.few))] {
		if string(old) == string(name) {
			return true
		}
	}
	if s.n < len(s.few) {
		s.few[s.n] = name
		s.n++
		return false
	}
	if s.many == nil {
		s.many = make(map[string]struct{})
	}
	_, again = s.many[string(name)]
	s.many[string(name)] = struct{}{}
	return again
}
