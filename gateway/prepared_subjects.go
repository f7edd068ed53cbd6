package gateway

import (
	"slices"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// The types of subjects that Taler's clients know. A client refuses a whole
// answer for one that it does not know.
const (
	formatSimple = "SIMPLE"
	formatURI    = "URI"
	formatQRBill = "CH_QR_BILL"
)

// talerSubjects writes the forms of one subject in the types that Taler knows. A
// form of another type becomes SIMPLE where its reference is found again when it
// arrives as free text; else it is left out. Every text comes with a payto URI.
func talerSubjects(method wire.Method, forms []wire.Subject) []wire.Subject {
	var known []wire.Subject
	for _, form := range forms {
		switch form.Type {
		case formatQRBill, formatURI:
			known = addSubject(known, form)
			continue
		case formatSimple:
		default:
			text := readableText(method, &form)
			if text == "" {
				continue
			}
			form = wire.Subject{Type: formatSimple, CreditAccount: form.CreditAccount, CreditAmount: form.CreditAmount, Subject: text}
		}
		known = addSubject(known, form)
		if payto, err := taler.ParsePayto(form.CreditAccount); err == nil {
			known = addSubject(known, wire.Subject{
				Type: formatURI, CreditAccount: form.CreditAccount, URI: payto.WithMessage(form.Subject, form.CreditAmount),
			})
		}
	}
	return known
}

func addSubject(known []wire.Subject, s wire.Subject) []wire.Subject {
	same := func(k wire.Subject) bool {
		return k.Type == s.Type && k.Subject == s.Subject && k.URI == s.URI && k.QRReference == s.QRReference
	}
	if slices.ContainsFunc(known, same) {
		return known
	}
	return append(known, s)
}

// readableText is the text by which a payer without the form's own fields pays:
// the first field that the method reads as one subject.
func readableText(method wire.Method, form *wire.Subject) string {
	for _, text := range []string{form.Reference, form.Code, form.Particulars} {
		if text != "" && len(method.Scan(wire.Remittance{Unstructured: []string{text}})) == 1 {
			return text
		}
	}
	return ""
}

// payableTo keeps the forms that reach the account a client has named. With the
// plain account it gets all of them: each one tells where it must go.
func payableTo(creditor taler.Payto, account *subjects.Account, forms []wire.Subject) []subjectBody {
	bodies := []subjectBody{}
	for i := range forms {
		payto, err := taler.ParsePayto(forms[i].CreditAccount)
		if creditor.Canonical() == account.Payto.Canonical() || err == nil && payto.Canonical() == creditor.Canonical() {
			bodies = append(bodies, bodyOfSubject(&forms[i]))
		}
	}
	return bodies
}

// talerFormats lists the types that subjects of an account have in Taler's
// dialect, best first.
func talerFormats(account *subjects.Account) []string {
	formats := []string{}
	for _, s := range talerSubjects(account.Method, account.Sample()) {
		if !slices.Contains(formats, s.Type) {
			formats = append(formats, s.Type)
		}
	}
	return formats
}
