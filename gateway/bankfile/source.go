package bankfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Charset is how a bank writes letters beyond ASCII.
type Charset string

// The character sets.
const (
	UTF8    Charset = "utf-8" // also ""
	Latin1  Charset = "iso-8859-1"
	Windows Charset = "windows-1252"
)

// Decode returns a text of the file in UTF-8, or false when it is none of the
// character set. Control characters belong to neither, except tabs.
func (c Charset) Decode(text string) (string, bool) {
	switch c {
	case Latin1:
		text = decode(charmap.ISO8859_1, text)
	case Windows:
		text = decode(charmap.Windows1252, text)
	}
	return text, utf8.ValidString(text) && strings.IndexFunc(text, isWrong) < 0
}

// isWrong tells control characters, and what stands for a byte without meaning.
func isWrong(r rune) bool {
	return r < ' ' && r != '\t' || 0x7f <= r && r < 0xa0 || r == utf8.RuneError
}

func decode(set *charmap.Charmap, text string) string {
	var out strings.Builder
	for i := range len(text) {
		out.WriteRune(set.DecodeByte(text[i]))
	}
	return out.String()
}

const (
	// maxRecord is the most that one record may take: rows of real files have
	// some hundred bytes.
	maxRecord = 64 << 10
	// buffer is what is read ahead of it.
	buffer = 4 << 10
)

// Source reads a file without ever holding more than one record. Its error
// tells apart what ended the reading.
type Source struct {
	*bufio.Reader
	limit *limit
}

// NewSource skips a byte order mark of UTF-8 and refuses UTF-16, which old
// spreadsheets write.
func NewSource(r io.Reader) (*Source, error) {
	l := &limit{r: r, left: maxRecord}
	s := &Source{Reader: bufio.NewReaderSize(l, buffer), limit: l}
	head, err := s.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("\xFE\xFF")):
		return nil, At(1, ErrEncoding, "it is UTF-16; save it as the bank delivered it")
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		_, err = s.Discard(len("\xEF\xBB\xBF"))
		return s, err
	}
	return s, nil
}

// Next begins a record: from here on it may take its greatest length.
func (s *Source) Next() { s.limit.left = maxRecord }

// Failed turns an error of reading in a line into one of this package, or into
// the wrapped error of the file.
func (s *Source) Failed(line int, err error) error {
	switch {
	case s.limit.err == ErrTooLarge:
		return At(line, ErrTooLarge, "a record of more than 64 kB; see whether a quote or a line end is missing")
	case s.limit.err != nil && s.limit.err != io.EOF:
		return fmt.Errorf("reading the file: %w", s.limit.err)
	}
	return At(line, ErrStructure, "%s", err)
}

// limit ends the reading of a record that is too long.
type limit struct {
	r    io.Reader
	left int
	err  error // what ended the reading
}

func (l *limit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		l.err = ErrTooLarge
		return 0, l.err
	}
	n, err := l.r.Read(p[:min(len(p), l.left)])
	l.left -= n
	if err != nil {
		l.err = err
	}
	return n, err
}

// Lines reads a file line by line.
type Lines struct {
	Number int // of the line that Next gave
	src    *Source
}

// NewLines begins a file.
func NewLines(r io.Reader) (*Lines, error) {
	src, err := NewSource(r)
	return &Lines{src: src}, err
}

// Next returns a line without its end (LF or CR LF), io.EOF behind the last one.
func (l *Lines) Next() (string, error) {
	l.src.Next()
	l.Number++
	text, err := l.src.ReadString('\n')
	switch {
	case err == io.EOF && text == "": //nolint:errorlint // bufio returns io.EOF bare
		return "", io.EOF
	case err != nil && err != io.EOF: //nolint:errorlint // as above
		return "", l.src.Failed(l.Number, err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), nil
}
