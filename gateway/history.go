package gateway

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// defaultLimit is Taler's: the newest twenty, newest first.
const defaultLimit = -20

type incomingBody struct {
	IncomingTransactions []incomingTransaction `json:"incoming_transactions"`
	CreditAccount        string                `json:"credit_account"`
}

// incomingTransaction is one of the three types of the Wire Gateway API. A
// fourth would make clients refuse the whole answer.
type incomingTransaction struct {
	Type              string                `json:"type"`
	RowID             int64                 `json:"row_id"`
	Date              taler.Timestamp       `json:"date"`
	Amount            taler.Amount          `json:"amount"`
	DebitAccount      string                `json:"debit_account"`
	ReservePub        *taler.EddsaPublicKey `json:"reserve_pub,omitempty"`         // RESERVE
	AccountPub        *taler.EddsaPublicKey `json:"account_pub,omitempty"`         // KYCAUTH
	WadID             *taler.WadID          `json:"wad_id,omitempty"`              // WAD
	OriginExchangeURL string                `json:"origin_exchange_url,omitempty"` // WAD
	AuthorizationPub  *taler.EddsaPublicKey `json:"authorization_pub,omitempty"`
	AuthorizationSig  *taler.EddsaSignature `json:"authorization_sig,omitempty"`
}

func (s *Server) getHistoryIncoming(c *fiber.Ctx) error {
	return answerHistory(c, s, s.desk.History, func(a *subjects.Account, credits []bounce.Credit) any {
		body := incomingBody{IncomingTransactions: make([]incomingTransaction, len(credits)), CreditAccount: a.Payto.String()}
		for i := range credits {
			body.IncomingTransactions[i] = transactionOf(&credits[i])
		}
		return body
	})
}

// answerHistory answers with a page of a history that grows at its end, and
// waits for news where that is asked for.
func answerHistory[Row any](c *fiber.Ctx, s *Server, read func(context.Context, *subjects.Account, bounce.Page) ([]Row, error),
	body func(*subjects.Account, []Row) any) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	page, err := s.historyPage(c)
	if err != nil {
		return err
	}
	rows, err := poll(s, account, page.Timeout, func(ctx context.Context, wait time.Duration) ([]Row, error) {
		page.Timeout = wait
		return read(ctx, account, page)
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		// Clients take an empty array for a violation of the protocol.
		return c.SendStatus(fiber.StatusNoContent)
	}
	text, err := s.written.of(&rows[0], len(rows), func() ([]byte, error) { return encode(body(account, rows)) })
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return answerText(c, text)
}

// historyPage reads the paging parameters by their present and, as clients in
// use still send them, their former names.
func (s *Server) historyPage(c *fiber.Ctx) (bounce.Page, error) {
	limit, err := queryInt(c, defaultLimit, math.MinInt64, math.MaxInt64, "limit", "delta")
	if err != nil {
		return bounce.Page{}, err
	}
	if limit == 0 {
		return bounce.Page{}, because(errMalformed, "limit: zero rows are no page; its sign tells the direction")
	}
	page := bounce.Page{Limit: int(max(-maxPage, min(limit, maxPage)))}
	page.HasOffset = query(c, "offset", "start") != ""
	if page.Offset, err = queryInt(c, 0, 0, math.MaxInt64, "offset", "start"); err != nil {
		return page, err
	}
	wait, err := s.pollTimeout(c)
	if page.Limit > 0 { // looking back, there is nothing to wait for
		page.Timeout = wait
	}
	return page, err
}

func transactionOf(credit *bounce.Credit) incomingTransaction {
	t := incomingTransaction{
		RowID:            credit.RowID,
		Date:             timestamp(credit.Date),
		Amount:           credit.Amount,
		DebitAccount:     fullPayto(credit.Debtor),
		AuthorizationPub: credit.AuthorizationPub,
		AuthorizationSig: credit.AuthorizationSig,
	}
	switch credit.Target.Type {
	case subjects.CreditKYC:
		t.Type, t.AccountPub = "KYCAUTH", &credit.Target.AccountPub
	case subjects.CreditWAD:
		t.Type, t.WadID, t.OriginExchangeURL = "WAD", &credit.Target.WadID, credit.Target.OriginExchangeURL
	default:
		t.Type, t.ReservePub = "RESERVE", &credit.Target.AccountPub
	}
	return t
}

// nobody is the debtor whom the bank does not name. UNCONFIRMED: clients want a
// payto with receiver-name, and no text says which.
const nobody = "payto://void/unknown"

// fullPayto repeats the debtor as the bank reported it. Only where the bank
// told no account or no name is something put in its place, since clients
// refuse the whole page for one payto without receiver-name.
func fullPayto(debtor string) string {
	const name = "receiver-name=unknown"
	switch {
	case debtor == "":
		return nobody + "?" + name
	case strings.Contains(debtor, "receiver-name="):
		return debtor
	case strings.Contains(debtor, "?"):
		return debtor + "&" + name
	}
	return debtor + "?" + name
}
