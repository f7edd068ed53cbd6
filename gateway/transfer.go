package gateway

import (
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/gateway/pain"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// maxSubject is what one line of a SEPA or Swiss payment takes (Max140Text of
// ISO 20022). A cut subject would reach a payee who cannot read it.
const maxSubject = 140

var metadataForm = regexp.MustCompile(`^[a-zA-Z0-9.:-]{1,40}$`)

// orderRequest is the body of POST transfer before its values are read.
type orderRequest struct {
	requestUID, amount, exchangeBaseURL, metadata, wtid, creditAccount string
}

func (r *orderRequest) member(cur *cursor, name string) error {
	switch name {
	case "request_uid":
		return cur.str(&r.requestUID)
	case "amount":
		return cur.str(&r.amount)
	case "exchange_base_url":
		return cur.str(&r.exchangeBaseURL)
	case "metadata":
		return cur.str(&r.metadata)
	case "wtid":
		return cur.str(&r.wtid)
	case "credit_account":
		return cur.str(&r.creditAccount)
	}
	return cur.skip()
}

// order reads the values.
func (r *orderRequest) order(account *subjects.Account) (bounce.Order, error) {
	o := bounce.Order{Metadata: r.metadata}
	var err error
	if o.RequestUID, err = parse("request_uid", r.requestUID, taler.ParseHashCode); err != nil {
		return o, err
	}
	if o.Wtid, err = parse("wtid", r.wtid, taler.ParseShortHashCode); err != nil {
		return o, err
	}
	if o.Amount, err = parse("amount", r.amount, taler.ParseAmount); err != nil {
		return o, err
	}
	if o.ExchangeBaseURL, err = parse("exchange_base_url", r.exchangeBaseURL, parseExchangeURL); err != nil {
		return o, err
	}
	if o.Creditor, err = parse("credit_account", r.creditAccount, taler.ParsePayto); err != nil {
		return o, err
	}
	return o, checkOrder(&o, account)
}

// checkOrder refuses what no bank could carry out: an order that is taken must
// be one that can be paid.
func checkOrder(o *bounce.Order, account *subjects.Account) error {
	switch {
	case o.Amount.Currency != account.Currency:
		return subjects.ErrCurrency
	case o.Amount.IsZero():
		return because(errMalformed, "amount: must be above zero")
	case o.Amount.Fraction%smallestCoin(account) != 0:
		return because(errMalformed, "amount: it has more decimals than the bank pays")
	case !o.Creditor.IsFull():
		return because(errPayto, "credit_account: receiver-name is missing")
	case o.Creditor.Kind() != account.Payto.Kind():
		return because(errPayto, "credit_account: this account pays to payto://%s/ only", account.Payto.Kind())
	case o.Metadata != "" && !metadataForm.MatchString(o.Metadata):
		return because(errMalformed, "metadata: write 1 to 40 letters, digits, hyphens, dots and colons")
	case isBank(account) && pain.Latin(o.Subject()) != o.Subject():
		return because(errMalformed, "exchange_base_url: banks carry only letters, digits, blanks and / - ? : ( ) . , ' +")
	case wire.IsQRIBAN(o.Creditor.IBAN()):
		return because(errPayto, "credit_account: a QR-IBAN takes no free text: write the IBAN of the account")
	case utf8.RuneCountInString(o.Subject()) > maxSubject:
		return because(errMalformed, "exchange_base_url: with wtid and metadata it must fit into %d characters", maxSubject)
	}
	return nil
}

// milli are the currencies of ISO 4217 with three decimals that have IBANs.
var milli = []string{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}

// smallestCoin is what amounts must be a multiple of, in units of the fraction.
// Accounts outside of banks pay whatever an amount can express.
func smallestCoin(account *subjects.Account) uint32 {
	switch {
	case !isBank(account):
		return 1
	case slices.Contains(milli, account.Currency):
		return taler.AmountBase / 1000
	}
	return taler.AmountBase / 100
}

func isBank(account *subjects.Account) bool {
	kind := account.Payto.Kind()
	return kind == taler.KindIBAN || kind == taler.KindNZAccount
}

type orderedBody struct {
	Timestamp taler.Timestamp `json:"timestamp"`
	RowID     int64           `json:"row_id"`
}

func (s *Server) postTransfer(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	var body orderRequest
	if err := readObject(c, walletBody, body.member); err != nil {
		return err
	}
	order, err := body.order(account)
	if err != nil {
		return err
	}
	ordered, err := s.desk.Transfer(c.UserContext(), account, order)
	if err != nil {
		return err
	}
	return answer(c, orderedBody{Timestamp: timestamp(ordered.Created), RowID: ordered.ID})
}

type transfersBody struct {
	Transfers    []transferBody `json:"transfers"`
	DebitAccount string         `json:"debit_account"`
}

type transferBody struct {
	RowID         int64                `json:"row_id"`
	Status        bounce.PaymentStatus `json:"status"`
	Amount        taler.Amount         `json:"amount"`
	CreditAccount string               `json:"credit_account"`
	Timestamp     taler.Timestamp      `json:"timestamp"`
}

// wireStatus is the status in the words of the Wire Gateway API, which knows
// no sent.
func wireStatus(status bounce.PaymentStatus) bounce.PaymentStatus {
	if status == bounce.PaymentSent {
		return bounce.PaymentPending
	}
	return status
}

func (s *Server) getTransfers(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	selection, err := s.orderQuery(c)
	if err != nil {
		return err
	}
	orders, err := s.desk.Transfers(c.UserContext(), account, selection)
	if err != nil {
		return err
	}
	if len(orders) == 0 {
		return c.SendStatus(fiber.StatusNoContent)
	}
	body := transfersBody{Transfers: make([]transferBody, len(orders)), DebitAccount: account.Payto.String()}
	for i := range orders {
		o := &orders[i]
		body.Transfers[i] = transferBody{o.ID, wireStatus(o.Status), o.Amount, o.Creditor, timestamp(o.Created)}
	}
	return answer(c, body)
}

func (s *Server) orderQuery(c *fiber.Ctx) (bounce.OrderQuery, error) {
	q := bounce.OrderQuery{Status: bounce.PaymentStatus(c.Query("status"))}
	switch q.Status {
	case "", bounce.PaymentPending, bounce.PaymentTransient, bounce.PaymentPermanent, bounce.PaymentSuccess:
	default:
		return q, because(errMalformed, "status: write pending, transient_failure, permanent_failure or success")
	}
	var err error
	q.Page, err = s.historyPage(c)
	return q, err
}

type transferDetailBody struct {
	Status          bounce.PaymentStatus `json:"status"`
	StatusMsg       string               `json:"status_msg,omitempty"`
	Amount          taler.Amount         `json:"amount"`
	ExchangeBaseURL string               `json:"exchange_base_url"`
	Metadata        string               `json:"metadata,omitempty"`
	Wtid            taler.ShortHashCode  `json:"wtid"`
	CreditAccount   string               `json:"credit_account"`
	Timestamp       taler.Timestamp      `json:"timestamp"`
}

func (s *Server) getTransfer(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(param(c, "row_id"), 10, 64)
	if err != nil || id < 1 {
		return because(errMalformed, "row_id: use a row_id that transfer answered or transfers lists")
	}
	o, err := s.desk.OrderOf(c.UserContext(), account, id)
	if err != nil {
		return err
	}
	return answer(c, transferDetailBody{
		Status:          wireStatus(o.Status),
		StatusMsg:       o.Detail,
		Amount:          o.Amount,
		ExchangeBaseURL: o.Order.ExchangeBaseURL,
		Metadata:        o.Order.Metadata,
		Wtid:            o.Order.Wtid,
		CreditAccount:   o.Creditor,
		Timestamp:       timestamp(o.Created),
	})
}
