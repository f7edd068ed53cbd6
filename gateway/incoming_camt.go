package gateway

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/gateway/camt"
)

// Reasons for ignoring an entry of a bank file, beside those of package camt.
const (
	reasonOtherAccount = "other_account" // money for an IBAN that is not this account's
	reasonTestFile     = "test_file"     // the bank marked the file as a test: it reports no money
)

// camtErrors are the faults of a bank file. Their texts name places, never
// content, so the bank job may see them.
var camtErrors = []error{
	camt.ErrNotXML, camt.ErrTruncated, camt.ErrDoctype, camt.ErrEncoding, camt.ErrTooLarge, camt.ErrNotMessage,
	camt.ErrMessageType, camt.ErrVersion, camt.ErrStructure, camt.ErrAmount, camt.ErrReference,
}

// ingestXML takes one camt message. The whole file is read once for its form
// before the first transfer of it is stored.
func (s *Server) ingestXML(c *fiber.Ctx, b *batch) error {
	body, err := openBody(c.Context(), s.config.BankBodyLimit)
	if err != nil {
		return err
	}
	file, err := newSpool(body, s.config.SpoolDir)
	if err != nil {
		return err
	}
	defer file.Close()
	options := s.config.Banks[b.account.Name]
	info, err := validateFile(file, options)
	if err != nil {
		return err
	}
	if err := file.rewind(); err != nil {
		return fmt.Errorf("rewinding an upload: %w", err)
	}
	_, err = options.Read(file, func(e camt.Entry) error { return b.entry(&e, info) })
	return err
}

// validateFile turns the faults of a file into an answer.
func validateFile(file *spool, options camt.Options) (camt.Info, error) {
	info, err := options.Validate(file)
	for _, known := range camtErrors {
		if errors.Is(err, known) {
			return info, because(errXML, "%s", err)
		}
	}
	if err == nil && info.Credits+info.Exceptions+info.Ignored > maxItems {
		err = because(errTooLarge, "at most %d transactions at once", maxItems)
	}
	return info, err
}

// entry puts one entry of the file in the batch.
func (b *batch) entry(e *camt.Entry, info camt.Info) error {
	own := b.s.config.OwnIBANs[b.account.Name]
	switch {
	case e.Kind == camt.Ignored && e.Reason == camt.ReasonDebit && !info.Test && e.Remittance.EndToEndID != "":
		return b.debit(resultBody{BankRef: e.BankRef, Outcome: outcomeIgnored, Reason: string(e.Reason)}, e.Remittance.EndToEndID)
	case e.Kind == camt.Ignored:
		return b.ignore(e, string(e.Reason))
	case info.Test:
		return b.ignore(e, reasonTestFile)
	case e.CreditorIBAN != "" && len(own) > 0 && !slices.Contains(own, e.CreditorIBAN):
		return b.ignore(e, reasonOtherAccount)
	}
	transfer := bounce.Transfer{
		BankRef:    e.BankRef,
		Amount:     e.Amount,
		Debtor:     e.Debtor,
		ValueDate:  e.ValueDate,
		Remittance: e.Remittance,
		Sighting:   &bounce.Sighting{Source: info.Kind, Usual: b.s.config.Banks[b.account.Name].Usual(), IDs: e.IDs, Booked: e.Booked},
	}
	if e.Kind == camt.Exception {
		transfer.Exception = bounce.Reason(e.Reason)
	}
	if err := checkRemittance(&transfer.Remittance); err != nil {
		return b.refuse(e.BankRef, err)
	}
	return b.transfer(transfer)
}

func (b *batch) ignore(e *camt.Entry, reason string) error {
	return b.result(resultBody{BankRef: e.BankRef, Outcome: outcomeIgnored, Reason: reason})
}
