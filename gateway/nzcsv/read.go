package nzcsv

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Options say what the file must be.
type Options struct {
	Dialect Dialect
	Account taler.Payto      // whose entries count
	Charset bankfile.Charset // UTF-8 unless set
}

// Validate reads a whole file and tells whether Read will get to its end.
func Validate(r io.Reader, o Options) (bankfile.Counts, error) {
	return Read(r, o, func(*bankfile.Entry) error { return nil })
}

// Read calls emit for every row of the file, in its order, and stops at the
// first error, of the file or of emit; what was emitted by then is void unless
// Validate has accepted the same bytes. Errors are those of package bankfile,
// of r and of emit. Beside one row it keeps a digest per credit.
func Read(r io.Reader, o Options, emit func(*bankfile.Entry) error) (bankfile.Counts, error) {
	src, err := bankfile.NewSource(r)
	if err != nil {
		return bankfile.Counts{}, err
	}
	f := &reader{Options: o, layout: layouts[o.Dialect], src: src, seen: map[digest]int{}, own: true}
	if f.layout == nil {
		return f.info, bankfile.At(1, bankfile.ErrForm, "no dialect is set")
	}
	if err := f.begin(); err != nil {
		return f.info, err
	}
	err = f.rows(emit)
	return f.info, err
}

// reader is one file that is being read.
type reader struct {
	Options
	*layout
	src   *bankfile.Source
	line  int            // of what was read last
	place map[string]int // of each column
	row   []string
	own   bool // what is read is about Options.Account
	seen  map[digest]int
	info  bankfile.Counts
}

// begin reads up to the header.
func (f *reader) begin() error {
	if f.preamble != nil {
		if err := f.preamble(f); err != nil {
			return err
		}
	}
	line, err := f.textLine()
	if err != nil {
		return err
	}
	columns, err := csv.NewReader(strings.NewReader(line)).Read()
	if err != nil || strings.Join(columns, ",") != strings.Join(f.header, ",") {
		return f.blame(bankfile.ErrForm, "the header is not that of an export of %s as CSV with all columns", f.bank)
	}
	f.place = make(map[string]int, len(columns))
	for i, name := range columns {
		f.place[name] = i
	}
	return nil
}

// textLine reads a line that stands before the rows.
func (f *reader) textLine() (string, error) {
	f.src.Next()
	f.line++
	text, err := f.src.ReadString('\n')
	if err != nil && err != io.EOF { //nolint:errorlint // bufio returns io.EOF bare
		return "", f.src.Failed(f.line, err)
	}
	if text == "" {
		return "", f.blame(bankfile.ErrTruncated, "there is no header")
	}
	return strings.TrimRight(text, "\r\n"), nil
}

func (f *reader) rows(emit func(*bankfile.Entry) error) error {
	before := f.line
	table := csv.NewReader(f.src.Reader)
	table.FieldsPerRecord = len(f.header)
	table.ReuseRecord = true
	for {
		f.src.Next()
		row, err := table.Read()
		if err == io.EOF { //nolint:errorlint // csv returns io.EOF bare
			return nil
		}
		if err != nil {
			return f.broken(before, err)
		}
		at, _ := table.FieldPos(0)
		f.line, f.row = before+at, row
		entry, err := f.entry()
		if err != nil {
			return err
		}
		f.info.Count(entry.Kind)
		if err := emit(entry); err != nil {
			return err
		}
	}
}

// broken explains an error of the CSV reader, whose lines begin at the header.
func (f *reader) broken(before int, err error) error {
	line := before + 1
	if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
		line, err = before+bad.StartLine, bad.Err
	}
	if errors.Is(err, csv.ErrFieldCount) {
		return bankfile.At(line, bankfile.ErrTruncated, "the row has not the %d columns of the header", len(f.header))
	}
	return f.src.Failed(line, err)
}

func (f *reader) blame(err error, format string, args ...any) error {
	return bankfile.At(f.line, err, format, args...)
}

// column returns the text of a column without the blanks around it, "" for one
// that the bank does not have.
func (f *reader) column(name string) (string, error) {
	i, has := f.place[name]
	if !has {
		return "", nil
	}
	text, ok := f.Charset.Decode(f.row[i])
	if !ok {
		return "", f.blame(bankfile.ErrEncoding, "column %q", name)
	}
	return strings.TrimSpace(text), nil
}
