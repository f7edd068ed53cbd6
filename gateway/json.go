package gateway

import (
	"fmt"
	"strconv"
)

// maxDepth bounds nesting (RFC 8259 section 9 allows a limit). Our deepest
// shape has four levels; the rest is for members we do not know.
const maxDepth = 32

// cursor reads one JSON text (RFC 8259) from front to back.
//
// It stands in for encoding/json because that one takes the last of two equal
// members, matches names without regard to case, and gives up on a whole
// document when one field has the wrong type. Two kinds of trouble are kept
// apart here: an error that a method returns means the text is not JSON and
// nothing after it can be trusted; a fault means that one value is not what
// the contract asks for, and reading goes on behind it, so that one bad item
// of a batch spoils no other. Only the first fault is kept.
//
// Strings are copied out, so nothing that was read points into the text.
type cursor struct {
	text  []byte
	pos   int
	depth int
	at    []byte // name of the member being read, for fault texts
	fault error
}

// blame keeps the first fault.
func (c *cursor) blame(what string) {
	if c.fault != nil {
		return
	}
	if len(c.at) > 0 {
		what = fmt.Sprintf("member %.40q %s", c.at, what)
	}
	c.fault = because(errJSON, "%s", what)
}

// takeFault returns the fault since the last call and forgets it.
func (c *cursor) takeFault() error {
	fault := c.fault
	c.fault = nil
	return fault
}

// syntax is the error of a text that is not JSON.
func (c *cursor) syntax(want string) error {
	if c.pos >= len(c.text) {
		return because(errJSON, "the text ends where %s should be", want)
	}
	return because(errJSON, "at byte %d: found %q where %s should be", c.pos, c.text[c.pos], want)
}

// next skips white space and returns the byte behind it, 0 at the end.
func (c *cursor) next() byte {
	for c.pos < len(c.text) {
		switch b := c.text[c.pos]; b {
		case ' ', '\t', '\n', '\r':
			c.pos++
		default:
			return b
		}
	}
	return 0
}

// end refuses anything behind the value.
func (c *cursor) end() error {
	if c.next(); c.pos < len(c.text) {
		return c.syntax("the end")
	}
	return nil
}

// enter and leave count the nesting.
func (c *cursor) enter() error {
	if c.depth++; c.depth > maxDepth {
		return because(errJSON, "nested deeper than %d levels", maxDepth)
	}
	c.pos++
	return nil
}

func (c *cursor) leave() {
	c.depth--
	c.pos++
}

// object reads an object and calls member for every member; member must
// consume the value. Another kind of value is a fault, null counts as absent.
func (c *cursor) object(member func(name []byte) error) error {
	if c.next() != '{' {
		return c.mistyped("must be an object")
	}
	if err := c.enter(); err != nil {
		return err
	}
	outer := c.at
	defer func() { c.at = outer }()
	var seen names
	for first := true; ; first = false {
		done, err := c.more('}', first)
		if done || err != nil {
			return err
		}
		if err := c.member(&seen, member); err != nil {
			return err
		}
	}
}

// member reads one name, its colon and its value.
func (c *cursor) member(seen *names, member func(name []byte) error) error {
	if c.next() != '"' {
		return c.syntax("a member name")
	}
	name, err := c.quoted()
	if err != nil {
		return err
	}
	c.at = name
	if c.next() != ':' {
		return c.syntax("a colon")
	}
	c.pos++
	if seen.add(name) {
		c.blame("appears twice")
	}
	return member(name)
}

// array reads an array and calls element for every element; element must
// consume the value.
func (c *cursor) array(element func() error) error {
	if c.next() != '[' {
		return c.mistyped("must be an array")
	}
	if err := c.enter(); err != nil {
		return err
	}
	for first := true; ; first = false {
		done, err := c.more(']', first)
		if done || err != nil {
			return err
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// more steps over the comma or the closing bracket; it tells whether the
// bracket closed.
func (c *cursor) more(closing byte, first bool) (done bool, err error) {
	switch b := c.next(); {
	case b == closing:
		c.leave()
		return true, nil
	case first:
		return false, nil
	case b == ',':
		c.pos++
		return false, nil
	}
	return false, c.syntax("a comma or the closing bracket")
}

// str reads a string into *into; null leaves it alone.
func (c *cursor) str(into *string) error {
	if c.next() != '"' {
		return c.mistyped("must be a string")
	}
	text, err := c.quoted()
	if err != nil {
		return err
	}
	*into = string(text)
	return nil
}

// boolean reads true or false into *into; null leaves it alone.
func (c *cursor) boolean(into *bool) error {
	switch c.next() {
	case 't':
		*into = true
		return c.literal("true")
	case 'f':
		*into = false
		return c.literal("false")
	}
	return c.mistyped("must be true or false")
}

// integer reads a whole number into *into; null leaves it alone.
func (c *cursor) integer(into *int64) error {
	b := c.next()
	if b != '-' && (b < '0' || b > '9') {
		return c.mistyped("must be a whole number")
	}
	digits, err := c.number()
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		c.blame("must be a whole number of at most 64 bits")
		return nil
	}
	*into = n
	return nil
}

// mistyped skips a value of the wrong kind and blames it, unless it is null.
func (c *cursor) mistyped(what string) error {
	if c.next() != 'n' {
		c.blame(what)
	}
	return c.skip()
}

// skip reads over any value; equal members and bad text inside it are faults.
func (c *cursor) skip() error {
	switch b := c.next(); {
	case b == '{':
		return c.object(func([]byte) error { return c.skip() })
	case b == '[':
		return c.array(c.skip)
	case b == '"':
		_, err := c.quoted()
		return err
	case b == 't':
		return c.literal("true")
	case b == 'f':
		return c.literal("false")
	case b == 'n':
		return c.literal("null")
	case b == '-' || '0' <= b && b <= '9':
		_, err := c.number()
		return err
	}
	return c.syntax("a value")
}
