package gateway

import (
	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Taler's Bank Revenue API: whatever arrived on the account, for those who match
// payments themselves. Its first version differs in the names of the query only,
// and those are understood, hence the age.
const (
	revenueName    = "taler-revenue"
	revenueVersion = "1:0:1"
)

type revenueConfigBody struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Currency string `json:"currency"`
}

func (s *Server) getRevenueConfig(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	return answer(c, revenueConfigBody{revenueName, revenueVersion, account.Currency})
}

type revenueBody struct {
	IncomingTransactions []revenueTransaction `json:"incoming_transactions"`
	CreditAccount        string               `json:"credit_account"`
}

type revenueTransaction struct {
	RowID        int64           `json:"row_id"`
	Date         taler.Timestamp `json:"date"`
	Amount       taler.Amount    `json:"amount"`
	DebitAccount string          `json:"debit_account"`
	Subject      string          `json:"subject"`
}

func (s *Server) getRevenueHistory(c *fiber.Ctx) error {
	return answerHistory(c, s, s.desk.Revenue, func(a *subjects.Account, receipts []bounce.Receipt) any {
		body := revenueBody{IncomingTransactions: make([]revenueTransaction, len(receipts)), CreditAccount: a.Payto.String()}
		for i, r := range receipts {
			body.IncomingTransactions[i] = revenueTransaction{r.RowID, timestamp(r.Date), r.Amount, fullPayto(r.Debtor), r.Subject}
		}
		return body
	})
}
