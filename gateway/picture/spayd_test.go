package picture

import (
	"errors"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
)

const czech = "payto://iban/CZ6508000000192000145399?receiver-name="

// spaydOf is the payload for a Czech account.
func spaydOf(t testing.TB, name, subject, money string) (string, error) {
	t.Helper()
	p, err := New(Request{Currency: "CZK", Amount: amount(t, money), Subjects: []wire.Subject{
		{Type: "SIMPLE", CreditAccount: czech + name, Subject: subject},
		{Type: "URI", CreditAccount: czech + name, URI: czech + name + "&message=" + subject},
	}})
	if err != nil {
		return "", err
	}
	return p.Payload(), nil
}

// Values keep their limits and are ASCII; what is not, is written with percent
// signs, and these as well.
func TestSPAYD(t *testing.T) {
	t.Parallel()
	const account = "SPD*1.0*ACC:CZ6508000000192000145399*"
	for _, c := range []struct{ name, money, want string }{
		{"Sm%C4%9Bn%C3%A1rna", "", "CC:CZK*RN:Sm%C4%9Bn%C3%A1rna*MSG:T8D7CHRH5PS4"},
		{"100%2525%20Exchange", "CZK:1.5", "AM:1.50*CC:CZK*RN:100%2525 Exchange*MSG:T8D7CHRH5PS4"},
		{"Big%2A", "CZK:9999999.99", "AM:9999999.99*CC:CZK*RN:Big%2A*MSG:T8D7CHRH5PS4"},
		{"X", "CZK:10000000", "AM:10000000*CC:CZK*RN:X*MSG:T8D7CHRH5PS4"},
		{strings.Repeat("%C5%99", 40), "", "CC:CZK*RN:" + strings.Repeat("%C5%99", 5) + "*MSG:T8D7CHRH5PS4"},
	} {
		if got, err := spaydOf(t, c.name, "T8D7CHRH5PS4", c.money); err != nil || got != account+c.want {
			t.Errorf("%s, %s: %v, %s", c.name, c.money, err, got)
		}
	}
	if got, err := spaydOf(t, "X", "T8D7CHRH5PS4", "CZK:10000000.5"); !errors.Is(err, ErrAmount) {
		t.Errorf("11 characters of an amount: %v, %s", err, got)
	}
}

// A whole key has 61 characters, and the message of a SPAYD 60: what banks would cut
// goes into a payto URI.
func TestSPAYD_NoRoom(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{60: "SPD*1.0*", 61: "payto://iban/CZ"} {
		if got, err := spaydOf(t, "X", strings.Repeat("K", n), "CZK:10"); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%d characters: %v, %s", n, err, got)
		}
	}
}
