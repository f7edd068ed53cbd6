package gateway

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/gateway/bgmax"
	"github.com/shortwire/shortwire/gateway/camt"
	"github.com/shortwire/shortwire/gateway/mt940"
	"github.com/shortwire/shortwire/gateway/nzcsv"
	"github.com/shortwire/shortwire/gateway/pain"
)

// Bank is how one account's bank reads and writes its files.
type Bank struct {
	// Camt are the options with which camt is read. With credits from more than
	// one kind of message, the same payment in several of them is one. The zero
	// value reads credits from camt.054 alone.
	Camt  camt.Options
	Files BankFiles // beside camt; forms that are not set up are refused

	PaymentOrder pain.Version // that the bank takes; "" is the newest
	// DirectCredits tells that bounces are paid by direct credit files of BNZ, if
	// the job asks for them.
	DirectCredits bool
}

// BankFiles are the ways of one account's bank. The zero value has none: a file
// whose references would be guessed is refused, not read.
type BankFiles struct {
	Charset bankfile.Charset // of CSV and MT940; "" is UTF-8

	CSV nzcsv.Dialect // "": CSV is refused
	// CSVWholeDays is the operator's word that every CSV file holds whole
	// days, which its references need (package nzcsv).
	CSVWholeDays bool

	MT940Account   string          // what :25: says for the account, where that is not its IBAN
	MT940Reference mt940.Reference // what identifies a payment; "" is the bank's reference

	Bankgiro string // number of the account with Bankgirot; "": its files are refused
}

// fileReader reads one form of bank file, calling emit for each entry.
type fileReader func(file io.ReadSeeker, emit func(*bankfile.Entry) error) (bankfile.Counts, error)

// ingestCSV takes the account export of a bank.
func (s *Server) ingestCSV(c *fiber.Ctx, b *batch) error {
	set := s.config.Banks[b.account.Name].Files
	switch {
	case set.CSV == "":
		return because(errMediaType, "CSV is read for accounts with bank_csv in the configuration, which says whose form it is")
	case !set.CSVWholeDays:
		return because(errMediaType, "CSV exports have no references of payments: csv_whole_days in the configuration must promise that every file holds whole days")
	}
	options := nzcsv.Options{Dialect: set.CSV, Account: b.account.Payto, Charset: set.Charset}
	return s.ingestFile(c, b, func(file io.ReadSeeker, emit func(*bankfile.Entry) error) (bankfile.Counts, error) {
		return nzcsv.Read(file, options, emit)
	})
}

// ingestMT940 takes SWIFT statements.
func (s *Server) ingestMT940(c *fiber.Ctx, b *batch) error {
	set := s.config.Banks[b.account.Name].Files
	options := mt940.Options{
		IBANs: s.config.OwnIBANs[b.account.Name], AccountText: set.MT940Account, Charset: set.Charset, Reference: set.MT940Reference,
	}
	if iban := b.account.Payto.IBAN(); iban != "" && len(options.IBANs) == 0 {
		options.IBANs = []string{iban}
	}
	return s.ingestFile(c, b, func(file io.ReadSeeker, emit func(*bankfile.Entry) error) (bankfile.Counts, error) {
		return mt940.Read(file, options, emit)
	})
}

// ingestBgMax takes what Bankgirot reports.
func (s *Server) ingestBgMax(c *fiber.Ctx, b *batch) error {
	number := s.config.Banks[b.account.Name].Files.Bankgiro
	if number == "" {
		return because(errMediaType, "files of Bankgirot are read for accounts with a bankgiro number: the key biller of the method numeric in the configuration")
	}
	return s.ingestFile(c, b, func(file io.ReadSeeker, emit func(*bankfile.Entry) error) (bankfile.Counts, error) {
		return bgmax.Read(file, bgmax.Options{Bankgiro: number}, emit)
	})
}

// ingestFile takes a file of one form.
func (s *Server) ingestFile(c *fiber.Ctx, b *batch, read fileReader) error {
	return s.readTwice(c, func(file *spool) error {
		counts, err := read(file, func(*bankfile.Entry) error { return nil })
		switch {
		case err != nil:
			return fileFault(err, bankfile.Errors)
		case counts.Emitted() > maxItems:
			return because(errTooLarge, "at most %d entries at once", maxItems)
		}
		return nil
	}, func(file *spool) error {
		_, err := read(file, b.fileEntry)
		return err
	})
}

// readTwice reads a bank file once for its form, before anything of it is stored,
// and once for its entries.
func (s *Server) readTwice(c *fiber.Ctx, validate, take func(*spool) error) error {
	body, err := openBody(c.Context(), s.config.BankBodyLimit)
	if err != nil {
		return err
	}
	file, err := newSpool(body, s.config.SpoolDir)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := validate(file); err != nil {
		return err
	}
	if err := file.rewind(); err != nil {
		return fmt.Errorf("rewinding an upload: %w", err)
	}
	return take(file)
}

// fileFault turns one of the faults that a reader knows into an answer. Their
// texts name places, never content, so the bank job may see them.
func fileFault(err error, known []error) error {
	if slices.ContainsFunc(known, func(fault error) bool { return errors.Is(err, fault) }) {
		return because(errXML, "%s", err)
	}
	return err
}

// fileEntry puts one entry of the file in the batch.
func (b *batch) fileEntry(e *bankfile.Entry) error {
	if e.Kind == bankfile.Ignored {
		return b.ignore(e.BankRef, e.Reason, e.Remittance.EndToEndID)
	}
	return b.reported(e.Kind, e.Reason, bounce.Transfer{
		BankRef:    e.BankRef,
		Amount:     e.Amount,
		Debtor:     e.Debtor,
		ValueDate:  e.ValueDate,
		Remittance: e.Remittance,
	})
}

// ignore answers what is no incoming money of this account. A debit with an
// end-to-end id may be a payment of ours.
func (b *batch) ignore(bankRef string, reason bankfile.Reason, endToEndID string) error {
	ignored := resultBody{BankRef: bankRef, Outcome: outcomeIgnored, Reason: string(reason)}
	if reason == bankfile.ReasonDebit && endToEndID != "" {
		return b.debit(ignored, endToEndID)
	}
	return b.result(ignored)
}

// reported adds what a file tells of incoming money.
func (b *batch) reported(kind bankfile.Kind, reason bankfile.Reason, t bounce.Transfer) error {
	if kind == bankfile.Exception {
		t.Exception = bounce.Reason(reason)
	}
	if err := checkRemittance(&t.Remittance); err != nil {
		return b.refuse(t.BankRef, err)
	}
	return b.transfer(t)
}
