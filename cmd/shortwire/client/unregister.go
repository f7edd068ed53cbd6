package client

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/shortwire/shortwire/subjects/taler"
)

// Unregistration ends a registration before its time.
type Unregistration struct {
	AuthorizationPub taler.EddsaPublicKey `json:"-"` // in the path
	Timestamp        taler.Timestamp      `json:"timestamp"`
	AuthorizationSig taler.EddsaSignature `json:"authorization_sig"`
}

// Sign fills in the timestamp and the signature over the text of the contract:
// shortwire-unregistration-1, canonical credit payto, authorization key and
// seconds, joined by newlines.
func (u *Unregistration) Sign(key ed25519.PrivateKey, creditAccount taler.Payto, at time.Time) {
	u.Timestamp = taler.TimestampOf(at)
	text := strings.Join([]string{
		"shortwire-unregistration-1", creditAccount.Canonical(), u.AuthorizationPub.String(), strconv.FormatInt(at.Unix(), 10),
	}, "\n")
	u.AuthorizationSig = taler.EddsaSignature(ed25519.Sign(key, []byte(text)))
}

// Unregistered is the answer to an unregistration.
type Unregistered struct {
	Document
	Returned int `json:"returned"`
}

// Unregister ends the registration of a key. It may be repeated as it is.
func (c *Client) Unregister(ctx context.Context, account string, u Unregistration) (Unregistered, error) {
	var answer Unregistered
	text, err := json.Marshal(u)
	if err != nil {
		return answer, fmt.Errorf("writing the request: %w", err)
	}
	request := call{method: http.MethodDelete, path: "/accounts/" + account + "/registrations/" + u.AuthorizationPub.String(),
		kind: TypeJSON, body: bytes.NewReader(text), limit: requestLimit}
	return answer, c.do(ctx, request, &answer)
}
