package mt940

import (
	"regexp"
	"strings"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// details are what :86: says about an entry.
type details struct {
	read       bool
	code       string   // of German banks, such as 166
	texts      []string // the purpose, or all of the text
	endToEndID string
	iban, name string // of the other side
}

var (
	coded = regexp.MustCompile(`^([0-9]{3})\?[0-9]{2}`)
	// subfield is a known one: other question marks belong to the text.
	subfield = regexp.MustCompile(`\?(00|10|2[0-9]|3[0-4]|6[0-3])`)
	// mark begins a part of the purpose.
	mark = regexp.MustCompile(`^(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|BREF|RREF|PURP|IBAN|BIC)\+`)
)

func (f *reader) readDetails(d *field) error {
	e := f.entry
	if e == nil {
		return nil // a note about the statement
	}
	if e.details.read {
		return d.blame(bankfile.ErrStructure, "stands there twice for one entry")
	}
	e.details = readDetails(d.lines)
	return nil
}

// readDetails reads :86:. Lines are wrapped anywhere, so they are joined as they
// are where fields begin with a mark.
func readDetails(lines []string) details {
	text := strings.Join(lines, "")
	m := coded.FindStringSubmatch(text)
	if m == nil {
		return details{read: true, texts: lines}
	}
	out := details{read: true, code: m[1]}
	out.readFields(text[len(m[1]):])
	return out
}

// readFields takes the fields apart.
func (x *details) readFields(text string) {
	places := subfield.FindAllStringIndex(text, -1)
	last, part, ordered := "", "", true
	for i, place := range places {
		end := len(text)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		number, value := text[place[0]+1:place[1]], text[place[1]:end]
		ordered = ordered && number > last
		last = number
		switch {
		case number[0] == '2' || number[0] == '6':
			part = x.readPurpose(part, value)
		case number == "31":
			x.iban = value
		case number == "32", number == "33":
			x.name += value
		}
	}
	if !ordered {
		x.iban, x.name = "", ""
	}
}

// readPurpose takes one field of the purpose, which goes on with the part of
// the field before, unless it begins with a mark of its own. It returns the
// part for the next field.
func (x *details) readPurpose(part, value string) string {
	if m := mark.FindStringSubmatch(value); m != nil {
		part, value = m[1], value[len(m[0]):]
	}
	switch part {
	case "EREF":
		x.endToEndID += value
	case "", "SVWZ":
		x.texts = append(x.texts, value)
	}
	return part
}

func (x *details) remittance() (out wire.Remittance) {
	for _, text := range x.texts {
		if text != "" {
			out.Unstructured = append(out.Unstructured, text)
		}
	}
	if id := strings.TrimSpace(x.endToEndID); id != "NOTPROVIDED" {
		out.EndToEndID = id
	}
	return out
}

// debtor is the account that money could go back to.
func (x *details) debtor() *taler.Payto {
	p, err := taler.NewIBANPayto(x.iban, bankfile.Name(x.name))
	if err != nil {
		return nil
	}
	return &p
}
