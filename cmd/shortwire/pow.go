package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/pow"
)

type powVerbs struct {
	Bench benchVerb `cmd:"" help:"Measure this machine, and tell how long the price of today takes it."`
	Solve solveVerb `cmd:"" help:"Find a proof for a key and print it, for another program to register with."`
}

// gatewayOrNone are the flags of a verb that can do without a gateway.
type gatewayOrNone struct {
	URL     string `name:"url" placeholder:"URL" help:"Address of the gateway (or $$SHORTWIRE_URL)."`
	Account string `placeholder:"NAME" help:"Account whose price counts."`
}

// offer asks the gateway for the present price; nil where it is free.
func (g *gatewayOrNone) offer(s *session) (*client.ProofOfWork, error) {
	r := remote{URL: g.URL, Account: g.Account}
	c, err := r.open(s)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	config, err := c.AccountConfig(s.ctx, g.Account)
	return config.ProofOfWork, err
}

type benchVerb struct {
	gatewayOrNone
	Threads    int           `placeholder:"N" help:"Threads (half of the processors, at most 4)."`
	Time       time.Duration `default:"2s" help:"How long to measure (${default})."`
	Difficulty uint64        `placeholder:"D" help:"Price to reckon with, if no account is named (2048)."`
	JSON       bool          `name:"json" help:"Print JSON."`
}

// benchResult is what pow bench tells.
type benchResult struct {
	Threads    int     `json:"threads"`
	MemoryKiB  uint32  `json:"memory_kib"`
	Passes     uint32  `json:"time"`
	Rate       float64 `json:"evaluations_per_second"`
	Difficulty uint64  `json:"difficulty,string"` // 0: free
	Mean       float64 `json:"mean_seconds"`
	P95        float64 `json:"p95_seconds"`
}

// Run measures with the parameters of the account, or the defaults.
func (v *benchVerb) Run(s *session) error {
	params, difficulty := pow.DefaultParams(), v.Difficulty
	if difficulty == 0 {
		difficulty = pow.DefaultLaw().Base
	}
	if v.Account != "" {
		offer, err := v.offer(s)
		if err != nil {
			return err
		}
		difficulty = 0
		if offer != nil {
			challenge, err := offer.Challenge([32]byte{})
			if err != nil {
				return err
			}
			params, difficulty = challenge.Params, challenge.Difficulty
		}
	}
	threads := (&solving{Threads: v.Threads}).threads()
	return v.print(s, params, threads, difficulty, pow.Rate(params, threads, v.Time))
}

func (v *benchVerb) print(s *session, params pow.Params, threads int, difficulty uint64, rate float64) error {
	mean := float64(difficulty) / rate
	r := benchResult{threads, params.MemoryKiB, params.Time, math.Round(rate), difficulty, mean, mean * slowest(params.SubProofs)}
	if v.JSON {
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		return printJSON(s, text)
	}
	fmt.Fprintf(s.out, "This machine  %.0f evaluations/s on %d thread%s (Argon2id, %d KiB, %d pass%s)\n",
		rate, threads, plural(threads, "s"), params.MemoryKiB, params.Time, plural(int(params.Time), "es"))
	if difficulty == 0 {
		fmt.Fprintln(s.out, "Price         nothing")
		return nil
	}
	_, err := fmt.Fprintf(s.out, "Price         %d evaluations\nTime          %s on average, %s for one in twenty\n", difficulty,
		roughly(pow.Estimate(difficulty, rate)), roughly(time.Duration(r.P95*float64(time.Second))))
	return err
}

// plural is the ending of a word that stands for n things.
func plural(n int, ending string) string {
	if n == 1 {
		return ""
	}
	return ending
}

// slowest is how much longer than the mean the slowest twentieth of all solves
// takes: the 95th percentile of a sum of k exponential waits, over its mean,
// after Wilson and Hilferty.
func slowest(k uint8) float64 {
	n := 9 * float64(k)
	return math.Pow(1-1/n+1.645/math.Sqrt(n), 3)
}

type solveVerb struct {
	gatewayOrNone
	keyFile
	solving
	Offer      string `placeholder:"FILE" help:"Solve offline: the account's config as GET /accounts/NAME/config gave it; - is standard input."`
	Difficulty uint64 `placeholder:"D" help:"Aim higher than the present price, for a proof that lasts."`
}

// Run prints the member "proof" of a registration.
func (v *solveVerb) Run(s *session) error {
	key, err := v.load()
	if err != nil {
		return err
	}
	offer, err := v.read(s)
	if err != nil {
		return err
	}
	if offer == nil {
		return printJSON(s, nil)
	}
	if present, err := strconv.ParseUint(offer.Difficulty, 10, 64); err == nil && v.Difficulty > present {
		offer.Difficulty = strconv.FormatUint(v.Difficulty, 10)
	}
	name := v.Account
	if name == "" {
		name = "offline"
	}
	proof, err := v.solve(s.ctx, loadWork(workPath(v.Key, name)), key, offer, s.err)
	if err != nil {
		return err
	}
	text, err := json.Marshal(proof)
	if err != nil {
		return err
	}
	return printJSON(s, text)
}

// read takes the offer from a file or from the gateway.
func (v *solveVerb) read(s *session) (*client.ProofOfWork, error) {
	switch {
	case v.Offer == "" && v.Account == "":
		return nil, usageError{errors.New("say what to solve: --account=NAME, or --offer=FILE")}
	case v.Offer == "":
		return v.offer(s)
	}
	in := s.in
	if v.Offer != "-" {
		file, err := os.Open(v.Offer)
		if err != nil {
			return nil, usageError{err}
		}
		defer file.Close() //nolint:errcheck // read only
		in = file
	}
	var config client.AccountConfig
	if err := json.NewDecoder(io.LimitReader(in, 1<<20)).Decode(&config); err != nil {
		return nil, usageError{fmt.Errorf("%s: this is not the config of an account: %w", v.Offer, err)}
	}
	return config.ProofOfWork, nil
}
