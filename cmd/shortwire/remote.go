package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

// remote are the flags of every verb that talks to a gateway.
type remote struct {
	URL     string `name:"url" placeholder:"URL" help:"Address of the gateway, such as http://127.0.0.1:8080/ or unix:/path/of/socket (or $$SHORTWIRE_URL)."`
	Account string `required:"" placeholder:"NAME" help:"Credit account of the exchange, as GET /config lists it."`
	JSON    bool   `name:"json" help:"Print the gateway's own answer."`
}

// login are the flags of verbs that need a token. It is no value on the command
// line unless the user insists: every user of a machine can read those.
type login struct {
	Token     string `placeholder:"SECRET" help:"Token of the login (better: --token-file or $$SHORTWIRE_TOKEN)."`
	TokenFile string `placeholder:"FILE" help:"File that holds the token."`
}

// open makes the client of a verb that needs no login.
func (r *remote) open(s *session) (*client.Client, error) {
	return r.connect(s, "")
}

// openWith makes the client of a verb that logs in.
func (r *remote) openWith(s *session, l *login) (*client.Client, error) {
	token, err := l.read(s)
	if err != nil {
		return nil, err
	}
	return r.connect(s, token)
}

func (r *remote) connect(s *session, token string) (*client.Client, error) {
	address := r.URL
	if address == "" {
		address, _ = s.env("SHORTWIRE_URL")
	}
	if address == "" {
		return nil, usageError{errors.New("say where the gateway is: --url=URL or SHORTWIRE_URL")}
	}
	c, err := client.New(address, token)
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

func (l *login) read(s *session) (string, error) {
	switch {
	case l.Token != "" && l.TokenFile != "":
		return "", usageError{errors.New("give --token or --token-file, not both")}
	case l.Token != "":
		return l.Token, nil
	case l.TokenFile != "":
		text, err := os.ReadFile(l.TokenFile)
		if err != nil {
			return "", usageError{fmt.Errorf("reading the token: %w", err)}
		}
		return strings.TrimRight(string(text), "\r\n"), nil
	}
	if token, _ := s.env("SHORTWIRE_TOKEN"); token != "" {
		return token, nil
	}
	return "", usageError{errors.New("this needs a login: --token-file=FILE or SHORTWIRE_TOKEN")}
}

// printJSON writes one line; an empty answer is null.
func printJSON(s *session, text json.RawMessage) error {
	if len(text) == 0 {
		text = json.RawMessage("null")
	}
	_, err := fmt.Fprintf(s.out, "%s\n", text)
	return err
}
