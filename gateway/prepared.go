package gateway

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Taler's dialect of registering (Prepared Transfer API): subject and mapping in
// one call, signed over the account key alone. What it does lives in
// subjects.Prepare; this file knows the words.
const (
	preparedName    = "taler-prepared-transfer"
	preparedVersion = "1:0:0"
)

type preparedConfigBody struct {
	Name             string   `json:"name"`
	Version          string   `json:"version"`
	Currency         string   `json:"currency"`
	SupportedFormats []string `json:"supported_formats"`
}

func (s *Server) getPreparedConfig(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	formats := talerFormats(account)
	if len(formats) == 0 {
		return errDisabled
	}
	return answer(c, preparedConfigBody{preparedName, preparedVersion, account.Currency, formats})
}

// preparationRequest is the body before its values are read: the members of the
// native registration, and those that make the mapping.
type preparationRequest struct {
	registrationRequest
	hasRecurrent                                      bool
	creditAccount, kind, accountPub, authorizationSig string
}

func (r *preparationRequest) member(cur *cursor, name string) error {
	switch name {
	case "credit_account":
		return cur.str(&r.creditAccount)
	case "type":
		return cur.str(&r.kind)
	case "account_pub":
		return cur.str(&r.accountPub)
	case "authorization_sig":
		return cur.str(&r.authorizationSig)
	case "recurrent":
		r.hasRecurrent = true
	}
	return r.registrationRequest.member(cur, name)
}

// preparation reads the values.
func (r *preparationRequest) preparation(currency string) (subjects.Preparation, error) {
	var p subjects.Preparation
	switch {
	case r.creditAmount == "":
		return p, because(errMissing, "credit_amount")
	case !r.hasRecurrent:
		return p, because(errMissing, "recurrent")
	}
	request, err := r.request(currency)
	if err != nil {
		return p, err
	}
	p.Request = request
	if p.Target, err = r.target(); err != nil {
		return p, err
	}
	p.Signature, err = parse("authorization_sig", r.authorizationSig, taler.ParseEddsaSignature)
	return p, err
}

func (r *preparationRequest) target() (subjects.Target, error) {
	target := subjects.Target{Type: subjects.CreditType(r.kind)}
	switch target.Type {
	case "":
		return target, because(errMissing, "type")
	case subjects.CreditReserve, subjects.CreditKYC:
	default:
		return target, because(errMalformed, "type: write reserve or kyc")
	}
	var err error
	target.AccountPub, err = parse("account_pub", r.accountPub, taler.ParseEddsaPublicKey)
	return target, err
}

// creditor finds the account that is to be credited among those of the path: its
// payto or, on a Swiss account, the QR-IBAN.
func (s *Server) creditor(account *subjects.Account, text string) (taler.Payto, error) {
	payto, err := parse("credit_account", text, taler.ParsePayto)
	if err != nil {
		return payto, err
	}
	own := payto.IBAN() != "" && slices.Contains(s.config.OwnIBANs[account.Name], payto.IBAN())
	if !own && payto.Canonical() != account.Payto.Canonical() {
		return payto, errCreditor
	}
	return payto, nil
}

type preparedBody struct {
	Subjects   []subjectBody   `json:"subjects"`
	Expiration taler.Timestamp `json:"expiration"`
}

func (s *Server) postPreparedRegistration(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	var body preparationRequest
	if err := readObject(c, walletBody, body.member); err != nil {
		return err
	}
	preparation, err := body.preparation(account.Currency)
	if err != nil {
		return err
	}
	creditor, err := s.creditor(account, body.creditAccount)
	if err != nil {
		return err
	}
	if len(talerFormats(account)) == 0 {
		return errDisabled
	}
	// An account key as the subject is text, which no QR-IBAN takes.
	preparation.BareKey = creditor.Canonical() == account.Payto.Canonical()
	grant, err := s.registrar.Prepare(c.UserContext(), account, preparation)
	if err != nil {
		return inTaler(err)
	}
	return answer(c, preparedBody{
		Subjects:   payableTo(creditor, account, talerSubjects(account.Method, grant.Subjects)),
		Expiration: timestamp(grant.Expiration),
	})
}

// inTaler gives an error of the rooms the status that it has in Taler's dialect.
func inTaler(err error) error {
	if errors.Is(err, subjects.ErrBadSignature) {
		return errTalerSignature
	}
	return err
}
