package gateway

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// unregistrationRequest is the body before its values are read.
type unregistrationRequest struct {
	authorizationSig string
	timestamp        time.Time
}

func (r *unregistrationRequest) member(cur *cursor, name string) error {
	switch name {
	case "authorization_sig":
		return cur.str(&r.authorizationSig)
	case "timestamp":
		return cur.seconds(&r.timestamp)
	}
	return cur.skip()
}

// unregistration reads the values; the key is in the path.
func (r *unregistrationRequest) unregistration(pub taler.EddsaPublicKey) (subjects.Unregistration, error) {
	u := subjects.Unregistration{AuthorizationPub: pub, Timestamp: r.timestamp}
	if r.timestamp.IsZero() {
		return u, because(errMissing, "timestamp")
	}
	var err error
	u.Signature, err = parse("authorization_sig", r.authorizationSig, taler.ParseEddsaSignature)
	return u, err
}

type unregisteredBody struct {
	Returned int `json:"returned"`
}

func (s *Server) deleteRegistration(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	pub, err := parse("authorization_pub", param(c, "authorization_pub"), taler.ParseEddsaPublicKey)
	if err != nil {
		return err
	}
	var body unregistrationRequest
	if err := readObject(c, walletBody, body.member); err != nil {
		return err
	}
	unregistration, err := body.unregistration(pub)
	if err != nil {
		return err
	}
	done, err := s.registrar.Unregister(c.UserContext(), account, unregistration)
	if err != nil {
		return err
	}
	return answer(c, unregisteredBody{Returned: done.Returned})
}
