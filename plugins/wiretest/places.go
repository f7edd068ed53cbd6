package wiretest

import (
	"net/url"
	"slices"
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
)

// place is where and how a bank reports a text that a payer typed.
type place struct {
	name  string
	write func(text string) wire.Remittance
}

// textOf returns the one text of a subject that identifies the payer.
func textOf(s wire.Subject) string {
	switch s.Type {
	case "SIMPLE":
		return s.Subject
	case "URI":
		_, query, _ := strings.Cut(s.URI, "?")
		values, err := url.ParseQuery(query)
		if err != nil {
			return ""
		}
		return values.Get("message")
	case "CH_QR_BILL":
		return s.QRReference
	}
	return s.Reference
}

// placesOf returns the places for a type of subject, the one where the payer's
// form puts it first.
func placesOf(subjectType string) []place {
	switch subjectType {
	case "NZ_SBI":
		return append(shortFields, freeText...)
	case "CH_QR_BILL", "RF", "NATIONAL":
		return append(structuredFields, freeText...)
	}
	return freeText
}

// everyPlace returns the places for a type of subject, and those where nobody
// would look for it: payers and banks swap fields.
func everyPlace(subjectType string) []place {
	if subjectType == "NZ_SBI" {
		return placesOf(subjectType)
	}
	return slices.Concat(placesOf(subjectType), shortFields)
}

func structured(entries ...string) wire.Remittance { return wire.Remittance{Structured: entries} }

func unstructured(lines ...string) wire.Remittance { return wire.Remittance{Unstructured: lines} }

var structuredFields = []place{
	{"structured", func(s string) wire.Remittance { return structured(s) }},
	{"structured in groups", func(s string) wire.Remittance { return structured(groups(s, 5)) }},
	{"structured, padded", func(s string) wire.Remittance { return structured("  " + s + "  ") }},
	{"structured in lower case", func(s string) wire.Remittance { return structured(strings.ToLower(s)) }},
	{"structured twice", func(s string) wire.Remittance { return structured(s, s) }},
	{"structured beside a blank", func(s string) wire.Remittance { return structured(" ", s) }},
	{"structured beside text", func(s string) wire.Remittance {
		return wire.Remittance{Structured: []string{s}, Unstructured: []string{"thank you"}, EndToEndID: "NOTPROVIDED"}
	}},
}

var shortFields = []place{
	{"reference", func(s string) wire.Remittance { return wire.Remittance{Reference: s} }},
	{"particulars", func(s string) wire.Remittance { return wire.Remittance{Particulars: s} }},
	{"code", func(s string) wire.Remittance { return wire.Remittance{Code: s} }},
	{"all fields", func(s string) wire.Remittance {
		return wire.Remittance{Particulars: "TALER", Code: "12", Reference: s, Unstructured: []string{"TALER 12 " + s}}
	}},
	{"two fields", func(s string) wire.Remittance { return wire.Remittance{Code: s, Reference: s} }},
	{"re-cased", func(s string) wire.Remittance { return wire.Remittance{Reference: s[:1] + strings.ToLower(s[1:])} }},
	{"merged", func(s string) wire.Remittance { return unstructured("J SMITH TALER " + s) }},
	{"broken over two fields", func(s string) wire.Remittance {
		return wire.Remittance{Particulars: "TALER " + s[:6], Code: s[6:]}
	}},
	{"broken at column 12", func(s string) wire.Remittance { return unstructured("TALER " + s[:6] + " " + s[6:]) }},
}

var freeText = []place{
	{"text", func(s string) wire.Remittance { return unstructured(s) }},
	{"text among words", func(s string) wire.Remittance { return unstructured("Zahlung: " + s + ", vielen Dank.") }},
	{"text in lower case", func(s string) wire.Remittance { return unstructured(strings.ToLower(s)) }},
	{"text in groups", func(s string) wire.Remittance { return unstructured("Zahlungen " + groups(s, 4)) }},
	{"text with hyphens", func(s string) wire.Remittance {
		return unstructured("/" + strings.ReplaceAll(groups(s, 5), " ", "-") + "/")
	}},
	{"text with escaped blanks", func(s string) wire.Remittance { return unstructured(strings.ReplaceAll(groups(s, 3), " ", "%20")) }},
	{"text twice", func(s string) wire.Remittance { return unstructured(s + " / " + s) }},
	{"own line", func(s string) wire.Remittance { return unstructured("payment", s, "thanks") }},
	{"broken line", func(s string) wire.Remittance { return unstructured(s[:len(s)/2], s[len(s)/2:]) }},
	{"broken line, indented", func(s string) wire.Remittance { return unstructured(s[:len(s)/3], " "+s[len(s)/3:]) }},
	{"blank reference", func(s string) wire.Remittance {
		return wire.Remittance{Structured: []string{"", "  "}, Unstructured: []string{s}}
	}},
	{"full-width", func(s string) wire.Remittance { return unstructured(fullWidth(s)) }},
}

// groups writes a text in groups of n, the first one short, as Swiss references
// are printed.
func groups(s string, n int) string {
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && (len(s)-i)%n == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// fullWidth replaces ASCII by U+FF01 to U+FF5E.
func fullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + 0xFF01 }, s)
}
