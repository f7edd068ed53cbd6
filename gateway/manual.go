package gateway

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// maxReason bounds what an operator writes about a decision, in characters.
const maxReason = 500

type casesBody struct {
	Cases []caseBody `json:"cases"`
}

type caseBody struct {
	ID         int64            `json:"id"`
	Account    string           `json:"account"`
	BankRef    string           `json:"bank_ref"`
	Amount     taler.Amount     `json:"amount"`
	Debtor     string           `json:"debtor,omitempty"`
	Reason     bounce.Reason    `json:"reason"`
	Received   taler.Timestamp  `json:"received"`
	Remittance json.RawMessage  `json:"remittance"`
	Perhaps    string           `json:"perhaps,omitempty"` // bank reference of the transfer that it may be
	Payment    *casePaymentBody `json:"payment,omitempty"`
}

// casePaymentBody is the payment of ours that failed or came back.
type casePaymentBody struct {
	ID         int64                `json:"id"`
	EndToEndID string               `json:"end_to_end_id"`
	Kind       bounce.PaymentKind   `json:"kind"`
	Status     bounce.PaymentStatus `json:"status"`
	Creditor   string               `json:"creditor"`
	Detail     string               `json:"detail,omitempty"`
	BankRef    string               `json:"bank_ref,omitempty"` // of the transfer that it sent back
}

func (s *Server) getCases(c *fiber.Ctx) error {
	selection, err := caseQuery(c)
	if err != nil {
		return err
	}
	cases, err := s.desk.Cases(c.UserContext(), selection)
	if err != nil {
		return err
	}
	body := casesBody{Cases: make([]caseBody, len(cases))}
	for i := range cases {
		body.Cases[i] = bodyOfCase(&cases[i])
	}
	return answer(c, body)
}

func caseQuery(c *fiber.Ctx) (bounce.CaseQuery, error) {
	q := bounce.CaseQuery{Account: c.Query("account")}
	limit, err := queryInt(c, 20, 1, 1<<40, "limit")
	if err != nil {
		return q, err
	}
	q.Limit = int(min(limit, maxPage))
	q.Offset, err = queryInt(c, 0, 0, math.MaxInt64, "offset")
	if err == nil && !plain(q.Account, "") {
		err = because(errMalformed, "account: use a name that GET /config lists")
	}
	return q, err
}

func bodyOfCase(c *bounce.Case) caseBody {
	body := caseBody{
		ID: c.ID, Account: c.Account, BankRef: c.BankRef, Amount: c.Amount, Debtor: c.Debtor,
		Reason: c.Reason, Received: timestamp(c.Received), Remittance: c.Remittance, Perhaps: c.Perhaps,
	}
	if p := c.Payment; p != nil {
		body.Payment = &casePaymentBody{p.ID, p.EndToEndID, p.Kind, p.Status, p.Creditor, p.Detail, p.BankRef}
	}
	return body
}

type logBody struct {
	Log []logEntryBody `json:"log"`
}

type logEntryBody struct {
	LogID      int64           `json:"log_id"`
	ID         int64           `json:"id"` // of the case
	Account    string          `json:"account"`
	BankRef    string          `json:"bank_ref"`
	Amount     taler.Amount    `json:"amount"`
	CaseReason bounce.Reason   `json:"case_reason"`
	Action     bounce.Action   `json:"action"`
	Target     string          `json:"target,omitempty"`
	Reason     string          `json:"reason"`
	Operator   string          `json:"operator"`
	Decided    taler.Timestamp `json:"decided"`
}

func (s *Server) getCaseLog(c *fiber.Ctx) error {
	selection, err := caseQuery(c)
	if err != nil {
		return err
	}
	entries, err := s.desk.Log(c.UserContext(), selection)
	if err != nil {
		return err
	}
	body := logBody{Log: make([]logEntryBody, len(entries))}
	for i := range entries {
		e := &entries[i]
		body.Log[i] = logEntryBody{
			LogID: e.ID, ID: e.TransferID, Account: e.Account, BankRef: e.BankRef, Amount: e.Amount, CaseReason: e.CaseReason,
			Action: e.Action, Target: e.Target, Reason: e.Reason, Operator: e.Operator, Decided: timestamp(e.Decided),
		}
	}
	return answer(c, body)
}

