package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/gateway"
	"github.com/shortwire/shortwire/pow"
	"github.com/shortwire/shortwire/subjects"
)

// The stage of the attacks: a small space, an honest load that fills a tenth of
// it, and proofs that are 256 times cheaper than in the field, so that the
// attacker's work can really be done. Time is that of the database, moved by hand.
const (
	attackSpace   = 10_000
	attackScale   = 256                // one evaluation here stands for so many
	attackBase    = 2048 / attackScale // price while there is plenty
	honestEvery   = 3 * time.Hour      // one honest wallet
	honestBefore  = 960                // of them, in the 120 days before
	honestPatient = 10 * time.Minute
	attackWatched = 48 * time.Hour
)

// attacker has so many times the CPU of the honest load, for a while.
type attacker struct {
	name   string
	times  float64
	length time.Duration
}

// honestRate is what honest wallets compute together, in evaluations per second.
var honestRate = 2048 / honestEvery.Seconds()

// sample is one moment of an attack.
type sample struct {
	hours    float64
	occupied float64 // share of the space
	wait     float64 // of a wallet that makes 800 evaluations a second, in seconds
}

// TestAttack plays attacks against a real gateway over HTTP on a real PostgreSQL,
// with proofs that are really found and verified, and draws what they do.
func TestAttack(t *testing.T) {
	file := os.Getenv("SHORTWIRE_ATTACK_SVG")
	if file == "" {
		t.Skip("make attack plays attacks of two days and draws them")
	}
	var curves []curve
	for _, a := range []attacker{
		{"10,000 times the honest load, a day", 1e4, 24 * time.Hour},
		{"100,000 times, a day", 1e5, 24 * time.Hour},
		{"2,000,000 times (a GPU), an hour", 2e6, time.Hour},
	} {
		p := newPlay(t)
		samples := p.play(a)
		last := samples[len(samples)-1]
		top := 0.0
		for _, s := range samples {
			top = max(top, s.occupied)
		}
		t.Logf("%s: %d subjects taken for %.2g evaluations, %.1f %% occupied at most, %.1f %% after %s; honest wallets: %d came, %d gave up, longest wait %s",
			a.name, p.taken, a.times*honestRate*a.length.Seconds(), 100*top, 100*last.occupied, attackWatched, p.came, p.gaveUp, p.longest.Round(time.Second))
		curves = append(curves, curve{a.name, samples})
		if a.length == time.Hour && top >= 0.20 {
			t.Errorf("an hour of one GPU leaves %.1f %% of the space occupied", 100*top)
		}
	}
	if err := drawAttacks(file, curves); err != nil {
		t.Fatal(err)
	}
}

// play is one gateway with its clock.
type play struct {
	t       *testing.T
	clock   *bouncetest.Clock
	house   *bouncetest.House
	url     string
	random  *rand.Rand
	wallets int

	taken, came, gaveUp int
	longest             time.Duration
	now                 time.Duration // since the attack began
}

func newPlay(t *testing.T) *play {
	account := bouncetest.Tiny(attackSpace)
	law := pow.DefaultLaw()
	law.Base = attackBase
	account.Pricing = &subjects.Pricing{Params: pow.Params{MemoryKiB: 8, Time: 1, SubProofs: 4}, Law: law, Grace: pow.DefaultGrace(), Reuse: 180 * bouncetest.Day}
	p := &play{t: t, clock: bouncetest.NewClock(t), random: rand.New(rand.NewPCG(1, 2))}
	p.house = p.clock.Open(t, account)
	door := gateway.New(gateway.Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, p.house.Registry, p.house.Desk)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = door.Serve(ln) }()
	t.Cleanup(func() { _ = door.Shutdown(t.Context()) })
	p.url = "http://" + ln.Addr().String() + "/accounts/tiny"
	for range honestBefore {
		p.clock.Move(t, honestEvery)
		p.house.Reprice(t)
		if !p.register(p.offer()) {
			t.Fatal("a wallet was refused before the attack")
		}
	}
	return p
}

// play lets the attacker work, and honest wallets come, for attackWatched.
func (p *play) play(a attacker) []sample {
	var samples []sample
	evaluations, nextHonest := 0.0, honestEvery
	for p.now < attackWatched {
		step := time.Minute
		if p.now >= a.length {
			step = 10 * time.Minute
		}
		p.clock.Move(p.t, step)
		p.now += step
		p.house.Reprice(p.t)
		if p.now <= a.length {
			evaluations = p.attack(evaluations + a.times*honestRate*step.Seconds())
		}
		if p.now >= nextHonest {
			p.honest()
			nextHonest += honestEvery
		}
		samples = append(samples, p.look())
	}
	return samples
}

// attack buys what the evaluations are enough for, and returns the rest.
func (p *play) attack(evaluations float64) float64 {
	for {
		offer := p.offer()
		cost := p.cost(offer)
		if cost > evaluations {
			return evaluations
		}
		if !p.register(offer) {
			return evaluations
		}
		p.taken++
		evaluations -= cost
	}
}

// honest is one wallet: of whatever speed wallets have, and of limited patience.
func (p *play) honest() {
	p.came++
	offer := p.offer()
	rate := 800 * math.Exp(0.897*p.random.NormFloat64())
	wait := time.Duration(p.cost(offer) / rate * float64(time.Second))
	if wait > honestPatient || !p.register(offer) {
		p.gaveUp++
		return
	}
	p.longest = max(p.longest, wait)
}

// cost is what a proof takes in the field.
func (p *play) cost(offer *client.ProofOfWork) float64 {
	challenge, err := offer.Challenge([32]byte{})
	if err != nil {
		p.t.Fatal(err)
	}
	return float64(challenge.Difficulty) * attackScale
}

func (p *play) look() sample {
	m, err := p.house.Registry.Market(p.t.Context(), p.house.Account(p.t, "tiny"))
	if err != nil {
		p.t.Fatal(err)
	}
	return sample{p.now.Hours(), float64(m.Blocked) / float64(m.Size), float64(m.Difficulty) * attackScale / 800}
}

// offer reads the price as any wallet does.
func (p *play) offer() *client.ProofOfWork {
	response, err := http.Get(p.url + "/config")
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	var config client.AccountConfig
	if err := json.NewDecoder(response.Body).Decode(&config); err != nil {
		p.t.Fatal(err)
	}
	return config.ProofOfWork
}

// register solves and registers a new key.
func (p *play) register(offer *client.ProofOfWork) bool {
	p.wallets++
	w := bouncetest.NewWallet(fmt.Sprint("attack ", p.wallets))
	challenge, err := offer.Challenge(w.Pub)
	if err != nil {
		p.t.Fatal(err)
	}
	solution, err := pow.Solve(p.t.Context(), challenge, pow.SolveOptions{Workers: 2, SealBits: offer.SealBits})
	if err != nil {
		p.t.Fatal(err)
	}
	text, err := json.Marshal(client.RegistrationRequest{AuthorizationPub: w.Pub, Alg: "EdDSA", Recurrent: true, Proof: client.NewProof(challenge, solution)})
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := http.Post(p.url+"/registrations", "application/json", bytes.NewReader(text))
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		return true
	case http.StatusConflict, http.StatusServiceUnavailable:
		return false
	}
	body, _ := io.ReadAll(response.Body)
	p.t.Fatal(errors.New(response.Status), string(body))
	return false
}
