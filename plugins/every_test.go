package plugins_test

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins"
	"github.com/shortwire/shortwire/plugins/numeric"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
	"github.com/shortwire/shortwire/subjects/taler"
)

// long makes the tests of this package try as much as the figures in
// docs/measurements.md are based on.
var long = flag.Bool("long", false, "try a million inputs per method, not a few thousand")

// every is a method in one of its layouts.
type every struct {
	wire.Method
	name string
}

// everyMethod returns all methods, and numeric with each of its schemes.
func everyMethod(t testing.TB) (all []every) {
	t.Helper()
	for _, factory := range plugins.Standard() {
		if factory.Name != numeric.Name {
			all = append(all, every{example(t, factory), factory.Name})
		}
	}
	files, err := filepath.Glob("numeric/testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schemes of numeric: %v", err)
	}
	for _, file := range files {
		_, m := wiretest.Open(t, numeric.Factory(), file)
		all = append(all, every{m, strings.TrimSuffix(filepath.Base(file), ".json")})
	}
	return all
}

// example makes a method with its example settings.
func example(t testing.TB, factory wire.Factory) wire.Method {
	t.Helper()
	e, ok := examples[factory.Name]
	if !ok {
		t.Fatalf("%s has no example here", factory.Name)
	}
	payto, err := taler.ParsePayto(e.payto)
	if err != nil {
		t.Fatal(err)
	}
	m, err := plugins.New(factory.Name, wire.Settings{Account: "a", Payto: payto, Currency: e.currency, Parameters: e.parameters})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// draw returns a subject and what Scan must make of it. n is any number.
func (m every) draw(t testing.TB, n uint64) (string, wire.Candidate) {
	t.Helper()
	if carrier, ok := m.Method.(wire.KeyCarrier); ok {
		key := wiretest.Key(n % 100_000)
		return string(carrier.EncodeKey(key)), wire.Candidate{Kind: wire.KindAuthorization, Key: key}
	}
	reference, err := m.Encode(wire.Slot{Index: n % m.Spec().Size})
	if err != nil {
		t.Fatal(err)
	}
	return string(reference), wire.Candidate{Kind: wire.KindReference, Reference: reference}
}
