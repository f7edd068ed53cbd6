package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/bits"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/blake2b"

	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/pow"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// benchSeal is the seal of this gateway. It is weak, so that the benchmark can
// forge faster than anybody could in the field.
const benchSeal = 8

// BenchmarkProof measures what proofs cost the gateway: refusals over HTTP by
// what is wrong, and how others fare while it is flooded with forgeries.
func BenchmarkProof(b *testing.B) {
	ch := bouncetest.CH()
	ch.Pricing = &subjects.Pricing{Params: pow.DefaultParams(), SealBits: benchSeal, Law: pow.DefaultLaw(), Grace: pow.DefaultGrace(), Reuse: 180 * bouncetest.Day}
	s := newBenchWith(b, fmt.Sprintf("seal_bits = %d", benchSeal), ch)
	for name, c := range map[string]struct {
		body   func(key taler.EddsaPublicKey) string
		status int
	}{
		"not-json":  {func(taler.EddsaPublicKey) string { return `{"authorization_pub":` }, 400},
		"no-proof":  {func(k taler.EddsaPublicKey) string { return string(registrationJSON(k)) }, 428},
		"encoding":  {s.proofJSON(func(*pow.Challenge) string { return "AAAA" }), 403},
		"random":    {s.proofJSON(func(*pow.Challenge) string { return randomProof() }), 403},
		"too-cheap": {s.cheapProof, 409},
	} {
		b.Run("refuse/"+name, func(b *testing.B) { s.benchRefuse(b, c.body, c.status) })
	}
	b.Run("flood", s.benchFlood)
}

// challenge is what a key has to solve, with the price it claims.
func (s *bench) challenge(key taler.EddsaPublicKey, difficulty uint64) pow.Challenge {
	offer := s.offer()
	return pow.Challenge{Params: offer.Params, Realm: offer.Realm, Epoch: offer.Epochs[0].Epoch, Salt: offer.Epochs[0].Salt, AuthorizationPub: key, Difficulty: difficulty}
}

var benchOffer sync.Map // by *bench: the price does not move here, nobody pays it

func (s *bench) offer() *subjects.Offer {
	if known, ok := benchOffer.Load(s); ok {
		return known.(*subjects.Offer)
	}
	offer, err := s.house.Registry.Offer(context.Background(), s.account("ch"))
	if err != nil {
		s.b.Fatal(err)
	}
	benchOffer.Store(s, offer)
	return offer
}

func (s *bench) proofJSON(solution func(*pow.Challenge) string) func(taler.EddsaPublicKey) string {
	return func(key taler.EddsaPublicKey) string {
		c := s.challenge(key, 2048)
		return registrationWith(&c, solution(&c))
	}
}

func registrationWith(c *pow.Challenge, solution string) string {
	return fmt.Sprintf(`{"authorization_pub":"%s","alg":"EdDSA","proof":{"epoch":%d,"difficulty":"%d","solution":"%s"}}`,
		taler.EddsaPublicKey(c.AuthorizationPub), c.Epoch, c.Difficulty, solution)
}

func randomProof() string {
	raw := make([]byte, 8*24+8)
	_, _ = rand.Read(raw)
	for i := range 8 { // in order, so that it takes more than a glance
		raw[24*i] = byte(i)
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// cheapProof is a true proof of a price that nobody asks for any more.
func (s *bench) cheapProof(key taler.EddsaPublicKey) string {
	c := s.challenge(key, 1)
	return registrationWith(&c, forge(&c).String())
}

// forge invents tags that meet the target, and seals them.
func forge(c *pow.Challenge) pow.Proof {
	var start [8]byte
	_, _ = rand.Read(start[:])
	nonce := binary.BigEndian.Uint64(start[:]) >> 1
	digest, share := c.Digest(), (c.Difficulty+uint64(c.SubProofs)-1)/uint64(c.SubProofs)
	var found []pow.SubProof
	for ; len(found) < int(c.SubProofs); nonce++ {
		sub := pow.SubProof{Nonce: nonce, Tag: pow.Tag{1}}
		text := append(binary.BigEndian.AppendUint64(slices.Clone(digest[:]), nonce), sub.Tag[:]...)
		sum := blake2b.Sum256(text)
		if high, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:]), share); high == 0 {
			found = append(found, sub)
		}
	}
	proof, err := pow.Seal(context.Background(), *c, found, benchSeal, nil)
	if err != nil {
		panic(err)
	}
	return proof
}

