package gateway

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// endingRequest is the body before its values are read.
type endingRequest struct{ timestamp, authorizationPub, authorizationSig string }

func (r *endingRequest) member(cur *cursor, name string) error {
	switch name {
	case "timestamp":
		return cur.str(&r.timestamp)
	case "authorization_pub":
		return cur.str(&r.authorizationPub)
	case "authorization_sig":
		return cur.str(&r.authorizationSig)
	}
	return cur.skip()
}

// ending reads the values. The timestamp is ISO 8601 here, alone in all of
// Taler, and signed in the words in which it is sent.
func (r *endingRequest) ending() (subjects.Ending, error) {
	e := subjects.Ending{Stamp: r.timestamp}
	var err error
	if e.Time, err = parse("timestamp", r.timestamp, parseStamp); err != nil {
		return e, err
	}
	if e.AuthorizationPub, err = parse("authorization_pub", r.authorizationPub, taler.ParseEddsaPublicKey); err != nil {
		return e, err
	}
	e.Signature, err = parse("authorization_sig", r.authorizationSig, taler.ParseEddsaSignature)
	return e, err
}

func parseStamp(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.Unix() < 0 || t.Unix() > maxSeconds {
		return time.Time{}, errStamp
	}
	return t.UTC(), nil
}

func (s *Server) postUnregistration(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	var body endingRequest
	if err := readObject(c, walletBody, body.member); err != nil {
		return err
	}
	ending, err := body.ending()
	if err != nil {
		return err
	}
	if err := s.registrar.EndPrepared(c.UserContext(), account, ending); err != nil {
		return inTaler(err)
	}
	return c.SendStatus(fiber.StatusNoContent)
}
