package gateway

import (
	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

type outgoingBody struct {
	OutgoingTransactions []outgoingTransaction `json:"outgoing_transactions"`
	DebitAccount         string                `json:"debit_account"`
}

type outgoingTransaction struct {
	RowID           int64               `json:"row_id"`
	Date            taler.Timestamp     `json:"date"`
	Amount          taler.Amount        `json:"amount"`
	CreditAccount   string              `json:"credit_account"`
	Wtid            taler.ShortHashCode `json:"wtid"`
	ExchangeBaseURL string              `json:"exchange_base_url"`
	Metadata        string              `json:"metadata,omitempty"` // UNCONFIRMED on this object; clients ignore what they do not know
}

func (s *Server) getHistoryOutgoing(c *fiber.Ctx) error {
	return answerHistory(c, s, s.desk.OutgoingHistory, func(a *subjects.Account, paid []bounce.Outgoing) any {
		body := outgoingBody{OutgoingTransactions: make([]outgoingTransaction, len(paid)), DebitAccount: a.Payto.String()}
		for i := range paid {
			o := &paid[i]
			body.OutgoingTransactions[i] = outgoingTransaction{
				o.RowID, timestamp(o.Paid), o.Amount, o.Creditor, o.Order.Wtid, o.Order.ExchangeBaseURL, o.Order.Metadata,
			}
		}
		return body
	})
}
