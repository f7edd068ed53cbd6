package gateway

import (
	"errors"
	"fmt"
	"io"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/gateway/bgmax"
	"github.com/shortwire/shortwire/gateway/mt940"
	"github.com/shortwire/shortwire/gateway/nzcsv"
)

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
type fileReader func(file io.ReadSeeker, emit func(*bankfile.Entry) error) (bankfile.Info, error)

// ingestCSV takes the account export of a bank.
func (s *Server) ingestCSV(c *fiber.Ctx, b *batch) error {
	set := s.config.BankFiles[b.account.Name]
	switch {
	case set.CSV == "":
		return because(errMediaType, "CSV is read for accounts with bank_csv in the configuration, which says whose form it is")
	case !set.CSVWholeDays:
		return because(errMediaType, "CSV exports have no references of payments: csv_whole_days in the configuration must promise that every file holds whole days")
	}
	options := nzcsv.Options{Dialect: set.CSV, Account: b.account.Payto, Charset: set.Charset}
	return s.ingestFile(c, b, func(file io.ReadSeeker, emit func(*bankfile.Entry) error) (bankfile.Info, error) {
		return nzcsv.Read(file, options, emit)
	})
}

// ingestMT940 takes SWIFT statements.
func (s *Server) ingestMT940(c *fiber.Ctx, b *batch) error {
	set := s.config.BankFiles[b.account.Name]
	options := mt940.Options{
		IBANs: s.config.OwnIBANs[b.account.Name], AccountText: set.MT940Account, Charset: set.Charset, Reference: set.MT940Reference,
	}
	if iban := b.account.Payto.IBAN(); iban != "" && len(options.IBANs) == 0 {
		options.IBANs = []string{iban}
	}
	return s.ingestFile(c, b, func(file io.ReadSeeker, emit func(*bankfile.Entry) error) (bankfile.Info, error) {
		return mt940.Read(file, options, emit)
	})
}

// ingestBgMax takes what Bankgirot reports.
func (s *Server) ingestBgMax(c *fiber.Ctx, b *batch) error {
	number := s.config.BankFiles[b.account.Name].Bankgiro
	if number == "" {
		return because(errMediaType, "files of Bankgirot are read for accounts with a bankgiro number: the key biller of the method numeric in the configuration")
	}
	return s.ingestFile(c, b, func(file io.ReadSeeker, emit func(*bankfile.Entry) error) (bankfile.Info, error) {
		return bgmax.Read(file, bgmax.Options{Bankgiro: number}, emit)
	})
}

// ingestFile reads a file twice: once for its form, before anything of it is
// stored, and once for its entries.
func (s *Server) ingestFile(c *fiber.Ctx, b *batch, read fileReader) error {
	body, err := openBody(c.Context(), s.config.BankBodyLimit)
	if err != nil {
		return err
	}
	file, err := newSpool(body, s.config.SpoolDir)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := read(file, func(*bankfile.Entry) error { return nil })
	if err != nil {
		return fileFault(err)
	}
	if info.Entries() > maxItems {
		return because(errTooLarge, "at most %d entries at once", maxItems)
	}
	if err := file.rewind(); err != nil {
		return fmt.Errorf("rewinding an upload: %w", err)
	}
	_, err = read(file, b.fileEntry)
	return err
}

// fileFault turns the fault of a file into an answer. The texts of package
// bankfile name places, never content, so the bank job may see them.
func fileFault(err error) error {
	for _, known := range bankfile.Errors {
		if errors.Is(err, known) {
			return because(errXML, "%s", err)
		}
	}
	return err
}

// fileEntry puts one entry of the file in the batch.
func (b *batch) fileEntry(e *bankfile.Entry) error {
	ignored := resultBody{BankRef: e.BankRef, Outcome: outcomeIgnored, Reason: string(e.Reason)}
	switch {
	case e.Kind == bankfile.Ignored && e.Reason == bankfile.ReasonDebit && e.Remittance.EndToEndID != "":
		return b.debit(ignored, e.Remittance.EndToEndID)
	case e.Kind == bankfile.Ignored:
		return b.result(ignored)
	}
	transfer := bounce.Transfer{
		BankRef:    e.BankRef,
		Amount:     e.Amount,
		Debtor:     e.Debtor,
		ValueDate:  e.ValueDate,
		Remittance: e.Remittance,
	}
	if e.Kind == bankfile.Exception {
		transfer.Exception = bounce.Reason(e.Reason)
	}
	if err := checkRemittance(&transfer.Remittance); err != nil {
		return b.refuse(e.BankRef, err)
	}
	return b.transfer(transfer)
}
