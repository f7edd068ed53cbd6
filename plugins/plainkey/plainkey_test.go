package plainkey_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/plugins/plainkey"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
	"github.com/shortwire/shortwire/subjects/taler"
)

const (
	account  = "payto://iban/DE75512108001245126199?receiver-name=Example%20Exchange"
	key      = "FJDQ7W6G7NWX4H9M1MKA12090FRC9K7DA6N0FANDZZFXTR6QHX5G"
	otherKey = "4MZT6RS3RVB3B0E2RDMYW0YRA3Y0VPHYV0CYDE6XBB0YMPFXCEG0"
)

func settings(t testing.TB, payto string) wire.Settings {
	t.Helper()
	p, err := taler.ParsePayto(payto)
	if err != nil {
		t.Fatal(err)
	}
	return wire.Settings{Account: "sepa", Payto: p, Currency: "EUR"}
}

func method(t testing.TB) wire.Method {
	t.Helper()
	m, err := plainkey.Factory().New(settings(t, account))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func subjectOf(t testing.TB, text string) string {
	t.Helper()
	k, err := taler.ParseEddsaPublicKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(method(t).(wire.KeyCarrier).EncodeKey(k))
}

func TestConformance(t *testing.T) {
	t.Parallel()
	wiretest.Run(t, method(t), wiretest.LookAlikes(map[byte]string{'0': "Oo", '1': "IiLl", 'V': "Uu"}))
}

func TestPresent(t *testing.T) {
	t.Parallel()
	subject := subjectOf(t, key)
	amount := taler.Amount{Currency: "EUR", Value: 10, Fraction: 50_000_000}
	got := method(t).(wire.Presenter).Present(wire.Reference(subject), wire.Instruction{CreditAmount: &amount})
	want := []wire.Subject{
		{Type: "SIMPLE", CreditAccount: account, CreditAmount: &amount, Subject: subject},
		{Type: "URI", CreditAccount: account, CreditAmount: &amount, URI: account + "&amount=EUR:10.5&message=" + subject},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestS8_Scan(t *testing.T) {
	t.Parallel()
	subject := subjectOf(t, key)
	var k taler.EddsaPublicKey
	if err := k.UnmarshalText([]byte(key)); err != nil {
		t.Fatal(err)
	}
	found := []wire.Candidate{{Kind: wire.KindAuthorization, Key: k}}
	for name, c := range map[string]struct {
		text string
		want []wire.Candidate
	}{
		"checked":              {subject, found},
		"unchecked":            {"MAP" + key, found},
		"failed check":         {strings.Replace(subject, "FJDQ", "FJDR", 1), nil},
		"bare key":             {key, nil},
		"KYC key":              {"KYC" + key, nil},
		"beside a bare key":    {subject + " " + otherKey, found},
		"beside a KYC key":     {subject + " KYC" + otherKey, nil},
		"two different":        {subject + " MAP" + key, found},
		"beside a longer word": {"Zahlung " + subject + " Danke", found},
	} {
		if diff := cmp.Diff(c.want, method(t).Scan(wire.Remittance{Unstructured: []string{c.text}})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	two := wire.Remittance{Unstructured: []string{subject, subjectOf(t, otherKey)}}
	if found := method(t).Scan(two); len(found) != 2 {
		t.Errorf("two keys: %v", found)
	}
}

func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	withParameter := settings(t, account)
	withParameter.Parameters = map[string]string{"prefix": "MAP"}
	for name, s := range map[string]wire.Settings{
		"QR-IBAN":   settings(t, "payto://iban/CH4431999123000889012"),
		"NZ":        settings(t, "payto://x-nz-account/01-0902-0068389-00"),
		"no payto":  {Account: "sepa", Currency: "EUR"},
		"parameter": withParameter,
	} {
		if _, err := plainkey.Factory().New(s); !errors.Is(err, wire.ErrSettings) {
			t.Errorf("%s: error %v, want ErrSettings", name, err)
		}
	}
	if _, err := plainkey.Factory().New(settings(t, "payto://x-taler-bank/bank.example/exchange")); err != nil {
		t.Error(err)
	}
}

func FuzzScan(f *testing.F) {
	wiretest.Fuzz(f, method(f), "MAP"+key, "map "+key[:20]+" "+key[20:], key, "KYC:"+otherKey)
}

func BenchmarkEncodeKey(b *testing.B) {
	carrier, k := method(b).(wire.KeyCarrier), wiretest.Key(1)
	for b.Loop() {
		carrier.EncodeKey(k)
	}
}

func BenchmarkScan(b *testing.B) { wiretest.BenchmarkScan(b, method(b), subjectOf(b, key), "MAP 0 ") }

// Beside an authorization key there is no legacy subject, so that one scan of the
// text tells all.
func TestT4_OneScanIsEnough(t *testing.T) {
	t.Parallel()
	random, m := rand.New(rand.NewPCG(21, 22)), method(t)
	for range 2000 {
		text := wiretest.Mutate(random, []string{subjectOf(t, key), "MAP" + key, key, "KYC" + otherKey}[random.IntN(4)])
		if random.IntN(3) == 0 {
			text += " " + []string{otherKey, "KYC" + otherKey, subjectOf(t, otherKey)}[random.IntN(3)]
		}
		r := wiretest.Spread(random, text)
		want := append(m.Scan(r), wire.ScanLegacy(r)...)
		if diff := cmp.Diff(want, wire.Candidates(m, r, true)); diff != "" {
			t.Errorf("%+v: %s", r, diff)
		}
	}
}
