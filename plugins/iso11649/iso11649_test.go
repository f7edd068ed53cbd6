package iso11649_test

import (
	"errors"
	"testing"

	"github.com/shortwire/shortwire/plugins/iso11649"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
	"github.com/shortwire/shortwire/subjects/taler"
)

const account = "payto://iban/DE75512108001245126199?receiver-name=Example%20Exchange"

func settings(t testing.TB, payto string, parameters map[string]string) wire.Settings {
	t.Helper()
	p, err := taler.ParsePayto(payto)
	if err != nil {
		t.Fatal(err)
	}
	return wire.Settings{Account: "eu", Payto: p, Currency: "EUR", Parameters: parameters}
}

func method(t testing.TB, digits string) wire.Method {
	t.Helper()
	m, err := iso11649.Factory().New(settings(t, account, map[string]string{"digits": digits}))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, digits := range []string{"", "20"} {
		t.Run("digits "+digits, func(t *testing.T) {
			t.Parallel()
			wiretest.Run(t, method(t, digits))
		})
	}
	t.Run("digits 10", func(t *testing.T) {
		t.Parallel()
		wiretest.Run(t, method(t, "10"))
	})
}

func TestVectors(t *testing.T) {
	t.Parallel()
	wiretest.Vectors(t, iso11649.Factory(), "testdata/vectors.json")
}

func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]wire.Settings{
		"no IBAN":   settings(t, "payto://x-taler-bank/bank.example/exchange", nil),
		"QR-IBAN":   settings(t, "payto://iban/CH4431999123000889012", nil),
		"short":     settings(t, account, map[string]string{"digits": "9"}),
		"long":      settings(t, account, map[string]string{"digits": "21"}),
		"no number": settings(t, account, map[string]string{"digits": "twelve"}),
		"parameter": settings(t, account, map[string]string{"length": "12"}),
	} {
		if _, err := iso11649.Factory().New(s); !errors.Is(err, wire.ErrSettings) {
			t.Errorf("%s: error %v, want ErrSettings", name, err)
		}
	}
}

func FuzzScan(f *testing.F) {
	wiretest.Fuzz(f, method(f, ""), "RF18539007547034", "RF720191230100405JSH0438", "RF18000000000539007547034", "RF RF RF")
}

func BenchmarkEncode(b *testing.B) { wiretest.BenchmarkEncode(b, method(b, "")) }

func BenchmarkScan(b *testing.B) { wiretest.BenchmarkScan(b, method(b, ""), "RF18539007547034", "RF ") }
