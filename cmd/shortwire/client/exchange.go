package client

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/shortwire/shortwire/subjects/taler"
)

// History is one page of the incoming history of the Wire Gateway API.
type History struct {
	Document
	IncomingTransactions []Transaction `json:"incoming_transactions"`
	CreditAccount        string        `json:"credit_account"`
}

// Transaction is one credited transfer.
type Transaction struct {
	Type              string                `json:"type"` // RESERVE, KYCAUTH, WAD
	RowID             int64                 `json:"row_id"`
	Date              taler.Timestamp       `json:"date"`
	Amount            taler.Amount          `json:"amount"`
	DebitAccount      string                `json:"debit_account"`
	ReservePub        *taler.EddsaPublicKey `json:"reserve_pub"`         // RESERVE
	AccountPub        *taler.EddsaPublicKey `json:"account_pub"`         // KYCAUTH
	WadID             *taler.WadID          `json:"wad_id"`              // WAD
	OriginExchangeURL string                `json:"origin_exchange_url"` // WAD
	AuthorizationPub  *taler.EddsaPublicKey `json:"authorization_pub"`
}

// Page selects rows: a positive limit reads forward behind Offset, a negative
// one back before it. A nil Offset starts at the respective end.
type Page struct {
	Limit  int
	Offset *int64
	Wait   time.Duration // long poll; only with a positive limit
}

func (p *Page) query() url.Values {
	query := url.Values{}
	setNumber(query, "limit", int64(p.Limit))
	if p.Offset != nil {
		query.Set("offset", strconv.FormatInt(*p.Offset, 10))
	}
	setNumber(query, "timeout_ms", p.Wait.Milliseconds())
	return query
}

// History reads the incoming history. No row is an empty page, not an error.
func (c *Client) History(ctx context.Context, account string, p Page) (History, error) {
	var answer History
	return answer, c.do(ctx, get(wireGateway(account)+"history/incoming", p.query(), p.Wait), &answer)
}

func wireGateway(account string) string { return "/accounts/" + account + "/taler-wire-gateway/" }

// Mappings are mappings with what used them.
type Mappings struct {
	Document
	Mappings []MappingRecord `json:"mappings"`
}

// MappingRecord is one of them.
type MappingRecord struct {
	AuthorizationPub  taler.EddsaPublicKey  `json:"authorization_pub"`
	Type              string                `json:"type"`
	AccountPub        *taler.EddsaPublicKey `json:"account_pub"`
	WadID             *taler.WadID          `json:"wad_id"`
	OriginExchangeURL string                `json:"origin_exchange_url"`
	Timestamp         taler.Timestamp       `json:"timestamp"`
	State             string                `json:"state"`
	RowID             int64                 `json:"row_id"`
	BankRef           string                `json:"bank_ref"`
}

// MappingQuery selects mappings; empty members select nothing away.
type MappingQuery struct {
	AuthorizationPub, AccountPub, State string
	Limit, Offset                       int
}

// Mappings lists mappings.
func (c *Client) Mappings(ctx context.Context, account string, q MappingQuery) (Mappings, error) {
	var answer Mappings
	query := url.Values{}
	setText(query, "authorization_pub", q.AuthorizationPub)
	setText(query, "account_pub", q.AccountPub)
	setText(query, "state", q.State)
	setNumber(query, "limit", int64(q.Limit))
	setNumber(query, "offset", int64(q.Offset))
	return answer, c.do(ctx, get("/accounts/"+account+"/mappings", query, 0), &answer)
}
