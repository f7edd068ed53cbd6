package gateway

import (
	"crypto/rand"
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// The calls of the Wire Gateway API that invent an incoming transfer, for tests
// of exchanges. An invented one goes the way of all others, from its text on, so
// it behaves like them in everything; only its bank reference tells.
const inventedRef = "test-"

// inventionRequest is the body before its values are read. Which key it has
// depends on the call.
type inventionRequest struct {
	amount, debitAccount, key string
	keyName                   string
}

func (r *inventionRequest) member(cur *cursor, name string) error {
	switch name {
	case "amount":
		return cur.str(&r.amount)
	case "debit_account":
		return cur.str(&r.debitAccount)
	case r.keyName:
		return cur.str(&r.key)
	}
	return cur.skip()
}

// invention is a transfer without its remittance, and the key it is for.
type invention struct {
	transfer bounce.Transfer
	key      taler.EddsaPublicKey
}

func (r *inventionRequest) invention(account *subjects.Account) (invention, error) {
	var i invention
	var err error
	if i.transfer.Amount, err = parse("amount", r.amount, taler.ParseAmount); err != nil {
		return i, err
	}
	if i.transfer.Amount.Currency != account.Currency {
		return i, subjects.ErrCurrency
	}
	if i.key, err = parse(r.keyName, r.key, taler.ParseEddsaPublicKey); err != nil {
		return i, err
	}
	debtor, err := parse("debit_account", r.debitAccount, taler.ParsePayto)
	switch {
	case err != nil:
		return i, err
	case !debtor.IsFull():
		return i, because(errPayto, "debit_account: receiver-name is missing")
	case debtor.Kind() != account.Payto.Kind():
		return i, because(errPayto, "debit_account: this account is paid from payto://%s/ only", account.Payto.Kind())
	}
	i.transfer.Debtor, i.transfer.BankRef = &debtor, inventedRef+rand.Text()
	return i, nil
}

// invent reads a request and lets fill write its remittance.
func (s *Server) invent(c *fiber.Ctx, keyName string, fill func(*subjects.Account, *invention) error) error {
	if !s.config.TestEndpoints {
		return errDisabled
	}
	account, err := s.account(c)
	if err != nil {
		return err
	}
	body := inventionRequest{keyName: keyName}
	if err := readObject(c, walletBody, body.member); err != nil {
		return err
	}
	made, err := body.invention(account)
	if err != nil {
		return err
	}
	if err := fill(account, &made); err != nil {
		return err
	}
	results, err := s.desk.Receive(c.UserContext(), account, []bounce.Transfer{made.transfer})
	if err != nil {
		return err
	}
	return s.answerInvented(c, results[0])
}

type inventedBody struct {
	Timestamp taler.Timestamp `json:"timestamp"`
	RowID     int64           `json:"row_id"` // 0 while it is held: it has no row yet
}

func (s *Server) answerInvented(c *fiber.Ctx, r bounce.Result) error {
	switch {
	case r.Err != nil:
		return r.Err
	case r.Reason == bounce.ReasonReserveReused:
		return subjects.ErrReserveReused
	case r.Reason == bounce.ReasonReused:
		return errMappingReused
	case r.State == bounce.Bounced || r.State == bounce.Manual:
		return because(errMappingUnknown, "the transfer went back: %s", r.Reason)
	}
	return answer(c, inventedBody{timestamp(s.config.Now()), r.RowID})
}

func (s *Server) postAddIncoming(c *fiber.Ctx) error {
	return s.invent(c, "reserve_pub", func(account *subjects.Account, i *invention) error {
		used, err := s.desk.ReserveUsed(c.UserContext(), i.key)
		if used {
			err = subjects.ErrReserveReused // before anything is stored that would go back
		}
		return errors.Join(err, i.legacy(account, false))
	})
}

func (s *Server) postAddKYCAuth(c *fiber.Ctx) error {
	return s.invent(c, "account_pub", func(account *subjects.Account, i *invention) error { return i.legacy(account, true) })
}

// legacy writes the key as the subject.
func (i *invention) legacy(account *subjects.Account, isKYC bool) error {
	if !account.LegacySubjects {
		return because(errDisabled, "legacy_subjects is off, so no transfer names its key")
	}
	i.transfer.Remittance.Unstructured = []string{wire.LegacySubject(i.key, isKYC)}
	return nil
}

func (s *Server) postAddMapped(c *fiber.Ctx) error {
	return s.invent(c, "authorization_pub", func(account *subjects.Account, i *invention) error {
		status, err := s.registrar.Status(c.UserContext(), account, i.key)
		switch {
		case errors.Is(err, subjects.ErrUnknownRegistration), errors.Is(err, subjects.ErrExpired):
			return errMappingUnknown
		case err != nil:
			return err
		case !status.Recurrent && status.Mapping == subjects.MappingUsed:
			return errMappingReused
		}
		i.transfer.Remittance = remittanceOf(&status.Subjects[0])
		return nil
	})
}

// remittanceOf writes a subject the way a bank reports it.
func remittanceOf(s *wire.Subject) wire.Remittance {
	switch s.Type {
	case "CH_QR_BILL":
		return wire.Remittance{Structured: []string{s.QRReference}}
	case "RF", "NATIONAL":
		return wire.Remittance{Structured: []string{s.Reference}}
	case "NZ_SBI":
		return wire.Remittance{Particulars: s.Particulars, Code: s.Code, Reference: s.Reference}
	}
	return wire.Remittance{Unstructured: []string{s.Subject}}
}

// getAccountCheck tells whether payments of the account can go to another one. It
// asks no bank: an account that is well-formed and of the same kind may still not
// exist there.
func (s *Server) getAccountCheck(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	payto, err := parse("account", query(c, "account"), taler.ParsePayto)
	if err != nil {
		return err
	}
	if payto.Kind() != account.Payto.Kind() {
		return errNotPayable
	}
	return answer(c, struct{}{})
}
