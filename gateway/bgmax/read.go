package bgmax

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shortwire/shortwire/gateway/bankfile"
)

// Options say what the file must be.
type Options struct {
	Bankgiro string // number of the account, with or without hyphen
}

// Read calls emit for every payment of the file, in its order, and stops at the
// first error, of the file or of emit; nothing is emitted of a file that is not
// whole. The file is read twice, since the day of a deposit, which is part of
// the references, stands behind its payments. Errors are those of package
// bankfile, of file and of emit.
func Read(file io.ReadSeeker, o Options, emit func(*bankfile.Entry) error) (bankfile.Counts, error) {
	first := reader{Options: o, emit: func(*bankfile.Entry) error { return nil }}
	if err := first.read(file); err != nil {
		return bankfile.Counts{}, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return bankfile.Counts{}, fmt.Errorf("rewinding the file: %w", err)
	}
	second := reader{Options: o, emit: emit, days: first.found}
	err := second.read(file)
	return second.info, err
}

// reader is one pass over a file.
type reader struct {
	Options
	emit  func(*bankfile.Entry) error
	days  []time.Time // of the deposits, in the second pass
	found []time.Time
	info  bankfile.Counts

	line    int
	begun   bool
	ended   bool
	test    bool
	records counts
	deposit *deposit
	payment *payment
}

// counts are the records of each kind, as the end record tells them.
type counts struct{ payments, deductions, extras, deposits int }

func (f *reader) read(file io.Reader) error {
	lines, err := bankfile.NewLines(file)
	if err != nil {
		return err
	}
	for {
		text, err := lines.Next()
		if errors.Is(err, io.EOF) {
			f.line = lines.Number
			return f.finish()
		}
		if err != nil {
			return err
		}
		f.line = lines.Number
		if err := f.take(text); err != nil {
			return err
		}
	}
}

// width of a record. Blanks at its end may be missing.
const width = 80

// take reads one record.
func (f *reader) take(raw string) error {
	if len(raw) > width {
		return f.blame(bankfile.ErrStructure, "a record has %d characters, not more", width)
	}
	text, ok := bankfile.Latin1.Decode(raw + strings.Repeat(" ", width-len(raw)))
	if !ok {
		return f.blame(bankfile.ErrEncoding, "BgMax is ISO 8859-1 without control characters")
	}
	r := record([]rune(text))
	kind := r.text(1, 2)
	switch {
	case kind == "" && (f.ended || !f.begun):
		return nil // an empty line around the file
	case f.ended:
		return f.blame(bankfile.ErrStructure, "something stands behind the end record")
	case !f.begun:
		return f.begin(kind, r)
	}
	return f.takeInside(kind, r)
}

func (f *reader) begin(kind string, r record) error {
	if kind != "01" || r.text(3, 22) != "BGMAX" {
		return f.blame(bankfile.ErrForm, "a BgMax file begins with the record 01BGMAX")
	}
	if r.text(23, 24) != "01" {
		return f.blame(bankfile.ErrForm, "only version 01 of BgMax is read")
	}
	f.begun, f.test = true, r.text(45, 45) == "T"
	return nil
}

func (f *reader) takeInside(kind string, r record) error {
	switch kind {
	case "22", "23", "25", "26", "27", "28", "29":
		return f.about(kind, r)
	}
	if err := f.endPayment(); err != nil {
		return err
	}
	switch kind {
	case "05":
		return f.open(r)
	case "20", "21":
		return f.readPayment(kind, r)
	case "15":
		return f.close(r)
	case "70":
		return f.end(r)
	}
	return f.blame(bankfile.ErrStructure, "a record of this kind does not exist in BgMax 01")
}

// end compares the end record.
func (f *reader) end(r record) error {
	var told counts
	for _, c := range []struct {
		from int
		into *int
	}{{3, &told.payments}, {11, &told.deductions}, {19, &told.extras}, {27, &told.deposits}} {
		n, ok := r.number(c.from, c.from+7)
		if !ok {
			return f.blame(bankfile.ErrStructure, "the end record has no numbers of records")
		}
		*c.into = int(n)
	}
	switch {
	case f.deposit != nil:
		return f.blame(bankfile.ErrTruncated, "the deposit before has no closing record (15)")
	case told != f.records:
		return f.blame(bankfile.ErrBalance, "the end record tells other numbers of records than the file has")
	}
	f.ended = true
	return nil
}

func (f *reader) finish() error {
	if !f.ended {
		return f.blame(bankfile.ErrTruncated, "there is no end record (70)")
	}
	return nil
}

func (f *reader) blame(err error, format string, args ...any) error {
	return bankfile.At(f.line, err, format, args...)
}
