package gateway

import (
	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Names and versions of the protocols, as current:revision:age (libtool).
const (
	nativeName    = "shortwire"
	nativeVersion = "1:0:0"

	// The wire gateway grew from 0 to 5 by additions only, and clients in use
	// still speak the first versions, hence the age.
	wireGatewayName    = "taler-wire-gateway"
	wireGatewayVersion = "5:0:5"
)

type configBody struct {
	Name           string        `json:"name"`
	Version        string        `json:"version"`
	Implementation string        `json:"implementation,omitempty"`
	Accounts       []accountBody `json:"accounts"`
}

type accountBody struct {
	Name             string `json:"name"`
	Method           string `json:"method"`
	Currency         string `json:"currency"`
	CreditAccount    string `json:"credit_account"`
	BaseURL          string `json:"base_url"`
	TalerWireGateway string `json:"taler_wire_gateway"`
	TalerPrepared    string `json:"taler_prepared_transfer"`
	TalerRevenue     string `json:"taler_revenue"`
}

func (s *Server) getConfig(c *fiber.Ctx) error {
	body := configBody{Name: nativeName, Version: nativeVersion, Implementation: s.config.Version, Accounts: []accountBody{}}
	for _, account := range s.registrar.Accounts() {
		base := s.baseURL(c) + "accounts/" + account.Name + "/"
		body.Accounts = append(body.Accounts, accountBody{
			Name:             account.Name,
			Method:           account.Method.Spec().Name,
			Currency:         account.Currency,
			CreditAccount:    account.Payto.String(),
			BaseURL:          base,
			TalerWireGateway: base + wireGatewayName + "/",
			TalerPrepared:    base + preparedName + "/",
			TalerRevenue:     base + revenueName + "/",
		})
	}
	return answer(c, body)
}

// baseURL ends in a slash. The Host header is only repeated to who sent it.
func (s *Server) baseURL(c *fiber.Ctx) string {
	if s.config.BaseURL != "" {
		return s.config.BaseURL
	}
	return "http://" + string(c.Context().Host()) + "/"
}

type accountConfigBody struct {
	Name                 string             `json:"name"`
	Version              string             `json:"version"`
	Method               string             `json:"method"`
	Currency             string             `json:"currency"`
	CreditAccount        string             `json:"credit_account"`
	SupportedFormats     []string           `json:"supported_formats"`
	RegistrationLifetime taler.RelativeTime `json:"registration_lifetime"`
	HoldDelay            taler.RelativeTime `json:"hold_delay"`
	ProofOfWork          *proofBody         `json:"proof_of_work"` // null: registering is free
}

func (s *Server) getAccountConfig(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	offer, err := s.registrar.Offer(c.UserContext(), account)
	if err != nil {
		return err
	}
	// A price that rose a minute ago is still taken, within the grace.
	c.Set(fiber.HeaderCacheControl, "public, max-age=60")
	spec := account.Method.Spec()
	return answer(c, accountConfigBody{
		Name:                 nativeName,
		Version:              nativeVersion,
		Method:               spec.Name,
		Currency:             account.Currency,
		CreditAccount:        account.Payto.String(),
		SupportedFormats:     spec.Formats,
		RegistrationLifetime: lifetime(account),
		HoldDelay:            taler.RelativeTimeOf(account.HoldDelay),
		ProofOfWork:          bodyOfOffer(offer),
	})
}

// lifetime is forever where nothing is stored (S8).
func lifetime(account *subjects.Account) taler.RelativeTime {
	if account.StoresNothing() {
		return taler.Forever()
	}
	return taler.RelativeTimeOf(account.RegistrationLifetime)
}

type wireConfigBody struct {
	Name                string `json:"name"`
	Version             string `json:"version"`
	Currency            string `json:"currency"`
	SupportAccountCheck bool   `json:"support_account_check"`
}

func (s *Server) getWireConfig(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	return answer(c, wireConfigBody{Name: wireGatewayName, Version: wireGatewayVersion, Currency: account.Currency, SupportAccountCheck: true})
}
