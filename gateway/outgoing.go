package gateway

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/subjects/taler"
)

// maxDetail bounds what a bank job may say about a payment, in bytes.
const maxDetail = 1000

type paymentsBody struct {
	Payments []paymentBody `json:"payments"`
}

type paymentBody struct {
	ID         int64                `json:"id"`
	EndToEndID string               `json:"end_to_end_id"`
	Kind       bounce.PaymentKind   `json:"kind"`
	Amount     taler.Amount         `json:"amount"`
	Creditor   string               `json:"creditor"`
	Subject    string               `json:"subject"`
	Created    taler.Timestamp      `json:"created"`
	Status     bounce.PaymentStatus `json:"status"`
	Detail     string               `json:"detail,omitempty"`
	MessageID  string               `json:"message_id,omitempty"`
}

func (s *Server) getOutgoing(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	selection, err := s.paymentQuery(c)
	if err != nil {
		return err
	}
	kind, err := s.paymentsKind(c, account, &selection)
	if err != nil {
		return err
	}
	if c.Method() == fiber.MethodHead {
		return c.SendStatus(fiber.StatusOK) // an answer without a body must lease nothing
	}
	payments, err := poll(s, account, selection.Timeout, func(ctx context.Context, wait time.Duration) ([]bounce.Payment, error) {
		selection.Timeout = wait
		return s.desk.Payments(ctx, account, selection)
	})
	if err != nil {
		return err
	}
	if kind != typeJSON {
		return s.answerOrder(c, account, kind, payments)
	}
	body := paymentsBody{Payments: make([]paymentBody, len(payments))}
	for i := range payments {
		body.Payments[i] = bodyOfPayment(&payments[i])
	}
	return answer(c, body)
}

func (s *Server) paymentQuery(c *fiber.Ctx) (bounce.PaymentQuery, error) {
	q := bounce.PaymentQuery{Status: bounce.PaymentStatus(c.Query("status"))}
	switch q.Status {
	case "", bounce.PaymentPending, bounce.PaymentSent, bounce.PaymentSuccess, bounce.PaymentTransient, bounce.PaymentPermanent:
	default:
		return q, because(errMalformed, "status: write pending, sent, success, transient_failure or permanent_failure")
	}
	limit, err := queryInt(c, 20, 1, 1<<40, "limit")
	if err != nil {
		return q, err
	}
	q.Limit = int(min(limit, maxPage))
	q.Timeout, err = s.pollTimeout(c)
	return q, err
}

func bodyOfPayment(p *bounce.Payment) paymentBody {
	return paymentBody{
		ID:         p.ID,
		EndToEndID: p.EndToEndID,
		Kind:       p.Kind,
		Amount:     p.Amount,
		Creditor:   p.Creditor,
		Subject:    p.Subject,
		Created:    timestamp(p.Created),
		Status:     p.Status,
		Detail:     p.Detail,
		MessageID:  p.MessageID,
	}
}

// confirmation is the body of POST bank/outgoing/{id}.
type confirmation struct{ status, detail, messageID string }

func (r *confirmation) member(cur *cursor, name string) error {
	switch name {
	case "status":
		return cur.str(&r.status)
	case "detail":
		return cur.str(&r.detail)
	case "message_id":
		return cur.str(&r.messageID)
	}
	return cur.skip()
}

func (r *confirmation) check() (bounce.PaymentStatus, error) {
	status := bounce.PaymentStatus(r.status)
	switch status {
	case bounce.PaymentSent, bounce.PaymentSuccess, bounce.PaymentTransient, bounce.PaymentPermanent:
	case "":
		return "", because(errMissing, "status")
	default:
		return "", because(errMalformed, "status: write sent, success, transient_failure or permanent_failure")
	}
	if len(r.detail) > maxDetail || !plain(r.detail, "\t\r\n") {
		return "", because(errMalformed, "detail: at most %d bytes of text", maxDetail)
	}
	if !plain(r.messageID, "") {
		return "", because(errMalformed, "message_id: repeat the one that bank/outgoing gave")
	}
	return status, nil
}

func (s *Server) postOutgoing(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(param(c, "id"), 10, 64)
	if err != nil || id < 1 {
		return because(errMalformed, "id: use an id that bank/outgoing listed")
	}
	var body confirmation
	if err := readObject(c, walletBody, body.member); err != nil {
		return err
	}
	status, err := body.check()
	if err != nil {
		return err
	}
	payment, err := s.desk.Confirm(c.UserContext(), account,
		bounce.Confirmation{ID: id, Status: status, Detail: body.detail, MessageID: body.messageID})
	if err != nil {
		return err
	}
	return answer(c, bodyOfPayment(&payment))
}
