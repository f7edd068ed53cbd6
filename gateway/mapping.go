package gateway

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// mappingRequest is the body before its values are read.
type mappingRequest struct {
	authorizationPub, authorizationSig, kind, accountPub, wadID, originExchangeURL string
	timestamp                                                                      time.Time
}

func (r *mappingRequest) member(cur *cursor, name string) error {
	switch name {
	case "authorization_pub":
		return cur.str(&r.authorizationPub)
	case "authorization_sig":
		return cur.str(&r.authorizationSig)
	case "type":
		return cur.str(&r.kind)
	case "account_pub":
		return cur.str(&r.accountPub)
	case "wad_id":
		return cur.str(&r.wadID)
	case "origin_exchange_url":
		return cur.str(&r.originExchangeURL)
	case "timestamp":
		return cur.seconds(&r.timestamp)
	}
	return cur.skip()
}

// mapping reads the values.
func (r *mappingRequest) mapping() (subjects.Mapping, error) {
	var m subjects.Mapping
	var err error
	if m.AuthorizationPub, err = parse("authorization_pub", r.authorizationPub, taler.ParseEddsaPublicKey); err != nil {
		return m, err
	}
	if m.Target, err = r.target(); err != nil {
		return m, err
	}
	if r.timestamp.IsZero() {
		return m, because(errMissing, "timestamp")
	}
	m.Timestamp = r.timestamp
	m.Signature, err = parse("authorization_sig", r.authorizationSig, taler.ParseEddsaSignature)
	return m, err
}

// target reads what the transfer is to become.
func (r *mappingRequest) target() (subjects.Target, error) {
	target := subjects.Target{Type: subjects.CreditType(r.kind)}
	var err error
	switch target.Type {
	case subjects.CreditReserve, subjects.CreditKYC:
		target.AccountPub, err = parse("account_pub", r.accountPub, taler.ParseEddsaPublicKey)
	case subjects.CreditWAD:
		if target.WadID, err = parse("wad_id", r.wadID, taler.ParseWadID); err == nil {
			target.OriginExchangeURL, err = parse("origin_exchange_url", r.originExchangeURL, parseExchangeURL)
		}
	case "":
		err = because(errMissing, "type")
	default:
		err = because(errMalformed, "type: write reserve, kyc or wad")
	}
	return target, err
}

// parseExchangeURL checks a base URL and leaves its spelling alone, because it
// is part of the signed text.
func parseExchangeURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || !plain(text, "") {
		return "", errExchangeURL
	}
	return text, nil
}

type mappedBody struct {
	Expiration taler.Timestamp `json:"expiration"`
	Credited   int             `json:"credited"`
}

func (s *Server) postMapping(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	var body mappingRequest
	if err := readObject(c, walletBody, body.member); err != nil {
		return err
	}
	mapping, err := body.mapping()
	if err != nil {
		return err
	}
	mapped, err := s.registrar.Map(c.UserContext(), account, mapping)
	if err != nil {
		return err
	}
	return answer(c, mappedBody{Expiration: timestamp(mapped.Expiration), Credited: mapped.Credited})
}

type mappingsBody struct {
	Mappings []mappingRecordBody `json:"mappings"`
}

type mappingRecordBody struct {
	AuthorizationPub  taler.EddsaPublicKey  `json:"authorization_pub"`
	Type              subjects.CreditType   `json:"type"`
	AccountPub        *taler.EddsaPublicKey `json:"account_pub,omitempty"`
	WadID             *taler.WadID          `json:"wad_id,omitempty"`
	OriginExchangeURL string                `json:"origin_exchange_url,omitempty"`
	Timestamp         taler.Timestamp       `json:"timestamp"`
	State             subjects.MappingState `json:"state"`
	RowID             int64                 `json:"row_id,omitempty"`
	BankRef           string                `json:"bank_ref,omitempty"`
}

func (s *Server) getMappings(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	selection, err := mappingQuery(c)
	if err != nil {
		return err
	}
	records, err := s.registrar.Mappings(c.UserContext(), account, selection)
	if err != nil {
		return err
	}
	body := mappingsBody{Mappings: make([]mappingRecordBody, len(records))}
	for i := range records {
		body.Mappings[i] = bodyOfMapping(&records[i])
	}
	return answer(c, body)
}

func mappingQuery(c *fiber.Ctx) (subjects.MappingQuery, error) {
	q := subjects.MappingQuery{State: subjects.MappingState(c.Query("state"))}
	switch q.State {
	case "", subjects.MappingPending, subjects.MappingUsed:
	default:
		return q, because(errMalformed, "state: write pending or used")
	}
	limit, err := queryInt(c, 20, 1, 1<<40, "limit")
	if err != nil {
		return q, err
	}
	offset, err := queryInt(c, 0, 0, 1<<31-1, "offset")
	if err != nil {
		return q, err
	}
	q.Limit, q.Offset = int(min(limit, maxPage)), int(offset)
	if q.AuthorizationPub, err = queryKey(c, "authorization_pub"); err != nil {
		return q, err
	}
	q.AccountPub, err = queryKey(c, "account_pub")
	return q, err
}

// queryKey reads an optional key of the query string.
func queryKey(c *fiber.Ctx, name string) (*taler.EddsaPublicKey, error) {
	text := query(c, name)
	if text == "" {
		return nil, nil
	}
	key, err := parse(name, text, taler.ParseEddsaPublicKey)
	return &key, err
}

func bodyOfMapping(record *subjects.MappingRecord) mappingRecordBody {
	body := mappingRecordBody{
		AuthorizationPub: record.AuthorizationPub,
		Type:             record.Target.Type,
		Timestamp:        timestamp(record.Timestamp),
		State:            record.State,
		RowID:            record.RowID,
		BankRef:          record.BankRef,
	}
	if record.Target.Type == subjects.CreditWAD {
		body.WadID, body.OriginExchangeURL = &record.Target.WadID, record.Target.OriginExchangeURL
	} else {
		body.AccountPub = &record.Target.AccountPub
	}
	return body
}
