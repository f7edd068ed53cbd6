// Package numeric is the wire method numeric: national payment references of
// digits, as one table of schemes. The parameter scheme of the account names
// the row.
//
//	check | payload | inner check | steering digit | check
//
// Which of them a scheme has, and how long they are, stands in its row. The
// payload is the slot; its first digit is never 0, since zeros in front get lost
// on many ways. The inner check is ours (S7): most national checks are one digit,
// miss a class of swaps and a tenth of gross errors. Where a national check has
// results that are no digit, or share one with others, a steering digit before
// it avoids them.
package numeric

import (
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
)

// Name is the name of this method in configurations.
const Name = "numeric"

// Factory makes the method from an account and the parameters scheme, digits
// and biller.
func Factory() wire.Factory { return wire.Factory{Name: Name, New: newMethod} }

// method is immutable.
type method struct {
	scheme *scheme
	payee  string // payto URI of the account, or of the biller
	digits int
	own    wire.Number
}

var (
	_ wire.Method    = (*method)(nil)
	_ wire.Presenter = (*method)(nil)
)

func newMethod(s wire.Settings) (wire.Method, error) {
	if err := s.CheckParameters("scheme", "digits", "biller"); err != nil {
		return nil, err
	}
	row, err := schemeOf(s)
	if err != nil {
		return nil, err
	}
	if !row.accepts(s.Payto) {
		return nil, s.Refuse("payto must be an account that is paid to with %s: %s", row.name, row.where())
	}
	m := &method{scheme: row}
	if m.digits, err = row.digitsOf(s); err != nil {
		return nil, err
	}
	if m.payee, err = row.payeeOf(s); err != nil {
		return nil, err
	}
	m.own = row.own(m.digits)
	return m, nil
}

func schemeOf(s wire.Settings) (*scheme, error) {
	var known []string
	for i := range schemes {
		row := &schemes[i]
		switch {
		case row.name == s.Parameters["scheme"] && row.unfit != "":
			return nil, s.Refuse("the scheme %s cannot serve: %s", row.name, row.unfit)
		case row.name == s.Parameters["scheme"]:
			return row, nil
		case row.unfit == "":
			known = append(known, row.name)
		}
	}
	return nil, s.Refuse("set scheme to one of %s", strings.Join(known, ", "))
}

// Spec returns the constants of the method. Its name tells the scheme, because
// two schemes of one size have different subjects.
func (m *method) Spec() wire.Spec {
	formats := []string{"NATIONAL"}
	if m.scheme.rf {
		formats = append(formats, "RF")
	}
	return wire.Spec{
		Name:     Name + "/" + m.scheme.name,
		Formats:  formats,
		Size:     m.own.Size(),
		Alphabet: "0123456789",
	}
}

// Encode returns the number of a slot.
func (m *method) Encode(slot wire.Slot) (wire.Reference, error) {
	own, err := m.own.Encode(slot.Index)
	if err != nil {
		return "", err
	}
	return wire.Reference(m.scheme.whole(own)), nil
}

// Present returns the number as the payer's form of its country wants it.
func (m *method) Present(reference wire.Reference, in wire.Instruction) []wire.Subject {
	printed := string(reference)
	if m.scheme.print != nil {
		printed = m.scheme.print(printed)
	}
	subjects := []wire.Subject{{
		Type:          "NATIONAL",
		CreditAccount: m.payee,
		CreditAmount:  in.CreditAmount,
		Scheme:        m.scheme.name,
		Reference:     printed,
	}}
	if m.scheme.rf {
		subjects = append(subjects, wire.Subject{
			Type:          "RF",
			CreditAccount: m.payee,
			CreditAmount:  in.CreditAmount,
			Reference:     "RF" + wire.ISO11649Check(string(reference)) + string(reference),
		})
	}
	return subjects
}
