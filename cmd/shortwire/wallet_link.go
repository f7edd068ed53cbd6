package main

import (
	"errors"
	"net/url"
	"strings"

	"github.com/shortwire/shortwire/subjects/taler"
)

// withdrawLink asks a GNU Taler wallet to withdraw from an exchange. The wallet
// makes keys of its own and registers them itself: no URI of Taler hands it the
// subject of somebody else's key.
func withdrawLink(exchange string, amount *taler.Amount) (string, error) {
	u, err := url.Parse(exchange)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("write the base URL of the exchange, such as https://exchange.example/")
	}
	scheme := "taler://"
	if u.Scheme == "http" {
		scheme = "taler+http://"
	}
	link := scheme + "withdraw-exchange/" + u.Host + strings.TrimSuffix(u.EscapedPath(), "/") + "/"
	if amount != nil {
		link += "?a=" + amount.String()
	}
	return link, nil
}
