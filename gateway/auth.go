package gateway

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// login is what an Authorization header presents.
type login struct {
	name   string // "" with Bearer
	secret string
}

// parseLogin reads Bearer (RFC 6750) and Basic (RFC 7617) credentials. Another
// scheme is a login that fits no token.
func parseLogin(header string) (login, error) {
	if header == "" {
		return login{}, errNoLogin
	}
	scheme, value, found := strings.Cut(header, " ")
	if !found {
		return login{}, errBadLogin
	}
	value = strings.TrimSpace(value)
	switch strings.ToLower(scheme) {
	case "bearer":
		return login{secret: value}, nil
	case "basic":
		return parseBasic(value)
	}
	return login{}, errUnauthorized
}

func parseBasic(value string) (login, error) {
	text, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return login{}, errBadLogin
	}
	name, secret, found := strings.Cut(string(text), ":")
	if !found {
		return login{}, errBadLogin
	}
	return login{name: name, secret: secret}, nil
}

// loginKey marks a request with the name of the token that opened it.
const loginKey = "shortwire.login"

// loginName is the name of the token that opened the request.
func loginName(c *fiber.Ctx) string {
	name, _ := c.Context().UserValue(loginKey).(string)
	return name
}

// authorize tells whether the header opens an endpoint of this role on this
// account, and the name of the token that does. It compares with every token in
// constant time, so that the time of an answer tells nothing about which
// secrets exist.
func authorize(tokens []Token, header string, role Role, account string) (string, error) {
	who, err := parseLogin(header)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(who.secret))
	known, allowed, opener := 0, 0, 0
	for i, token := range tokens {
		match := subtle.ConstantTimeCompare(hash[:], token.Hash[:])
		if who.name != "" && who.name != token.Name {
			match = 0
		}
		known |= match
		if token.Role == role && (token.Account == "" || token.Account == account) {
			allowed |= match
			opener = subtle.ConstantTimeSelect(match, i, opener)
		}
	}
	switch {
	case allowed == 1:
		return tokens[opener].Name, nil
	case known == 1:
		return "", errForbidden
	}
	return "", errUnauthorized
}
