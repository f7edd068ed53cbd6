package picture

import (
	"slices"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
)

func epcOf(t testing.TB, subject wire.Subject, money string) string {
	t.Helper()
	p, err := New(Request{Subjects: []wire.Subject{subject}, Currency: "EUR", Amount: amount(t, money)})
	if err != nil {
		t.Fatal(err)
	}
	return p.Payload()
}

// The example of EPC069-12, in its version 002.
func TestEPC_Example(t *testing.T) {
	t.Parallel()
	const want = "BCD\n002\n1\nSCT\n\nRed Cross of Belgium\nBE72000000001616\nEUR1.00\n\n\nUrgency fund"
	subject := wire.Subject{Type: "SIMPLE", CreditAccount: "payto://iban/BE72000000001616?receiver-name=Red%20Cross%20of%20Belgium", Subject: "Urgency fund"}
	if got := epcOf(t, subject, "EUR:1"); got != want {
		t.Errorf("got %q", got)
	}
}

// No bank makes a SEPA transfer of a code for an account outside SEPA.
func TestEPC_CountriesOfSEPA(t *testing.T) {
	t.Parallel()
	if countries := strings.Fields(sepaCountries); len(countries) != 42 || !slices.IsSorted(countries) {
		t.Errorf("%d countries", len(countries))
	}
	for iban, want := range map[string]string{
		"DE75512108001245126199": "BCD\n", "GB29NWBK60161331926819": "BCD\n", "RS35260005601001611379": "BCD\n",
		"TR330006100519786457841326": "payto://iban/TR", "BR1800360305000010009795493C1": "payto://iban/BR",
	} {
		subject := wire.Subject{Type: "SIMPLE", CreditAccount: "payto://iban/" + iban + "?receiver-name=X", Subject: "T8D7CHRH5PS4"}
		if got := epcOf(t, subject, "EUR:1"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", iban, got)
		}
	}
}
