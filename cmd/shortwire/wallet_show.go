package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/gateway/picture"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

type showVerb struct {
	remote
	keyFile
	Amount  string `placeholder:"CUR:N" help:"Amount to put into the code, such as CHF:10.50; without it the payer chooses."`
	Lang    string `default:"en" enum:"de,fr,it,en" help:"Language of the headings: de, fr, it, en (${default})."`
	Receipt *bool  `negatable:"" help:"Draw a Swiss bill with its receipt, as it is printed; usual in .pdf."`
	Output  string `short:"o" placeholder:"FILE" help:"Draw into a file that ends in .svg, .png or .pdf."`
}

// drawings are the formats of files by their ends.
var drawings = map[string]func(*picture.Picture) ([]byte, error){
	".svg": func(p *picture.Picture) ([]byte, error) { return p.SVG(), nil },
	".png": (*picture.Picture).PNG,
	".pdf": (*picture.Picture).PDF,
}

// Run shows the code in the terminal with what it holds, or writes a file.
func (v *showVerb) Run(s *session) error {
	draw, known := drawings[filepath.Ext(v.Output)]
	if v.Output != "" && !known {
		return usageError{errors.New("--output: name a file that ends in .svg, .png or .pdf")}
	}
	registration, drawn, err := v.picture(s)
	switch {
	case err != nil:
		return err
	case v.Output == "" && v.JSON:
		return printJSON(s, registration.JSON)
	case v.Output == "":
		fmt.Fprintln(s.out, drawn.Terminal(bool(paintFor(s))))
		printWhereToPay(s.out, registration)
		v.tellScreenOnly(s.out, drawn)
		return nil
	}
	v.tellScreenOnly(s.err, drawn)
	file, err := draw(drawn)
	if err != nil {
		return err
	}
	return os.WriteFile(v.Output, file, 0o666)
}

// tellScreenOnly tells what a bill without receipt is good for, and how to get the
// whole one (SIX, Implementation Guidelines for the QR-bill v2.3, section 3.8).
func (v *showVerb) tellScreenOnly(w io.Writer, drawn *picture.Picture) {
	if drawn.ScreenOnly() {
		fmt.Fprintln(w, "For e-banking only, do not print it: -o bill.pdf draws the bill with its receipt for paper.")
	}
}

// picture asks for the registration and lays out its picture.
func (v *showVerb) picture(s *session) (*client.Registration, *picture.Picture, error) {
	request := picture.Request{Language: v.Lang, Receipt: filepath.Ext(v.Output) == ".pdf"}
	if v.Receipt != nil {
		request.Receipt = *v.Receipt
	}
	if v.Amount != "" {
		amount, err := taler.ParseAmount(v.Amount)
		if err != nil {
			return nil, nil, usageError{fmt.Errorf("--amount: %w", err)}
		}
		request.Amount = &amount
	}
	key, err := v.load()
	if err != nil {
		return nil, nil, err
	}
	c, err := v.open(s)
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	account, err := c.AccountConfig(s.ctx, v.Account)
	if err != nil {
		return nil, nil, err
	}
	registration, err := c.Status(s.ctx, v.Account, key.Pub)
	if err != nil {
		return nil, nil, err
	}
	request.Currency, request.Subjects = account.Currency, pictureSubjects(&registration)
	drawn, err := picture.New(request)
	if errors.Is(err, picture.ErrAmount) {
		return nil, nil, usageError{fmt.Errorf("--amount: %w", err)}
	}
	return &registration, drawn, err
}

// pictureSubjects are the subjects as pictures are drawn from them.
func pictureSubjects(r *client.Registration) []wire.Subject {
	subjects := make([]wire.Subject, len(r.Subjects))
	for i, s := range r.Subjects {
		subjects[i] = wire.Subject{
			Type: s.Type, CreditAccount: s.CreditAccount, CreditAmount: s.CreditAmount, Subject: s.Subject, URI: s.URI,
			QRReference: s.QRReferenceNumber, Particulars: s.Particulars, Code: s.Code, Reference: s.Reference, Scheme: s.Scheme,
		}
		if a := s.CreditAddress; a != nil {
			subjects[i].Address = &wire.Address{Street: a.Street, House: a.HouseNumber, Postcode: a.Postcode, Town: a.Town, Country: a.Country}
		}
	}
	return subjects
}
