package nzpcr_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/plugins/nzpcr"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
	"github.com/shortwire/shortwire/subjects/taler"
)

const account = "payto://x-nz-account/01-0902-0068389-00?receiver-name=Example%20Exchange"

func settings(t testing.TB, payto string, parameters map[string]string) wire.Settings {
	t.Helper()
	p, err := taler.ParsePayto(payto)
	if err != nil {
		t.Fatal(err)
	}
	return wire.Settings{Account: "nz", Payto: p, Currency: "NZD", Parameters: parameters}
}

func method(t testing.TB) wire.Method {
	t.Helper()
	m, err := nzpcr.Factory().New(settings(t, account, nil))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// In texts of 140 characters with many words in T, a few stretches of twelve
// symbols begin with T, and one in 1024 of those passes the check. Such a token
// is not registered; the transfer bounces as unknown instead of malformed.
func TestConformance(t *testing.T) {
	t.Parallel()
	wiretest.Run(t, method(t),
		wiretest.LookAlikes(map[byte]string{'0': "Oo", '1': "IiLl", 'V': "Uu"}),
		wiretest.FalseRate(1e-3))
}

// TAER000001 followed by X5 is a published vector of the check.
func TestVector(t *testing.T) {
	t.Parallel()
	const index = 10<<40 | 14<<35 | 24<<30 | 1 // A, E, R, 0, 0, 0, 0, 0, 1
	reference, err := method(t).Encode(wire.Slot{Index: index})
	if err != nil || reference != "TAER000001X5" {
		t.Fatalf("Encode = %s, %v", reference, err)
	}
	want := []wire.Subject{{Type: "NZ_SBI", CreditAccount: account, Particulars: "TALER", Reference: "TAER000001X5"}}
	if diff := cmp.Diff(want, method(t).(wire.Presenter).Present(reference, wire.Instruction{})); diff != "" {
		t.Error(diff)
	}
}

// All pairs of wrong symbols are refused, not only single ones.
func TestS7_PairsAreRefused(t *testing.T) {
	t.Parallel()
	m, token := method(t), "TAER000001X5"
	for i := 1; i < len(token); i++ {
		for j := range i {
			for n := range len(wire.Crockford) * len(wire.Crockford) {
				wrong := []byte(token)
				wrong[i], wrong[j] = wire.Crockford[n%32], wire.Crockford[n/32]
				if string(wrong) == token {
					continue
				}
				if found := m.Scan(wire.Remittance{Reference: string(wrong)}); len(found) > 0 {
					t.Errorf("%s was read as %v", wrong, found)
				}
			}
		}
	}
}

func TestT3_StructuredHidesTheRest(t *testing.T) {
	t.Parallel()
	r := wire.Remittance{Structured: []string{"RF18539007547034"}, Reference: "TAER000001X5"}
	if found := method(t).Scan(r); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	r.Structured = []string{" "}
	if found := method(t).Scan(r); len(found) != 1 {
		t.Errorf("found %v", found)
	}
}

func TestTwoFieldsAreAmbiguous(t *testing.T) {
	t.Parallel()
	m := method(t)
	a, _ := m.Encode(wire.Slot{Index: 1})
	b, _ := m.Encode(wire.Slot{Index: 2})
	if found := m.Scan(wire.Remittance{Particulars: string(a), Code: string(b)}); len(found) != 2 {
		t.Errorf("found %v", found)
	}
}

func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]wire.Settings{
		"IBAN":      settings(t, "payto://iban/CH5204835012345671000", nil),
		"no payto":  {Account: "nz", Currency: "NZD"},
		"parameter": settings(t, account, map[string]string{"prefix": "T"}),
	} {
		if _, err := nzpcr.Factory().New(s); !errors.Is(err, wire.ErrSettings) {
			t.Errorf("%s: error %v, want ErrSettings", name, err)
		}
	}
}

func FuzzScan(f *testing.F) {
	wiretest.Fuzz(f, method(f), "TAER000001X5", "Anz  S3A1234", "TALER TAER0 00001X5", "SMITH J", "2000028606TALER")
}

func BenchmarkEncode(b *testing.B) {
	m := method(b)
	for i := 0; b.Loop(); i++ {
		_, _ = m.Encode(wire.Slot{Index: uint64(i)})
	}
}

func BenchmarkScan(b *testing.B) { wiretest.BenchmarkScan(b, method(b), "TAER000001X5", "T ") }
