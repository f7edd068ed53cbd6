package client

import (
	"context"
	"crypto/ed25519"
	"strconv"
	"strings"
	"time"

	"github.com/shortwire/shortwire/subjects/taler"
)

// Config is what a gateway says of itself.
type Config struct {
	Document
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	Accounts []Account `json:"accounts"`
}

// Account is one credit account as the list of accounts shows it.
type Account struct {
	Name          string `json:"name"`
	Method        string `json:"method"`
	Currency      string `json:"currency"`
	CreditAccount string `json:"credit_account"`
}

// Config asks which gateway this is.
func (c *Client) Config(ctx context.Context) (Config, error) {
	var answer Config
	return answer, c.do(ctx, get("/config", nil, 0), &answer)
}

// AccountConfig are the rules of one account.
type AccountConfig struct {
	Document
	Method        string `json:"method"`
	Currency      string `json:"currency"`
	CreditAccount string `json:"credit_account"`
	// ProofOfWork is nil where registering is free.
	ProofOfWork *ProofOfWork `json:"proof_of_work"`
}

// AccountConfig asks for the rules of an account.
func (c *Client) AccountConfig(ctx context.Context, account string) (AccountConfig, error) {
	var answer AccountConfig
	return answer, c.do(ctx, get("/accounts/"+account+"/config", nil, 0), &answer)
}

// Registration is what a key was given, and in answers to Status what became
// of it.
type Registration struct {
	Document
	AuthorizationPub taler.EddsaPublicKey `json:"authorization_pub"`
	Subjects         []Subject            `json:"subjects"`
	Expiration       taler.Timestamp      `json:"expiration"`
	Recurrent        bool                 `json:"recurrent"`
	Mapping          string               `json:"mapping"` // none, pending, used
	Held             int                  `json:"held"`
}

// Subject is one way to pay (TransferSubject of the contract). Which fields it
// has depends on its type.
type Subject struct {
	Type              string        `json:"type"`
	CreditAccount     string        `json:"credit_account"`
	CreditAmount      *taler.Amount `json:"credit_amount"`
	CreditAddress     *Address      `json:"credit_address"`      // nil when it is unknown
	Subject           string        `json:"subject"`             // SIMPLE
	URI               string        `json:"uri"`                 // URI
	QRReferenceNumber string        `json:"qr_reference_number"` // CH_QR_BILL
	Particulars       string        `json:"particulars"`         // NZ_SBI
	Code              string        `json:"code"`                // NZ_SBI
	Reference         string        `json:"reference"`           // NZ_SBI, RF, NATIONAL
	Scheme            string        `json:"scheme"`              // NATIONAL
}

// Address is where the holder of an account lives.
type Address struct {
	Street      string `json:"street"`
	HouseNumber string `json:"house_number"`
	Postcode    string `json:"postcode"`
	Town        string `json:"town"`
	Country     string `json:"country"`
}

// RegistrationRequest asks for a subject.
type RegistrationRequest struct {
	AuthorizationPub taler.EddsaPublicKey `json:"authorization_pub"`
	Alg              string               `json:"alg"` // set by Register
	CreditAmount     *taler.Amount        `json:"credit_amount,omitempty"`
	Recurrent        bool                 `json:"recurrent"`
	Proof            *Proof               `json:"proof,omitempty"`
}

// Register registers a key. It may be repeated: a live key gets the same again.
// Where a proof is needed, the *Error says in its ProofOfWork which one.
func (c *Client) Register(ctx context.Context, account string, r RegistrationRequest) (Registration, error) {
	var answer Registration
	r.Alg = "EdDSA"
	request, err := post("/accounts/"+account+"/registrations", r)
	if err != nil {
		return answer, err
	}
	return answer, c.do(ctx, request, &answer)
}

// Status asks what became of a key.
func (c *Client) Status(ctx context.Context, account string, pub taler.EddsaPublicKey) (Registration, error) {
	var answer Registration
	return answer, c.do(ctx, get("/accounts/"+account+"/registrations/"+pub.String(), nil, 0), &answer)
}

// Mapping says what the next transfer of a key is to become.
type Mapping struct {
	AuthorizationPub  taler.EddsaPublicKey  `json:"authorization_pub"`
	Type              string                `json:"type"` // reserve, kyc, wad
	AccountPub        *taler.EddsaPublicKey `json:"account_pub,omitempty"`
	WadID             *taler.WadID          `json:"wad_id,omitempty"`
	OriginExchangeURL string                `json:"origin_exchange_url,omitempty"`
	Timestamp         taler.Timestamp       `json:"timestamp"`
	AuthorizationSig  taler.EddsaSignature  `json:"authorization_sig"`
}

// Sign fills in the timestamp and the signature. creditAccount is the payto URI
// of the account's config; the signed text is that of the contract:
// shortwire-mapping-1, canonical credit payto, type, account key (for a wad its
// id, a space and the URL of the origin exchange) and seconds, joined by newlines.
func (m *Mapping) Sign(key ed25519.PrivateKey, creditAccount taler.Payto, at time.Time) {
	m.Timestamp = taler.TimestampOf(at)
	text := strings.Join([]string{
		"shortwire-mapping-1", creditAccount.Canonical(), m.Type, m.target(), strconv.FormatInt(at.Unix(), 10),
	}, "\n")
	m.AuthorizationSig = taler.EddsaSignature(ed25519.Sign(key, []byte(text)))
}

func (m *Mapping) target() string {
	switch {
	case m.AccountPub != nil:
		return m.AccountPub.String()
	case m.WadID != nil:
		return m.WadID.String() + " " + m.OriginExchangeURL
	}
	return ""
}

// Mapped is the answer to a mapping.
type Mapped struct {
	Document
	Expiration taler.Timestamp `json:"expiration"`
	Credited   int             `json:"credited"`
}

// Map stores a signed mapping. A held transfer of the key is credited at once.
func (c *Client) Map(ctx context.Context, account string, m Mapping) (Mapped, error) {
	var answer Mapped
	request, err := post("/accounts/"+account+"/mappings", m)
	if err != nil {
		return answer, err
	}
	return answer, c.do(ctx, request, &answer)
}
