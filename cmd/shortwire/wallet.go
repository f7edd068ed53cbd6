package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/subjects/taler"
)

type walletVerbs struct {
	Keygen   keygenVerb   `cmd:"" help:"Make a key pair and keep it in a file."`
	Register registerVerb `cmd:"" help:"Register a key and get the subject to pay under."`
	Map      mapVerb      `cmd:"" help:"Say what the next transfer of a key is to become."`
	Status   statusVerb   `cmd:"" help:"Show what became of a key."`
	Show     showVerb     `cmd:"" help:"Show the QR code to pay with, or draw it into a file."`

	Unregister unregisterVerb `cmd:"" help:"End the registration of a key; what waits under it goes back to its payers."`
}

// keyFile is the flag of verbs that use an authorization key.
type keyFile struct {
	Key string `default:"key.json" placeholder:"FILE" help:"Authorization key, as wallet keygen wrote it (${default})."`
}

// load reads the key; without one the command line is wrong.
func (k *keyFile) load() (client.Key, error) {
	key, err := client.LoadKey(k.Key)
	if err != nil {
		return key, usageError{err}
	}
	return key, nil
}

type keygenVerb struct {
	Output string `short:"o" default:"key.json" placeholder:"FILE" help:"Where to write the key pair (${default}); never replaces a file."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run prints the public key only.
func (v *keygenVerb) Run(s *session) error {
	key, err := client.NewKey(rand.Reader)
	if err != nil {
		return err
	}
	if err := key.Save(v.Output); err != nil {
		return usageError{err}
	}
	if v.JSON {
		text, _ := json.Marshal(map[string]string{"pub": key.Pub.String(), "file": v.Output}) // strings: cannot fail
		return printJSON(s, text)
	}
	_, err = fmt.Fprintf(s.out, "Public key  %s\nPrivate key in %s; keep it\n", key.Pub, v.Output)
	return err
}

type registerVerb struct {
	remote
	keyFile
	solving
	Amount   string `placeholder:"CUR:N" help:"Amount that will be sent, such as CHF:10.50; shown in the answer, never enforced."`
	Exchange string `placeholder:"URL" help:"Base URL of the exchange; prints the taler:// link with which a GNU Taler wallet withdraws there instead, with keys of its own."`
	OneShot  bool   `help:"Let the subject serve for one transfer only."`
}

// Run shows where to pay.
func (v *registerVerb) Run(s *session) error {
	key, err := v.load()
	if err != nil {
		return err
	}
	request, err := v.request(key)
	if err != nil {
		return usageError{fmt.Errorf("--amount: %w", err)}
	}
	var link string
	if v.Exchange != "" {
		if link, err = withdrawLink(v.Exchange, request.CreditAmount); err != nil {
			return usageError{fmt.Errorf("--exchange: %w", err)}
		}
	}
	c, err := v.open(s)
	if err != nil {
		return err
	}
	defer c.Close()
	registration, err := v.register(s, c, key, request)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, registration.JSON)
	}
	printWhereToPay(s.out, &registration)
	if link != "" {
		fmt.Fprintf(s.out, "Or withdraw %s\n", link)
	}
	return nil
}

// request is what the flags ask for.
func (v *registerVerb) request(key client.Key) (client.RegistrationRequest, error) {
	request := client.RegistrationRequest{AuthorizationPub: key.Pub, Recurrent: !v.OneShot}
	if v.Amount == "" {
		return request, nil
	}
	amount, err := taler.ParseAmount(v.Amount)
	request.CreditAmount = &amount
	return request, err
}

// proofTries is how often a proof is brought that was enough when it was begun:
// the price may rise while one is at it.
const proofTries = 5

// register brings a proof of work if the gateway asks for one: that of an
// earlier registration of the key if it is still enough, else a new one.
func (v *registerVerb) register(s *session, c *client.Client, key client.Key, request client.RegistrationRequest) (client.Registration, error) {
	w := loadWork(workPath(v.Key, v.Account))
	request.Proof = w.Proof
	for try := 1; ; try++ {
		registration, err := c.Register(s.ctx, v.Account, request)
		var refused *client.Error
		if !errors.As(err, &refused) || try == proofTries {
			return registration, err
		}
		switch {
		case refused.Symbol == "PROOF_INVALID" && try == 1 && request.Proof != nil:
			request.Proof, err = nil, nil // the file is damaged, or of another gateway
		case refused.Symbol == "PROOF_BUSY":
			err = pause(s.ctx, refused.RetryAfter)
		case refused.WantsProof():
			request.Proof, err = v.solve(s.ctx, w, key, refused.ProofOfWork, s.err)
		}
		if err != nil {
			return registration, err
		}
	}
}

// pause waits as long as a gateway asks for.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type statusVerb struct {
	remote
	keyFile
}

// Run shows the subject again and what happened under it.
func (v *statusVerb) Run(s *session) error {
	key, err := v.load()
	if err != nil {
		return err
	}
	c, err := v.open(s)
	if err != nil {
		return err
	}
	defer c.Close()
	registration, err := c.Status(s.ctx, v.Account, key.Pub)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, registration.JSON)
	}
	printWhereToPay(s.out, &registration)
	fmt.Fprintf(s.out, "Mapping     %s\nHeld        %s\n", registration.Mapping, transfers(registration.Held))
	return nil
}

// transfers counts in words.
func transfers(n int) string {
	if n == 1 {
		return "1 transfer"
	}
	return fmt.Sprintf("%d transfers", n)
}
