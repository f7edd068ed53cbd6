package camt

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Options are what is particular about the bank of an account. The zero value is
// the strict one: credits are read from camt.054 alone.
type Options struct {
	Credits []string // kinds of messages whose credits are read, such as "camt.053"; none: camt.054

	Quirks []string // of Quirks()
}

// Usual tells that credits are read from camt.054 alone, which is the default.
func (o Options) Usual() bool {
	return len(o.Credits) == 0 || len(o.Credits) == 1 && o.Credits[0] == Notification
}

// Validate reads a whole file and tells whether Read will get to its end. A
// caller who stores nothing before Validate has returned stores nothing of a
// damaged file.
func (o Options) Validate(r io.Reader) (Info, error) {
	return o.Read(r, func(Entry) error { return nil })
}

// Read calls emit for every transaction of the file, in the order of the file,
// and for every entry that the bank reports without its transactions. It stops
// at the first error, of the file or of emit; what was emitted by then is void
// unless Validate has accepted the same bytes. The error wraps one of the
// sentinels of this package, the error of r or the error of emit. The caller
// bounds the size of r; memory hardly depends on it.
func (o Options) Read(r io.Reader, emit func(Entry) error) (Info, error) {
	if len(o.Credits) == 0 {
		o.Credits = []string{Notification}
	}
	return (&parser{emit: emit, kinds: o.Credits, quirks: o.Quirks}).read(r)
}

// Validate is Options.Validate without options.
func Validate(r io.Reader) (Info, error) { return Options{}.Validate(r) }

// Read is Options.Read without options.
func Read(r io.Reader, emit func(Entry) error) (Info, error) { return Options{}.Read(r, emit) }

// ReadDebits calls emit for every booked debit of the file that bears an
// end-to-end id, and for nothing else. It reads statements (camt.053) and
// intraday reports (camt.052) too. The errors are those of Read.
func ReadDebits(r io.Reader, emit func(Entry) error) (Info, error) {
	return (&parser{emit: emit, kinds: Kinds(), onlyDebits: true}).read(r)
}

func (p *parser) read(r io.Reader) (Info, error) {
	var err error
	if p.src, err = newSource(r); err != nil {
		return Info{}, err
	}
	p.dec = xml.NewDecoder(p.src)
	p.dec.CharsetReader = p.refuseCharset
	for !p.done && err == nil {
		err = p.step()
	}
	return p.info, err
}

// step takes one token from the decoder.
func (p *parser) step() error {
	p.src.left = maxToken
	token, err := p.dec.Token()
	switch {
	case err == io.EOF: // the decoder's word for a complete text, never wrapped
		p.done = true
		return p.finish()
	case err != nil:
		return p.refuse(err)
	}
	err = p.take(token)
	p.started = true
	return err
}

func (p *parser) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return p.open(t)
	case xml.EndElement:
		return p.close()
	case xml.CharData:
		return p.characters(t)
	case xml.Comment:
		return p.aside(t)
	case xml.ProcInst:
		if t.Target == "xml" && p.started {
			return at(p.here(), ErrNotXML, "the XML declaration must come first")
		}
		return p.aside(t.Inst)
	default: // xml.Directive
		return at(p.here(), ErrDoctype, "remove the <!...> at the beginning")
	}
}

// refuse explains an error of the decoder.
func (p *parser) refuse(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case p.src.err == ErrTooLarge:
		return at(p.here(), ErrTooLarge, "a text, comment or tag of more than 64 kB")
	case p.src.err != nil && p.src.err != io.EOF:
		return fmt.Errorf("reading the file: %w", p.src.err)
	case errors.Is(err, ErrEncoding):
		return at(p.here(), ErrEncoding, fmt.Sprintf("it declares %.40q", p.charset))
	case !errors.As(err, &syntax):
		return at(p.here(), ErrNotXML, err.Error())
	case syntax.Msg == "invalid UTF-8":
		return at(p.here(), ErrEncoding, "some bytes are not")
	case p.src.err == io.EOF:
		return at(p.here(), ErrTruncated, "an element is not closed")
	case strings.Contains(syntax.Msg, "entity"): // the message quotes the text around it
		return at(p.here(), ErrNotXML, "an & that begins no character reference of XML")
	}
	return at(p.here(), ErrNotXML, syntax.Msg)
}

// refuseCharset is what the decoder asks for encodings other than UTF-8.
func (p *parser) refuseCharset(label string, _ io.Reader) (io.Reader, error) {
	p.charset = label
	return nil, ErrEncoding
}

// finish checks at the end of the file that it was a whole message.
func (p *parser) finish() error {
	switch {
	case !p.started:
		return at(p.here(), ErrTruncated, "it is empty")
	case p.msg == nil:
		return at(p.here(), ErrNotXML, "it has no element")
	case p.bodies != 1 || p.reports == 0:
		return at(p.here(), ErrStructure, "Document must hold one "+p.msg.body+" with at least one "+p.msg.report)
	}
	return nil
}
