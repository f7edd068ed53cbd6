package gateway

import (
	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// algEdDSA is the only kind of authorization key there is.
const algEdDSA = "EdDSA"

type registrationBody struct {
	AuthorizationPub taler.EddsaPublicKey  `json:"authorization_pub"`
	Subjects         []subjectBody         `json:"subjects"`
	Expiration       taler.Timestamp       `json:"expiration"`
	Recurrent        bool                  `json:"recurrent"`
	Mapping          subjects.MappingState `json:"mapping,omitempty"`
	Held             *int                  `json:"held,omitempty"`
}

// subjectBody is a TransferSubject. Which fields it has depends on its type.
type subjectBody struct {
	Type              string        `json:"type"`
	CreditAccount     string        `json:"credit_account"` // ours: where this form must be sent to
	CreditAmount      *taler.Amount `json:"credit_amount,omitempty"`
	CreditAddress     *addressBody  `json:"credit_address,omitempty"`
	Subject           string        `json:"subject,omitempty"`
	URI               string        `json:"uri,omitempty"`
	QRReferenceNumber string        `json:"qr_reference_number,omitempty"`
	Scheme            string        `json:"scheme,omitempty"`
	Particulars       *string       `json:"particulars,omitempty"`
	Code              *string       `json:"code,omitempty"`
	Reference         *string       `json:"reference,omitempty"`
}

// addressBody is where the holder of an account lives.
type addressBody struct {
	Street      string `json:"street,omitempty"`
	HouseNumber string `json:"house_number,omitempty"`
	Postcode    string `json:"postcode"`
	Town        string `json:"town"`
	Country     string `json:"country"`
}

// registrationRequest is the body before its values are read.
type registrationRequest struct {
	authorizationPub, alg, creditAmount string
	recurrent                           bool
	proofOfWork                         *proofRequest // nil: none
}

func (r *registrationRequest) member(cur *cursor, name string) error {
	switch name {
	case "authorization_pub":
		return cur.str(&r.authorizationPub)
	case "alg":
		return cur.str(&r.alg)
	case "credit_amount":
		return cur.str(&r.creditAmount)
	case "recurrent":
		return cur.boolean(&r.recurrent)
	case "proof":
		return r.proof(cur)
	}
	return cur.skip()
}

// request reads the values.
func (r *registrationRequest) request(currency string) (subjects.Request, error) {
	pub, err := parse("authorization_pub", r.authorizationPub, taler.ParseEddsaPublicKey)
	if err != nil {
		return subjects.Request{}, err
	}
	if r.alg == "" {
		return subjects.Request{}, because(errMissing, "alg")
	}
	if r.alg != algEdDSA {
		return subjects.Request{}, because(errMalformed, "alg: the only algorithm is %s", algEdDSA)
	}
	proof, err := r.proofOfWork.value()
	if err != nil {
		return subjects.Request{}, err
	}
	request := subjects.Request{AuthorizationPub: pub, OneShot: !r.recurrent, Proof: proof}
	if r.creditAmount == "" {
		return request, nil
	}
	amount, err := parse("credit_amount", r.creditAmount, taler.ParseAmount)
	if err != nil {
		return subjects.Request{}, err
	}
	if amount.Currency != currency {
		return subjects.Request{}, subjects.ErrCurrency
	}
	request.CreditAmount = &amount
	return request, nil
}

func (s *Server) postRegistration(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	body := registrationRequest{recurrent: true} // as DD80 has it
	if err := readObject(c, walletBody, body.member); err != nil {
		return err
	}
	request, err := body.request(account.Currency)
	if err != nil {
		return err
	}
	grant, err := s.registrar.Register(c.UserContext(), account, request)
	if err != nil {
		return err
	}
	return answer(c, bodyOfGrant(grant))
}

func (s *Server) getRegistration(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	pub, err := parse("authorization_pub", param(c, "authorization_pub"), taler.ParseEddsaPublicKey)
	if err != nil {
		return err
	}
	status, err := s.registrar.Status(c.UserContext(), account, pub)
	if err != nil {
		return err
	}
	body := bodyOfGrant(status.Grant)
	body.Mapping, body.Held = status.Mapping, &status.Held
	return answer(c, body)
}

func bodyOfGrant(grant subjects.Grant) registrationBody {
	body := registrationBody{
		AuthorizationPub: grant.AuthorizationPub,
		Subjects:         make([]subjectBody, len(grant.Subjects)),
		Expiration:       timestamp(grant.Expiration),
		Recurrent:        grant.Recurrent,
	}
	for i := range grant.Subjects {
		body.Subjects[i] = bodyOfSubject(&grant.Subjects[i])
	}
	return body
}

func bodyOfSubject(subject *wire.Subject) subjectBody {
	body := subjectBody{
		Type:              subject.Type,
		CreditAccount:     subject.CreditAccount,
		CreditAmount:      subject.CreditAmount,
		Subject:           subject.Subject,
		URI:               subject.URI,
		QRReferenceNumber: subject.QRReference,
		Scheme:            subject.Scheme,
	}
	if a := subject.Address; a != nil {
		body.CreditAddress = &addressBody{a.Street, a.House, a.Postcode, a.Town, a.Country}
	}
	switch subject.Type {
	case "NZ_SBI":
		// All three fields of the bank's form, the empty ones too: a wallet
		// must show that they stay empty.
		body.Particulars, body.Code, body.Reference = &subject.Particulars, &subject.Code, &subject.Reference
	case "RF", "NATIONAL":
		body.Reference = &subject.Reference
	}
	return body
}
