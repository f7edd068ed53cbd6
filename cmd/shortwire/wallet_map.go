package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/subjects/taler"
)

type mapVerb struct {
	remote
	keyFile
	ReserveKey string `placeholder:"PUB" xor:"target" group:"target" help:"Credit the reserve with this public key."`
	NewReserve bool   `xor:"target" group:"target" help:"Make a fresh reserve key and credit that."`
	KYC        string `name:"kyc" placeholder:"PUB" xor:"target" group:"target" help:"Prove that this account key owns the bank account."`
	Wad        string `placeholder:"ID" xor:"target" group:"target" help:"Credit a wad, a transfer between exchanges; with --exchange."`
	Output     string `short:"o" default:"reserve.json" placeholder:"FILE" help:"Where --new-reserve keeps the key pair (${default}); never replaces a file."`
	Exchange   string `placeholder:"URL" help:"Exchange that --wad comes from."`
	Timestamp  string `placeholder:"TIME" help:"Time of the mapping, in seconds since 1970 or like 2026-11-22T10:00:00Z (now); newer replaces older."`
}

// Run signs the mapping and posts it.
func (v *mapVerb) Run(s *session) error {
	key, err := v.load()
	if err != nil {
		return err
	}
	at, err := parseTime(v.Timestamp)
	if err != nil {
		return usageError{err}
	}
	mapping, err := v.target()
	if err != nil {
		return usageError{err}
	}
	c, err := v.open(s)
	if err != nil {
		return err
	}
	defer c.Close()
	mapped, err := v.post(s, c, key, mapping, at)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, mapped.JSON)
	}
	v.print(s, mapping, &mapped)
	return nil
}

// post asks for the credit account first, because the signature covers it.
func (v *mapVerb) post(s *session, c *client.Client, key client.Key, mapping client.Mapping, at time.Time) (client.Mapped, error) {
	account, err := c.AccountConfig(s.ctx, v.Account)
	if err != nil {
		return client.Mapped{}, err
	}
	payto, err := taler.ParsePayto(account.CreditAccount)
	if err != nil {
		return client.Mapped{}, fmt.Errorf("the credit account of the gateway: %w", err)
	}
	mapping.AuthorizationPub = key.Pub
	mapping.Sign(key.Private(), payto, at)
	return c.Map(s.ctx, v.Account, mapping)
}

// parseTime reads --timestamp, which is now when it is not given.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds >= 0 {
		return time.Unix(seconds, 0), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, errors.New("--timestamp: write seconds since 1970, or a time such as 2026-11-22T10:00:00Z")
	}
	return at, nil
}

// target reads what to map to. A fresh reserve key is on disk before anybody
// hears of it.
func (v *mapVerb) target() (client.Mapping, error) {
	if (v.Wad != "") != (v.Exchange != "") {
		return client.Mapping{}, errors.New("--wad and --exchange belong together")
	}
	switch {
	case v.NewReserve:
		key, err := client.NewKey(rand.Reader)
		if err == nil {
			err = key.Save(v.Output)
		}
		return client.Mapping{Type: "reserve", AccountPub: &key.Pub}, err
	case v.ReserveKey != "":
		pub, err := readPub("--reserve-key", v.ReserveKey)
		return client.Mapping{Type: "reserve", AccountPub: pub}, err
	case v.KYC != "":
		pub, err := readPub("--kyc", v.KYC)
		return client.Mapping{Type: "kyc", AccountPub: pub}, err
	case v.Wad == "":
		return client.Mapping{}, errors.New("say what the transfer is for: --reserve-key, --new-reserve, --kyc, or --wad with --exchange")
	}
	id, err := taler.ParseWadID(v.Wad)
	if err != nil {
		return client.Mapping{}, fmt.Errorf("--wad: %w", err)
	}
	return client.Mapping{Type: "wad", WadID: &id, OriginExchangeURL: v.Exchange}, nil
}

func readPub(flag, text string) (*taler.EddsaPublicKey, error) {
	pub, err := taler.ParseEddsaPublicKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return &pub, nil
}

func (v *mapVerb) print(s *session, m client.Mapping, mapped *client.Mapped) {
	if m.AccountPub != nil {
		fmt.Fprintf(s.out, "Mapped      to %s %s\n", m.Type, m.AccountPub)
	} else {
		fmt.Fprintf(s.out, "Mapped      to %s %s of %s\n", m.Type, m.WadID, m.OriginExchangeURL)
	}
	if v.NewReserve {
		fmt.Fprintf(s.out, "Kept        in %s\n", v.Output)
	}
	if mapped.Credited > 0 {
		fmt.Fprintf(s.out, "Credited    %s that had been waiting\n", transfers(mapped.Credited))
		return
	}
	fmt.Fprintf(s.out, "Credited    nothing yet: the next transfer will be, if it comes before %s\n", date(mapped.Expiration))
}
