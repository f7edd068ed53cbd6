package mt940

import (
	"errors"
	"io"
	"regexp"

	"github.com/shortwire/shortwire/gateway/bankfile"
)

// Reference is what identifies a payment.
type Reference string

// The references.
const (
	ByBank     Reference = "bank" // also ""
	ByPosition Reference = "statement-position"
)

// Options say what the file must be.
type Options struct {
	IBANs       []string // of the account; the first belongs to its payto
	AccountText string   // what :25: says for the account, where that is neither IBAN nor German account number
	Charset     bankfile.Charset
	Reference   Reference
}

// Read calls emit for every entry of the file, in its order, and stops at the
// first error, of the file or of emit; what was emitted by then is void unless
// the same bytes were read to the end before. Errors are those of package
// bankfile, of r and of emit. Memory does not depend on the size of the file,
// but for a digest per credit of one statement.
func Read(r io.Reader, o Options, emit func(*bankfile.Entry) error) (bankfile.Counts, error) {
	lines, err := bankfile.NewLines(r)
	if err != nil {
		return bankfile.Counts{}, err
	}
	f := &reader{Options: o, lines: lines, emit: emit}
	for {
		err := f.next()
		if errors.Is(err, io.EOF) {
			err = f.finish()
			return f.info, err
		}
		if err != nil {
			return f.info, err
		}
	}
}

// reader is one file that is being read.
type reader struct {
	Options
	lines *bankfile.Lines
	emit  func(*bankfile.Entry) error
	info  bankfile.Counts

	field      *field     // that may still go on
	statement  *statement // that is open
	entry      *entry     // that may still get its details
	seen       map[digest]int
	statements int
}

// field is one :TAG: with its lines.
type field struct {
	tag   string
	line  int
	lines []string
	size  int
}

var (
	tagged = regexp.MustCompile(`^:([0-9]{2}[A-Z]?):(.*)$`)
	// between is what may stand outside of statements: the envelope of SWIFT,
	// and the names of the banks in front of it.
	between = regexp.MustCompile(`^(|-|-\}.*|\{1:.*|940|[A-Z]{6}[A-Z0-9]{2,6})$`)
)

// maxField bounds the text of a field: :86: has 6 lines of 65 characters.
const maxField = 10_000

// next takes one line.
func (f *reader) next() error {
	raw, err := f.lines.Next()
	if err != nil {
		return err
	}
	text, ok := f.Charset.Decode(raw)
	if !ok {
		return f.blame(bankfile.ErrEncoding, "a character; if the bank writes ISO 8859-1, bank_charset must say so")
	}
	if m := tagged.FindStringSubmatch(text); m != nil {
		if err := f.endField(); err != nil {
			return err
		}
		f.field = &field{tag: m[1], line: f.lines.Number, lines: []string{m[2]}, size: len(m[2])}
		return nil
	}
	if f.field != nil && text != "-" && (len(text) < 2 || text[:2] != "-}") {
		return f.goOn(text)
	}
	if err := f.endField(); err != nil {
		return err
	}
	return f.outside(text)
}

// goOn adds a line to the open field.
func (f *reader) goOn(text string) error {
	if f.field.size += len(text); f.field.size > maxField {
		return f.blame(bankfile.ErrTooLarge, "the field %s has more than 10,000 characters", f.field.tag)
	}
	f.field.lines = append(f.field.lines, text)
	return nil
}

// outside takes a line that belongs to no field.
func (f *reader) outside(text string) error {
	if f.statement != nil {
		return f.blame(bankfile.ErrTruncated, "the statement ends without its closing balance (:62F:)")
	}
	if !between.MatchString(text) {
		return f.blame(bankfile.ErrForm, "an MT940 begins with :20: or with the envelope of SWIFT")
	}
	return nil
}

func (f *reader) endField() error {
	if f.field == nil {
		return nil
	}
	done := f.field
	f.field = nil
	return f.take(done)
}

// finish checks at the end of the file that it was whole.
func (f *reader) finish() error {
	if err := f.endField(); err != nil {
		return err
	}
	switch {
	case f.statement != nil:
		return f.blame(bankfile.ErrTruncated, "the last statement has no closing balance (:62F:)")
	case f.statements == 0:
		return f.blame(bankfile.ErrTruncated, "there is no statement")
	}
	return nil
}

func (f *reader) blame(err error, format string, args ...any) error {
	return bankfile.At(f.lines.Number, err, format, args...)
}

func (d *field) blame(err error, format string, args ...any) error {
	return bankfile.At(d.line, err, ":"+d.tag+": "+format, args...)
}
