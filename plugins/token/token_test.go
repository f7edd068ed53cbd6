package token_test

import (
	"errors"
	"testing"

	"github.com/shortwire/shortwire/plugins/token"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
	"github.com/shortwire/shortwire/subjects/taler"
)

var factories = []wire.Factory{token.SEPA(), token.UK(), token.AU()}

func vectorFile(f wire.Factory) string { return "testdata/" + f.Name + ".json" }

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, f := range factories {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			_, m := wiretest.Open(t, f, vectorFile(f))
			wiretest.Run(t, m,
				wiretest.LookAlikes(map[byte]string{'0': "Oo", '1': "IiLl", 'V': "Uu"}),
				wiretest.FalseRate(5e-5))
		})
	}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, f := range factories {
		wiretest.Vectors(t, f, vectorFile(f))
	}
}

func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	const iban, qr, gb = "payto://iban/DE75512108001245126199", "payto://iban/CH4431999123000889012", "payto://iban/GB29NWBK60161331926819"
	for name, c := range map[string]struct {
		factory    wire.Factory
		payto      string
		parameters map[string]string
	}{
		"SEPA, QR-IBAN":  {token.SEPA(), qr, nil},
		"SEPA, no IBAN":  {token.SEPA(), "payto://x-au-account/062-000/12345678", nil},
		"SEPA, settings": {token.SEPA(), iban, map[string]string{"digits": "12"}},
		"UK, German":     {token.UK(), iban, nil},
		"AU, British":    {token.AU(), gb, nil},
	} {
		payto, err := taler.ParsePayto(c.payto)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.factory.New(wire.Settings{Account: "a", Payto: payto, Parameters: c.parameters})
		if !errors.Is(err, wire.ErrSettings) {
			t.Errorf("%s: error %v, want ErrSettings", name, err)
		}
	}
}

func FuzzScan(f *testing.F) {
	_, m := wiretest.Open(f, token.SEPA(), vectorFile(token.SEPA()))
	wiretest.Fuzz(f, m, "TAER000001X5", "Miete Mai", "T T T T", "TTTT TTTT TTTT")
}

func BenchmarkEncode(b *testing.B) {
	_, m := wiretest.Open(b, token.UK(), vectorFile(token.UK()))
	wiretest.BenchmarkEncode(b, m)
}

func BenchmarkScan(b *testing.B) {
	_, m := wiretest.Open(b, token.SEPA(), vectorFile(token.SEPA()))
	wiretest.BenchmarkScan(b, m, "TAER000001X5", "T ")
}
