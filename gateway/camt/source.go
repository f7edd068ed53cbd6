package camt

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxToken bounds what the XML decoder may read for one token, which it keeps
// in memory whole: 10 kB of text need at most 60 kB of XML when every
// character is written as a reference ("&quot;").
const maxToken = 64 << 10

// source feeds the XML decoder byte by byte, so that it reads no further than
// one token at a time and no token can exhaust memory.
type source struct {
	r    *bufio.Reader
	left int   // bytes that the present token may still take
	err  error // what ended the reading
}

// newSource skips a byte order mark and refuses encodings that show in the
// first bytes (XML 1.0, appendix F).
func newSource(r io.Reader) (*source, error) {
	s := &source{r: bufio.NewReader(r)}
	head, err := s.r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if wide(head) {
		return nil, at(Position{Line: 1}, ErrEncoding, "it is UTF-16 or UTF-32")
	}
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		_, err = s.r.Discard(3)
	}
	return s, ignoreEOF(err)
}

// wide tells UTF-16 and UTF-32 by their byte order marks, or by the zero
// bytes around the first "<".
func wide(head []byte) bool {
	for _, mark := range []string{"\xFE\xFF", "\xFF\xFE", "\x00<", "<\x00", "\x00\x00"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return true
		}
	}
	return false
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// ReadByte implements io.ByteReader, which keeps the decoder from putting a
// buffer of its own in between.
func (s *source) ReadByte() (byte, error) {
	if s.left == 0 {
		s.err = ErrTooLarge
		return 0, s.err
	}
	s.left--
	b, err := s.r.ReadByte()
	if err != nil {
		s.err = err
	}
	return b, err
}

// Read makes source an io.Reader, as xml.NewDecoder asks for; the decoder
// never calls it.
func (s *source) Read([]byte) (int, error) {
	return 0, errors.ErrUnsupported
}