func (s *bench) benchRefuse(b *testing.B, body func(taler.EddsaPublicKey) string, status int) {
	const clients = 64
	bodies := make([][]byte, 20_000)
	for i := range bodies {
		bodies[i] = []byte(body(randomKey()))
	}
	op := func(n int) error {
		_, err := s.call("POST", "/accounts/ch/registrations", "", bodies[n%len(bodies)], status)
		return err
	}
	var all, gateway []float64
	var rate []float64
	for range benchRounds {
		before := s.processCPU(s.gateway)
		f := s.measure(b, clients, side{items: 1, op: op})
		used := s.processCPU(s.gateway) - before
		all, rate = append(all, f.cpuPerItem), append(rate, f.perSecond)
		gateway = append(gateway, float64(used.Microseconds())/(f.perSecond*benchTime.Seconds()))
	}
	for _, f := range [][]float64{all, gateway, rate} {
		slices.Sort(f)
	}
	b.ReportMetric(rate[1], "op/s")
	b.ReportMetric(gateway[1], "gateway-cpu-us/op")
	b.ReportMetric(all[1], "cpu-us/op")
	b.ReportMetric(0, "ns/op")
}

// benchFlood compares how long others wait with and without 64 connections
// that send forged proofs as fast as they can.
func (s *bench) benchFlood(b *testing.B) {
	const connections, during = 64, 4 * time.Second
	quiet := s.latencies(b, during)
	bodies := make([][]byte, 30_000)
	var group sync.WaitGroup
	for worker := range 2 {
		group.Go(func() {
			for i := worker; i < len(bodies); i += 2 {
				c := s.challenge(randomKey(), 2048)
				bodies[i] = []byte(registrationWith(&c, forge(&c).String()))
			}
		})
	}
	group.Wait()
	var next, forbidden, shed atomic.Int64
	stop := make(chan struct{})
	for range connections {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				body := bodies[int(next.Add(1)-1)%len(bodies)]
				if _, err := s.call("POST", "/accounts/ch/registrations", "", body, 403); err == nil {
					forbidden.Add(1)
				} else if strings.Contains(err.Error(), "PROOF_BUSY") {
					shed.Add(1)
				} else {
					b.Error(err)
					return
				}
			}
		})
	}
	before := s.processCPU(s.gateway)
	flooded := s.latencies(b, during)
	used := s.processCPU(s.gateway) - before
	close(stop)
	group.Wait()
	for name, waits := range map[string][2][]time.Duration{"config": {quiet[0], flooded[0]}, "history": {quiet[1], flooded[1]}} {
		b.ReportMetric(quantile(waits[0], 0.99), name+"-p99-ms")
		b.ReportMetric(quantile(waits[1], 0.99), name+"-flooded-p99-ms")
	}
	b.ReportMetric(float64(forbidden.Load())/during.Seconds(), "forged/s")
	b.ReportMetric(float64(shed.Load())/during.Seconds(), "shed/s")
	b.ReportMetric(used.Seconds()/during.Seconds(), "gateway-cores")
	b.ReportMetric(s.peakMiB(b), "peak-MiB")
	b.ReportMetric(0, "ns/op")
}

// latencies asks for the config of an account and for a page of history, each
// every few milliseconds, and returns how long the answers took.
func (s *bench) latencies(b *testing.B, during time.Duration) [2][]time.Duration {
	var waits [2][]time.Duration
	var group sync.WaitGroup
	for i, path := range []string{"/accounts/ch/config", "/accounts/ch/taler-wire-gateway/history/incoming?limit=20"} {
		group.Go(func() {
			ticker := time.NewTicker(5 * time.Millisecond)
			defer ticker.Stop()
			for end := time.Now().Add(during); time.Now().Before(end); <-ticker.C {
				start := time.Now()
				want := []int{200, 204}[i]
				if _, err := s.call("GET", path, benchToken+"-exchange", nil, want); err != nil {
					b.Error(err)
					return
				}
				waits[i] = append(waits[i], time.Since(start))
			}
		})
	}
	group.Wait()
	return waits
}

// quantile is in milliseconds.
func quantile(waits []time.Duration, q float64) float64 {
	if len(waits) == 0 {
		return 0
	}
	slices.Sort(waits)
	return float64(waits[int(q*float64(len(waits)-1))].Microseconds()) / 1000
}

// peakMiB is the largest resident set of the gateway so far.
func (s *bench) peakMiB(b *testing.B) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.gateway))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			kib, _ := strconv.Atoi(fields[1])
			return float64(kib) / 1024
		}
	}
	return 0
}