// decisionRequest is the body of every decision; each takes what it needs.
type decisionRequest struct{ reason, kind, accountPub, creditor string }

func (r *decisionRequest) member(cur *cursor, name string) error {
	switch name {
	case "reason":
		return cur.str(&r.reason)
	case "type":
		return cur.str(&r.kind)
	case "account_pub":
		return cur.str(&r.accountPub)
	case "creditor":
		return cur.str(&r.creditor)
	}
	return cur.skip()
}

// target reads what a case is credited to.
func (r *decisionRequest) target() (subjects.Target, error) {
	target := subjects.Target{Type: subjects.CreditType(r.kind)}
	switch target.Type {
	case subjects.CreditReserve, subjects.CreditKYC:
	case "":
		return target, because(errMissing, "type")
	default:
		return target, because(errMalformed, "type: write reserve or kyc")
	}
	var err error
	target.AccountPub, err = parse("account_pub", r.accountPub, taler.ParseEddsaPublicKey)
	return target, err
}

// goesTo reads where a case is sent; nil is its debtor.
func (r *decisionRequest) goesTo() (*taler.Payto, error) {
	if r.creditor == "" {
		return nil, nil
	}
	creditor, err := parse("creditor", r.creditor, taler.ParsePayto)
	if err == nil && !creditor.IsFull() {
		err = because(errPayto, "creditor: receiver-name is missing")
	}
	return &creditor, err
}

// decide reads a decision and who takes it.
func (s *Server) decide(c *fiber.Ctx) (int64, bounce.Decision, *decisionRequest, error) {
	var body decisionRequest
	d := bounce.Decision{Operator: loginName(c)}
	id, err := strconv.ParseInt(param(c, "id"), 10, 64)
	if err != nil || id < 1 {
		return 0, d, nil, because(errMalformed, "id: use an id that /admin/manual listed")
	}
	if err := readObject(c, walletBody, body.member); err != nil {
		return 0, d, nil, err
	}
	switch d.Reason = body.reason; {
	case d.Reason == "":
		return 0, d, nil, because(errMissing, "reason")
	case utf8.RuneCountInString(d.Reason) > maxReason || !plain(d.Reason, "\t\r\n"):
		return 0, d, nil, because(errMalformed, "reason: at most %d characters of text", maxReason)
	}
	return id, d, &body, nil
}

type settledBody struct {
	ID        int64        `json:"id"`
	State     bounce.State `json:"state"`
	RowID     int64        `json:"row_id,omitempty"`     // credit
	PaymentID int64        `json:"payment_id,omitempty"` // bounce
}

// answerSettled also tells a second operator who was first.
func answerSettled(c *fiber.Ctx, settled bounce.Settled, err error) error {
	if first := (*bounce.CaseSettled)(nil); errors.As(err, &first) {
		return because(bounce.ErrCaseSettled, "%s by %s at %s", first.Action, first.Operator, first.Decided.Format(time.RFC3339))
	}
	if err != nil {
		return err
	}
	return answer(c, settledBody{settled.ID, settled.State, settled.RowID, settled.PaymentID})
}

func (s *Server) postCredit(c *fiber.Ctx) error {
	id, decision, body, err := s.decide(c)
	if err != nil {
		return err
	}
	target, err := body.target()
	if err != nil {
		return err
	}
	settled, err := s.desk.CreditCase(c.UserContext(), id, decision, target)
	return answerSettled(c, settled, err)
}

func (s *Server) postBounce(c *fiber.Ctx) error {
	id, decision, body, err := s.decide(c)
	if err != nil {
		return err
	}
	creditor, err := body.goesTo()
	if err != nil {
		return err
	}
	settled, err := s.desk.BounceCase(c.UserContext(), id, decision, creditor)
	return answerSettled(c, settled, err)
}

func (s *Server) postWriteOff(c *fiber.Ctx) error {
	id, decision, _, err := s.decide(c)
	if err != nil {
		return err
	}
	settled, err := s.desk.WriteOffCase(c.UserContext(), id, decision)
	return answerSettled(c, settled, err)
}
