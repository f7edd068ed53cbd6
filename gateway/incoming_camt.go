package gateway

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/gateway/camt"
)

// camtErrors are the faults of a bank file. Their texts name places, never
// content, so the bank job may see them.
var camtErrors = []error{
	camt.ErrNotXML, camt.ErrTruncated, camt.ErrDoctype, camt.ErrEncoding, camt.ErrTooLarge, camt.ErrNotMessage,
	camt.ErrMessageType, camt.ErrVersion, camt.ErrStructure, camt.ErrAmount, camt.ErrReference,
}

// ingestXML takes one camt message.
func (s *Server) ingestXML(c *fiber.Ctx, b *batch) error {
	options := s.config.Banks[b.account.Name].Camt
	var info camt.Info
	return s.readTwice(c, func(file *spool) (err error) {
		info, err = options.Validate(file)
		switch {
		case errors.Is(err, camt.ErrNotListed):
			return because(errNotListed, "%s", err)
		case err != nil:
			return fileFault(err, camtErrors)
		case info.Emitted() > maxItems:
			return because(errTooLarge, "at most %d transactions at once", maxItems)
		}
		return nil
	}, func(file *spool) error {
		_, err := options.Read(file, func(e camt.Entry) error { return b.entry(&e, info) })
		return err
	})
}

// entry puts one entry of the file in the batch. A test reports no money, so it
// confirms no payment either.
func (b *batch) entry(e *camt.Entry, info camt.Info) error {
	own := b.s.config.OwnIBANs[b.account.Name]
	switch {
	case e.Kind == bankfile.Ignored && info.Test:
		return b.ignore(e.BankRef, e.Reason, "")
	case e.Kind == bankfile.Ignored:
		return b.ignore(e.BankRef, e.Reason, e.Remittance.EndToEndID)
	case info.Test:
		return b.ignore(e.BankRef, bankfile.ReasonTestFile, "")
	case e.CreditorIBAN != "" && len(own) > 0 && !slices.Contains(own, e.CreditorIBAN):
		return b.ignore(e.BankRef, bankfile.ReasonOtherAccount, "")
	}
	return b.reported(e.Kind, e.Reason, bounce.Transfer{
		BankRef:    e.BankRef,
		Amount:     e.Amount,
		Debtor:     e.Debtor,
		ValueDate:  e.ValueDate,
		Remittance: e.Remittance,
		Sighting:   &bounce.Sighting{Source: info.Kind, Usual: b.s.config.Banks[b.account.Name].Camt.Usual(), IDs: e.IDs, Booked: e.Booked},
	})
}
