package client

import (
	"context"
	"net/url"
	"strconv"

	"github.com/shortwire/shortwire/subjects/taler"
)

// Order is a transfer that the exchange asks for.
type Order struct {
	RequestUID      taler.HashCode      `json:"request_uid"`
	Amount          taler.Amount        `json:"amount"`
	ExchangeBaseURL string              `json:"exchange_base_url"`
	Metadata        string              `json:"metadata,omitempty"`
	Wtid            taler.ShortHashCode `json:"wtid"`
	CreditAccount   string              `json:"credit_account"`
}

// Ordered is the answer to an order.
type Ordered struct {
	Document
	Timestamp taler.Timestamp `json:"timestamp"`
	RowID     int64           `json:"row_id"`
}

// Transfer orders a transfer. The same order again is the same transfer.
func (c *Client) Transfer(ctx context.Context, account string, o Order) (Ordered, error) {
	var answer Ordered
	request, err := post(wireGateway(account)+"transfer", o)
	if err != nil {
		return answer, err
	}
	return answer, c.do(ctx, request, &answer)
}

// Transfers are the ordered transfers.
type Transfers struct {
	Document
	Transfers    []OrderedTransfer `json:"transfers"`
	DebitAccount string            `json:"debit_account"`
}

// OrderedTransfer is one of them. The members of a list are the first five.
type OrderedTransfer struct {
	Document
	RowID           int64               `json:"row_id"`
	Status          string              `json:"status"` // pending, transient_failure, permanent_failure, success
	Amount          taler.Amount        `json:"amount"`
	CreditAccount   string              `json:"credit_account"`
	Timestamp       taler.Timestamp     `json:"timestamp"`
	StatusMsg       string              `json:"status_msg"`
	ExchangeBaseURL string              `json:"exchange_base_url"`
	Metadata        string              `json:"metadata"`
	Wtid            taler.ShortHashCode `json:"wtid"`
}

// Transfers lists ordered transfers of a status, or all.
func (c *Client) Transfers(ctx context.Context, account, status string, p Page) (Transfers, error) {
	var answer Transfers
	query := p.query()
	setText(query, "status", status)
	return answer, c.do(ctx, get(wireGateway(account)+"transfers", query, 0), &answer)
}

// OrderedTransfer shows one.
func (c *Client) OrderedTransfer(ctx context.Context, account string, row int64) (OrderedTransfer, error) {
	answer := OrderedTransfer{RowID: row}
	return answer, c.do(ctx, get(wireGateway(account)+"transfers/"+strconv.FormatInt(row, 10), url.Values{}, 0), &answer)
}

// Paid is one page of the outgoing history.
type Paid struct {
	Document
	OutgoingTransactions []PaidTransfer `json:"outgoing_transactions"`
	DebitAccount         string         `json:"debit_account"`
}

// PaidTransfer is a transfer of the exchange that the bank carried out.
type PaidTransfer struct {
	RowID           int64               `json:"row_id"`
	Date            taler.Timestamp     `json:"date"`
	Amount          taler.Amount        `json:"amount"`
	CreditAccount   string              `json:"credit_account"`
	Wtid            taler.ShortHashCode `json:"wtid"`
	ExchangeBaseURL string              `json:"exchange_base_url"`
	Metadata        string              `json:"metadata"`
}

// Paid reads the outgoing history. No row is an empty page, not an error.
func (c *Client) Paid(ctx context.Context, account string, p Page) (Paid, error) {
	var answer Paid
	return answer, c.do(ctx, get(wireGateway(account)+"history/outgoing", p.query(), p.Wait), &answer)
}
