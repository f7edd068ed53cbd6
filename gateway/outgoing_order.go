package gateway

import (
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/gateway/nzcsv"
	"github.com/shortwire/shortwire/gateway/pain"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// paymentsKind chooses the form in which payments are handed out, before any
// is: in a form that the job cannot read they would stay leased to it. For a
// payment order it narrows the query to what can stand in one.
func (s *Server) paymentsKind(c *fiber.Ctx, account *subjects.Account, q *bounce.PaymentQuery) (string, error) {
	// Media types are the same in capitals (RFC 9110 section 8.3.1); fiber compares bytes.
	c.Request().Header.Set(fiber.HeaderAccept, strings.ToLower(c.Get(fiber.HeaderAccept)))
	kind := c.Accepts(typeJSON, typeXML, typeTextXML, typeCSV)
	switch {
	case kind == "":
		return "", because(errNotAccept, "payments come as %s and, to be paid, as %s (pain.001)", typeJSON, typeXML)
	case kind == typeJSON:
		return kind, nil
	case q.Status != "":
		return "", because(errNotAccept, "a list of payments by status comes as %s only: an order for them was given out", typeJSON)
	case kind == typeCSV && !s.config.Banks[account.Name].DirectCredits:
		return "", because(errNotAccept, "direct credits as %s are for accounts with payment_order = \"nz-bnz\" in the configuration", typeCSV)
	case kind == typeCSV:
		q.Bounces, q.BouncesBelow = account.Currency, nzcsv.MaxDollars
	case !pain.Payable(account.Payto, account.Currency):
		return "", because(errNotAccept, "%s", pain.ErrAccount)
	}
	q.PaytoKind = account.Payto.Kind()
	return kind, nil
}

// answerOrder writes leased payments as a payment order. There is no message
// without payments, so nothing to pay is 204.
func (s *Server) answerOrder(c *fiber.Ctx, account *subjects.Account, kind string, payments []bounce.Payment) error {
	if len(payments) == 0 {
		return c.SendStatus(fiber.StatusNoContent)
	}
	if kind == typeCSV {
		return s.answerDirectCredits(c, account, payments)
	}
	order := pain.Order{Version: s.config.Banks[account.Name].PaymentOrder, MessageID: payments[0].MessageID, Created: s.config.Now(), Debtor: account.Payto}
	for i := range payments {
		p := &payments[i]
		creditor, err := taler.ParsePayto(p.Creditor)
		if err != nil {
			return fmt.Errorf("payment %d: %w", p.ID, err)
		}
		order.Payments = append(order.Payments, pain.Payment{
			ID: p.ID, EndToEndID: p.EndToEndID, Amount: p.Amount, Creditor: creditor, Subject: p.Subject,
		})
	}
	text, err := order.Write()
	if err != nil {
		return fmt.Errorf("writing a payment order: %w", err)
	}
	c.Set(fiber.HeaderContentType, kind)
	return c.Send(text)
}

// answerDirectCredits writes leased bounces as a direct credit file. It has no
// place for the name of the lease, so a header tells it, and the name of the file.
func (s *Server) answerDirectCredits(c *fiber.Ctx, account *subjects.Account, payments []bounce.Payment) error {
	order := nzcsv.Order{Created: s.config.Now(), Debtor: account.Payto}
	for i := range payments {
		p := &payments[i]
		creditor, err := taler.ParsePayto(p.Creditor)
		if err != nil {
			return fmt.Errorf("payment %d: %w", p.ID, err)
		}
		order.Payments = append(order.Payments, nzcsv.Payment{EndToEndID: p.EndToEndID, Amount: p.Amount, Creditor: creditor, Subject: p.Subject})
	}
	text, err := order.Write()
	if err != nil {
		return fmt.Errorf("writing direct credits: %w", err)
	}
	c.Set("Shortwire-Message-Id", payments[0].MessageID)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+payments[0].MessageID+`.csv"`)
	c.Set(fiber.HeaderContentType, typeCSV)
	return c.Send(text)
}
