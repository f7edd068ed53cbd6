//go:build unix

package pow

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/blake2b"
)

// The figures to reach on one core of a server, per second: a true proof 200, a
// forged one refused 1,500, all cheap checks 400,000, a random one refused
// 1,000,000. The raw rates beside them tell how fast the machine is. All are
// reckoned in CPU time, garbage collection included, so that a busy machine
// makes no difference:
//
//	go test ./pow -run '^$' -bench . -cpu 1

// meter starts the clock of a benchmark; what it returns reports the rate.
func meter(b *testing.B) (report func()) {
	b.ReportAllocs()
	start := cpuTime(b)
	return func() { b.ReportMetric(float64(b.N)/(cpuTime(b)-start).Seconds(), "per_cpu_s") }
}

func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func BenchmarkRawArgon2id(b *testing.B) {
	password := make([]byte, 40)
	defer meter(b)()
	for i := range b.N {
		binary.BigEndian.PutUint64(password[32:], uint64(i))
		argon2.IDKey(password, []byte(Label), DefaultTime, DefaultMemoryKiB, 1, 16)
	}
}

func BenchmarkRawBLAKE2b(b *testing.B) {
	var text [56]byte
	defer meter(b)()
	for i := range b.N {
		binary.BigEndian.PutUint64(text[32:], uint64(i))
		blake2b.Sum256(text[:])
	}
}

// benchSealBits is weak, so that a seal is ground quickly; checking any seal
// takes the same time.
const benchSealBits = 8

func BenchmarkVerifyTrue(b *testing.B) {
	c := benchChallenge()
	c.Difficulty = 64 // verifying costs the same at every difficulty
	proof, err := Solve(context.Background(), c, SolveOptions{SealBits: benchSealBits, Workers: 2})
	if err != nil {
		b.Fatal(err)
	}
	text := proof.String()
	defer meter(b)()
	for b.Loop() {
		if err := judge(c, text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyForged(b *testing.B) {
	c := benchChallenge()
	text := forged(rand.New(rand.NewPCG(1, 2)), c, benchSealBits).String()
	defer meter(b)()
	for b.Loop() {
		if err := judge(c, text); !errors.Is(err, ErrEvaluate) {
			b.Fatal(err)
		}
	}
}

// judge is what a server does with the text of a proof, end to end.
func judge(c Challenge, text string) error {
	proof, err := ParseProof(text, c.SubProofs)
	if err != nil {
		return err
	}
	return Verify(context.Background(), c, proof, benchSealBits)
}

func BenchmarkCheapChecks(b *testing.B) {
	c := benchChallenge()
	proof := forged(rand.New(rand.NewPCG(1, 2)), c, benchSealBits)
	defer meter(b)()
	for b.Loop() {
		if _, err := Check(c, proof, benchSealBits); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRefuseRandom parses and checks noise whose nonces are in order, as
// those of anybody are who knows the format.
func BenchmarkRefuseRandom(b *testing.B) {
	c := benchChallenge()
	texts := make([]string, 1024)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range texts {
		texts[i] = noise(random, c.SubProofs).String()
	}
	defer meter(b)()
	for i := 0; b.Loop(); i++ {
		proof, err := ParseProof(texts[i%len(texts)], c.SubProofs)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Check(c, proof, DefaultSealBits); err == nil {
			b.Fatal("noise passed")
		}
	}
}

func benchChallenge() Challenge {
	return Challenge{Params: DefaultParams(), Realm: Realm{1}, Epoch: 20600, Salt: Salt{2}, AuthorizationPub: [32]byte{3}, Difficulty: 2048}
}
