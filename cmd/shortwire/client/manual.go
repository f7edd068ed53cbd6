package client

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/shortwire/shortwire/subjects/taler"
)

// Cases are transfers that wait for a person.
type Cases struct {
	Document
	Cases []Case `json:"cases"`
}

// Case is one of them.
type Case struct {
	ID         int64           `json:"id"`
	Account    string          `json:"account"`
	BankRef    string          `json:"bank_ref"`
	Amount     taler.Amount    `json:"amount"`
	Debtor     string          `json:"debtor"`
	Reason     string          `json:"reason"`
	Received   taler.Timestamp `json:"received"`
	Remittance json.RawMessage `json:"remittance"`
	Payment    *CasePayment    `json:"payment"` // of ours, that failed or came back
}

// CasePayment is the payment behind a case.
type CasePayment struct {
	ID         int64  `json:"id"`
	EndToEndID string `json:"end_to_end_id"`
	Kind       string `json:"kind"`
	Status     string `json:"status"`
	Creditor   string `json:"creditor"`
	Detail     string `json:"detail"`
	BankRef    string `json:"bank_ref"`
}

// CaseLog are the decisions about cases, newest first.
type CaseLog struct {
	Document
	Log []CaseEntry `json:"log"`
}

// CaseEntry is one of them.
type CaseEntry struct {
	LogID      int64           `json:"log_id"`
	ID         int64           `json:"id"`
	Account    string          `json:"account"`
	BankRef    string          `json:"bank_ref"`
	Amount     taler.Amount    `json:"amount"`
	CaseReason string          `json:"case_reason"`
	Action     string          `json:"action"` // credit, bounce, write_off
	Target     string          `json:"target"`
	Reason     string          `json:"reason"`
	Operator   string          `json:"operator"`
	Decided    taler.Timestamp `json:"decided"`
}

// CaseQuery selects cases or decisions; an empty account selects all.
type CaseQuery struct {
	Account string
	Limit   int
	Offset  int64
}

func (q *CaseQuery) query() url.Values {
	query := url.Values{}
	setText(query, "account", q.Account)
	setNumber(query, "limit", int64(q.Limit))
	setNumber(query, "offset", q.Offset)
	return query
}

// Cases lists what waits for a person.
func (c *Client) Cases(ctx context.Context, q CaseQuery) (Cases, error) {
	var answer Cases
	return answer, c.do(ctx, get("/admin/manual", q.query(), 0), &answer)
}

// CaseLog lists what was decided.
func (c *Client) CaseLog(ctx context.Context, q CaseQuery) (CaseLog, error) {
	var answer CaseLog
	return answer, c.do(ctx, get("/admin/manual/log", q.query(), 0), &answer)
}

// The decisions about a case.
const (
	DecideCredit   = "credit"
	DecideBounce   = "bounce"
	DecideWriteOff = "write-off"
)

// Decision is what an operator decides about a case, and why.
type Decision struct {
	Reason     string                `json:"reason"`
	Type       string                `json:"type,omitempty"` // DecideCredit: reserve, kyc
	AccountPub *taler.EddsaPublicKey `json:"account_pub,omitempty"`
	Creditor   string                `json:"creditor,omitempty"` // DecideBounce; "" for the debtor
}

// Settled is what became of the case.
type Settled struct {
	Document
	ID        int64  `json:"id"`
	State     string `json:"state"`
	RowID     int64  `json:"row_id"`
	PaymentID int64  `json:"payment_id"`
}

// Decide settles a case.
func (c *Client) Decide(ctx context.Context, id int64, what string, d Decision) (Settled, error) {
	var answer Settled
	request, err := post("/admin/manual/"+strconv.FormatInt(id, 10)+"/"+what, d)
	if err != nil {
		return answer, err
	}
	return answer, c.do(ctx, request, &answer)
}
