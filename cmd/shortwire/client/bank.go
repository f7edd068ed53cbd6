package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/shortwire/shortwire/subjects/taler"
)

// Results tell a bank job what became of each transfer, in the order in which
// it posted them.
type Results struct {
	Document
	Results []Result `json:"results"`
}

// Result is what became of one transfer.
type Result struct {
	BankRef   string           `json:"bank_ref"`
	Outcome   string           `json:"outcome"` // credited, held, bounced, manual, paid, ignored, error
	RowID     int64            `json:"row_id"`
	Reason    string           `json:"reason"`
	HoldUntil *taler.Timestamp `json:"hold_until"`
	Replay    bool             `json:"replay"`     // known already; the rest is its present state
	PaymentID int64            `json:"payment_id"` // of outcome paid
	Error     *Problem         `json:"error"`
}

// The media types that Ingest may post.
const (
	TypeXML    = "application/xml"
	TypeJSON   = "application/json"
	TypeNDJSON = "application/x-ndjson"
	TypeCSV    = "text/csv"
	TypeMT940  = "application/vnd.swift.mt940"
	TypeBgMax  = "application/vnd.bankgirot.bgmax"
)

// Ingest posts one bank file as it is.
func (c *Client) Ingest(ctx context.Context, account, mediaType string, file io.Reader) (Results, error) {
	var answer Results
	request := call{method: http.MethodPost, path: "/accounts/" + account + "/bank/incoming", kind: mediaType, body: file, limit: uploadLimit}
	return answer, c.do(ctx, request, &answer)
}

// Payments are the payments that a bank job is asked to make.
type Payments struct {
	Document
	Payments []Payment `json:"payments"`
}

// Payment is one of them.
type Payment struct {
	Document
	ID         int64           `json:"id"`
	EndToEndID string          `json:"end_to_end_id"`
	Kind       string          `json:"kind"` // bounce, transfer
	Amount     taler.Amount    `json:"amount"`
	Creditor   string          `json:"creditor"`
	Subject    string          `json:"subject"`
	Created    taler.Timestamp `json:"created"`
	Status     string          `json:"status"`
	Detail     string          `json:"detail"`
	MessageID  string          `json:"message_id"`
}

// Outgoing leases what must be paid now, waiting up to wait for the first one;
// with a status it lists payments of that status. A limit of 0 leaves the
// number to the gateway.
func (c *Client) Outgoing(ctx context.Context, account, status string, limit int, wait time.Duration) (Payments, error) {
	var answer Payments
	query := url.Values{}
	setText(query, "status", status)
	setNumber(query, "limit", int64(limit))
	setNumber(query, "timeout_ms", wait.Milliseconds())
	return answer, c.do(ctx, get("/accounts/"+account+"/bank/outgoing", query, wait), &answer)
}

// PaymentOrder is a file of payments for the bank.
type PaymentOrder struct {
	Text      []byte // empty when there was nothing to pay
	MessageID string // of the lease; "" where the text tells it
}

func (o *PaymentOrder) keep(text []byte) { o.Text = text }

// OutgoingOrder leases what must be paid now, as a payment order: TypeXML for a
// pain.001 in the version of the account, TypeCSV for direct credits.
func (c *Client) OutgoingOrder(ctx context.Context, account, mediaType string, limit int, wait time.Duration) (PaymentOrder, error) {
	var answer PaymentOrder
	var header http.Header
	query := url.Values{}
	setNumber(query, "limit", int64(limit))
	setNumber(query, "timeout_ms", wait.Milliseconds())
	request := get("/accounts/"+account+"/bank/outgoing", query, wait)
	request.accept, request.header = mediaType, &header
	err := c.do(ctx, request, &answer)
	answer.MessageID = header.Get("Shortwire-Message-Id")
	return answer, err
}

// Confirmation is what the bank, or its job, says about a payment.
type Confirmation struct {
	Status    string `json:"status"` // sent, success, transient_failure, permanent_failure
	Detail    string `json:"detail,omitempty"`
	MessageID string `json:"message_id,omitempty"` // the lease that the payment came with
}

// Confirm tells what became of a payment.
func (c *Client) Confirm(ctx context.Context, account string, id int64, said Confirmation) (Payment, error) {
	var answer Payment
	request, err := post("/accounts/"+account+"/bank/outgoing/"+strconv.FormatInt(id, 10), said)
	if err != nil {
		return answer, err
	}
	return answer, c.do(ctx, request, &answer)
}

// Told is what became of what was said about payments.
type Told struct {
	Document
	Results []ToldResult `json:"results"`
}

// ToldResult is what became of it for one payment.
type ToldResult struct {
	EndToEndID string   `json:"end_to_end_id"`
	MessageID  string   `json:"message_id"`
	PaymentID  int64    `json:"payment_id"`
	Outcome    string   `json:"outcome"` // confirmed, ignored, unknown, error
	Status     string   `json:"status"`  // of the payment as it stands now
	Reason     string   `json:"reason"`
	Error      *Problem `json:"error"`
}

// Report posts a payment status report of the bank as it is.
func (c *Client) Report(ctx context.Context, account string, file io.Reader) (Told, error) {
	var answer Told
	request := call{method: http.MethodPost, path: "/accounts/" + account + "/bank/outgoing", kind: TypeXML, body: file, limit: uploadLimit}
	return answer, c.do(ctx, request, &answer)
}

// ConfirmLease tells what became of all payments of a lease.
func (c *Client) ConfirmLease(ctx context.Context, account string, said Confirmation) (Told, error) {
	var answer Told
	request, err := post("/accounts/"+account+"/bank/outgoing", said)
	if err != nil {
		return answer, err
	}
	return answer, c.do(ctx, request, &answer)
}

func setText(query url.Values, name, value string) {
	if value != "" {
		query.Set(name, value)
	}
}

// setNumber leaves 0 out: it is nobody's wish.
func setNumber(query url.Values, name string, value int64) {
	if value != 0 {
		query.Set(name, strconv.FormatInt(value, 10))
	}
}
