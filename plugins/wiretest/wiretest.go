// Package wiretest is the conformance suite of wire methods. A method passes Run
// before it is listed; what a method cannot promise, its test states as a rate.
//
// The suite is deterministic: it draws slots, keys and texts from fixed seeds.
package wiretest

import (
	"crypto/ed25519"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Option states what a method promises beyond, or short of, the ordinary.
type Option func(*suite)

// Exhaustive has a smaller configuration of the method encode all its slots.
func Exhaustive(small wire.Method) Option { return func(s *suite) { s.small = small } }

// LookAlikes names, for symbols of the alphabet, the characters that people type
// in their place and that Scan accepts.
func LookAlikes(of map[byte]string) Option { return func(s *suite) { s.lookAlikes = of } }

// FalseRate is the share of random texts in which the method may find subjects
// that nobody wrote. The default is none in 10^5.
func FalseRate(rate float64) Option { return func(s *suite) { s.falseRate = rate } }

// TypoRate is the share of single substitutions and of swaps of neighbours that
// may give another well-formed subject. The default is none.
func TypoRate(rate float64) Option { return func(s *suite) { s.typoRate = rate } }

type suite struct {
	method     wire.Method
	small      wire.Method
	lookAlikes map[byte]string
	falseRate  float64
	typoRate   float64
}

// Run checks that m keeps the contract of wire.Method.
func Run(t *testing.T, m wire.Method, options ...Option) {
	s := &suite{method: m}
	for _, option := range options {
		option(s)
	}
	tests := map[string]func(*testing.T){
		"spec":                           s.testSpec,
		"encode":                         s.testEncode,
		"places":                         s.testPlaces,
		"two subjects across a line end": s.testTwoSubjects,
		"substitutions":                  s.testSubstitutions,
		"swaps":                          s.testSwaps,
		"random texts":                   s.testRandomTexts,
		"garbage":                        s.testGarbage,
	}
	if s.small != nil {
		tests["exhaustive"] = s.testExhaustive
	}
	if len(s.lookAlikes) > 0 {
		tests["look-alikes"] = s.testLookAlikes
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

// sample is a subject and what Scan must make of it.
type sample struct {
	reference wire.Reference
	want      wire.Candidate
}

// samples returns n subjects: the ends of the space and others drawn from a
// fixed seed.
func (s *suite) samples(t testing.TB, n int) []sample {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	if carrier, ok := s.method.(wire.KeyCarrier); ok {
		return keySamples(carrier, n)
	}
	size := s.method.Spec().Size
	indexes := []uint64{0, 1, size / 2, size - 2, size - 1}
	for len(indexes) < n {
		indexes = append(indexes, random.Uint64N(size))
	}
	var found []sample
	for _, index := range indexes[:n] {
		reference, err := s.method.Encode(wire.Slot{Index: index})
		if err != nil {
			t.Fatalf("Encode(%d): %v", index, err)
		}
		found = append(found, sample{reference, wire.Candidate{Kind: wire.KindReference, Reference: reference}})
	}
	return found
}

func keySamples(carrier wire.KeyCarrier, n int) (found []sample) {
	for i := range n {
		key := Key(uint64(i))
		found = append(found, sample{carrier.EncodeKey(key), wire.Candidate{Kind: wire.KindAuthorization, Key: key}})
	}
	return found
}

// Key returns the n-th public key of the suite.
func Key(n uint64) taler.EddsaPublicKey {
	seed := make([]byte, ed25519.SeedSize)
	binary.BigEndian.PutUint64(seed, n)
	return taler.EddsaPublicKey(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
}

// subjects returns what payers are shown for a reference.
func (s *suite) subjects(t testing.TB, reference wire.Reference) []wire.Subject {
	t.Helper()
	presenter, ok := s.method.(wire.Presenter)
	if !ok {
		return []wire.Subject{{Type: "SIMPLE", Subject: string(reference)}}
	}
	found := presenter.Present(reference, wire.Instruction{})
	if len(found) == 0 {
		t.Fatalf("Present(%s) offers nothing", reference)
	}
	return found
}
