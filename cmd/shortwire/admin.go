package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

type adminVerbs struct {
	Price  adminPriceVerb `cmd:"" help:"Show what the price of a subject comes from, or set it for all replicas."`
	Manual manualVerbs    `cmd:"" help:"Transfers that wait for a person: list them, decide about them."`
}

type adminPriceVerb struct {
	remote
	login
	Base  *uint64 `placeholder:"D" help:"Price while there is plenty, in evaluations of Argon2id."`
	Seal  *int    `placeholder:"BITS" help:"Strength of the seal: what a forger pays before the gateway does, up to 22."`
	Reset bool    `help:"Go back to what is configured."`
}

// Run shows the price, after setting it if asked to. What is not named goes back
// to the configuration, as the gateway's own call has it.
func (v *adminPriceVerb) Run(s *session) error {
	if v.Reset && (v.Base != nil || v.Seal != nil) {
		return usageError{errors.New("give --reset, or --base and --seal")}
	}
	if v.Base != nil && *v.Base == 0 {
		return usageError{errors.New("--base: write 1 or more; only the configuration makes subjects free")}
	}
	c, err := v.openWith(s, &v.login)
	if err != nil {
		return err
	}
	defer c.Close()
	var market client.Market
	if v.Reset || v.Base != nil || v.Seal != nil {
		market, err = c.SetTerms(s.ctx, v.Account, v.terms())
	} else {
		market, err = c.Market(s.ctx, v.Account)
	}
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(s, market.JSON)
	}
	printMarket(s, &market)
	return nil
}

func (v *adminPriceVerb) terms() client.Terms {
	t := client.Terms{SealBits: v.Seal}
	if v.Base != nil {
		t.BaseDifficulty = strconv.FormatUint(*v.Base, 10)
	}
	return t
}

func printMarket(s *session, m *client.Market) {
	if m.Difficulty == "0" {
		fmt.Fprintln(s.out, "Price       nothing")
	} else {
		fmt.Fprintf(s.out, "Price       %s evaluations, %s while there is plenty\nSeal        %d bits\n", m.Difficulty, m.BaseDifficulty, m.SealBits)
	}
	if m.Size == 0 {
		return
	}
	crowded := ""
	if m.Crowded {
		crowded = "; crowded, so that unused ones come back sooner"
	}
	fmt.Fprintf(s.out, "Blocked     %d of %d subjects%s\nAccepted    %.3g an hour\nHeading for %.1f %% of the space\n",
		m.Blocked, m.Size, crowded, m.AcceptedPerSecond*3600, m.Pressure*100)
}
