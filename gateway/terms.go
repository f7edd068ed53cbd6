package gateway

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/pow"
	"github.com/shortwire/shortwire/subjects"
)

// marketBody is what the price of an account comes from.
type marketBody struct {
	Account        string  `json:"account"`
	Difficulty     string  `json:"difficulty"`      // "0": free
	BaseDifficulty string  `json:"base_difficulty"` // in force
	SealBits       int     `json:"seal_bits"`       // in force
	Blocked        uint64  `json:"blocked"`
	Size           uint64  `json:"size"`
	AcceptedRate   float64 `json:"accepted_per_second"`
	Pressure       float64 `json:"pressure"`
	Crowded        bool    `json:"crowded"`
}

func (s *Server) getTerms(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	m, err := s.registrar.Market(c.UserContext(), account)
	if err != nil {
		return err
	}
	return answer(c, marketBody{
		Account:        account.Name,
		Difficulty:     strconv.FormatUint(m.Difficulty, 10),
		BaseDifficulty: strconv.FormatUint(m.Base, 10),
		SealBits:       m.SealBits,
		Blocked:        m.Blocked,
		Size:           m.Size,
		AcceptedRate:   m.Rate,
		Pressure:       m.Pressure,
		Crowded:        m.Crowded,
	})
}

// termsRequest is what an operator sets. An absent member, or null, takes back
// what was set before.
type termsRequest struct {
	base string
	seal int64
}

func (r *termsRequest) member(cur *cursor, name string) error {
	switch name {
	case "base_difficulty":
		return cur.str(&r.base)
	case "seal_bits":
		return cur.integer(&r.seal)
	}
	return cur.skip()
}

func (r *termsRequest) terms() (subjects.Terms, error) {
	var t subjects.Terms
	if r.base != "" {
		base, err := parse("base_difficulty", r.base, parseDifficulty)
		if err != nil {
			return t, err
		}
		if base > pow.MaxDifficulty>>20 {
			return t, because(errMalformed, "base_difficulty: write at most %d", uint64(pow.MaxDifficulty>>20))
		}
		t.Base = &base
	}
	if r.seal != noSeal {
		if r.seal < 0 || r.seal > pow.MaxAskedSealBits {
			return t, because(errMalformed, "seal_bits: write a whole number from 0 to %d", pow.MaxAskedSealBits)
		}
		bits := int(r.seal)
		t.SealBits = &bits
	}
	return t, nil
}

// noSeal stands for an absent member.
const noSeal = -1 << 63

func (s *Server) postTerms(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	request := termsRequest{seal: noSeal}
	if err := readObject(c, walletBody, request.member); err != nil {
		return err
	}
	terms, err := request.terms()
	if err != nil {
		return err
	}
	if err := s.registrar.SetTerms(c.UserContext(), account, terms); err != nil {
		return err
	}
	return s.getTerms(c)
}
