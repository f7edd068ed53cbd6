package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/subjects/taler"
)

// printWhereToPay shows every way to pay as a person types it into a bank's
// form. Ways to the same account follow each other without repeating it.
func printWhereToPay(w io.Writer, r *client.Registration) {
	var last *client.Subject
	for i := range r.Subjects {
		s := &r.Subjects[i]
		if last != nil {
			fmt.Fprintln(w, "or")
		}
		if last == nil || s.CreditAccount != last.CreditAccount {
			printAccount(w, s.CreditAccount)
		}
		for _, line := range append(subjectLines(s), linkLines(r, s)...) {
			fmt.Fprintf(w, "%-11s %s\n", line[0], line[1])
		}
		last = s
	}
	if last != nil && last.CreditAmount != nil {
		fmt.Fprintf(w, "Amount      %s\n", last.CreditAmount)
	}
	fmt.Fprintf(w, "Until       %s\n", until(r))
}

func printAccount(w io.Writer, creditAccount string) {
	payto, err := taler.ParsePayto(creditAccount)
	if err != nil { // a kind of account that this binary does not know
		fmt.Fprintf(w, "Pay to      %s\n", creditAccount)
		return
	}
	fmt.Fprintf(w, "Pay to      %s\nName        %s\n", accountText(payto), payto.ReceiverName())
}

func until(r *client.Registration) string {
	text := date(r.Expiration)
	switch {
	case !r.Recurrent:
		return text + ", for one transfer"
	case !r.Expiration.Never:
		return text + ", and longer with every credit"
	}
	return text
}

// subjectLines are the fields of the bank's form and what goes into them.
func subjectLines(s *client.Subject) [][2]string {
	switch s.Type {
	case "CH_QR_BILL":
		return [][2]string{{"Reference", groupQRR(s.QRReferenceNumber)}}
	case "RF":
		return [][2]string{{"Reference", groupsOf(4, s.Reference)}}
	case "NATIONAL":
		lines := [][2]string{{"Reference", s.Reference + " (" + s.Scheme + ")"}}
		if s.Subject != "" { // a code around the reference, to be pasted
			lines = append(lines, [2]string{"Code", s.Subject})
		}
		return lines
	case "NZ_SBI":
		return [][2]string{{"Particulars", orEmpty(s.Particulars)}, {"Code", orEmpty(s.Code)}, {"Reference", orEmpty(s.Reference)}}
	case "URI":
		return [][2]string{{"Link", s.URI}}
	}
	return [][2]string{{"Message", s.Subject}}
}

// linkLines is the payto URI of a text, unless the gateway sent one itself. A
// bank's program that opens it fills the form in.
func linkLines(r *client.Registration, s *client.Subject) [][2]string {
	text := map[string]string{"SIMPLE": s.Subject, "RF": s.Reference}[s.Type]
	payto, err := taler.ParsePayto(s.CreditAccount)
	sent := slices.ContainsFunc(r.Subjects, func(other client.Subject) bool { return other.Type == "URI" })
	if text == "" || err != nil || sent {
		return nil
	}
	return [][2]string{{"Link", payto.WithMessage(text, s.CreditAmount)}}
}

func orEmpty(text string) string { return cmp.Or(text, "(leave empty)") }

// groupQRR writes a QR reference as 2 5 5 5 5 5 (SIX, Implementation Guidelines
// for the QR-bill v2.3, section 3.6.2).
func groupQRR(digits string) string {
	if len(digits) != 27 {
		return digits
	}
	return digits[:2] + " " + groupsOf(5, digits[2:])
}

// groupsOf puts a blank after every n characters; ISO 11649 and ISO 13616 print
// references and IBANs in fours.
func groupsOf(n int, text string) string {
	var groups []string
	for len(text) > n {
		groups, text = append(groups, text[:n]), text[n:]
	}
	return strings.Join(append(groups, text), " ")
}

// accountText is an account as people write it.
func accountText(p taler.Payto) string {
	switch {
	case p.IBAN() != "":
		return groupsOf(4, p.IBAN())
	case p.Kind() == taler.KindTalerBank || p.Kind() == taler.KindBiller:
		return strings.TrimPrefix(p.Canonical(), "payto://"+p.Kind()+"/")
	}
	return p.Account()
}

// date is a time to the minute, in UTC like everything the gateway says.
func date(t taler.Timestamp) string {
	if t.Never || t.Unix() == math.MaxInt64 {
		return "for ever"
	}
	return time.Unix(t.Unix(), 0).UTC().Format("2006-01-02 15:04 UTC")
}
