package picture

import (
	"errors"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/plainkey"
	"github.com/shortwire/shortwire/plugins/token"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

const plain = "payto://iban/CH5204835012345671000" + holder

// textMethods carry their subjects as text.
var textMethods = []wire.Factory{token.SEPA(), plainkey.Factory()}

// textSubjects are what a method offers on an account with the address of its holder.
func textSubjects(t testing.TB, f wire.Factory, account, currency string) ([]wire.Subject, error) {
	t.Helper()
	payto, err := taler.ParsePayto(account)
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.New(wire.Settings{Account: "ch", Payto: payto, Currency: currency, Parameters: map[string]string{
		"street": address.Street, "house_number": address.House, "postcode": address.Postcode, "town": address.Town, "country": address.Country,
	}})
	if err != nil {
		return nil, err
	}
	if carrier, ok := m.(wire.KeyCarrier); ok {
		return m.(wire.Presenter).Present(carrier.EncodeKey(taler.EddsaPublicKey{1}), wire.Instruction{}), nil
	}
	reference, err := m.Encode(wire.Slot{Index: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m.(wire.Presenter).Present(reference, wire.Instruction{}), nil
}

// Subjects that are text stand on a QR-bill without reference, as its message.
func TestQRBillOfText(t *testing.T) {
	t.Parallel()
	for _, f := range textMethods {
		for _, currency := range []string{"CHF", "EUR"} {
			subjects, err := textSubjects(t, f, plain, currency)
			if err != nil {
				t.Fatal(err)
			}
			p, err := New(Request{Subjects: subjects, Currency: currency, Receipt: true})
			if err != nil {
				t.Fatal(err)
			}
			if end := "\nNON\n\n" + subjects[0].Subject + "\nEPD"; !strings.HasPrefix(p.Payload(), "SPC\n") || !strings.HasSuffix(p.Payload(), end) {
				t.Errorf("%s: %q", f.Name, p.Payload())
			}
			data, err := p.PNG()
			if err != nil {
				t.Fatal(err)
			}
			if got := read(t, f.Name, data); got != p.Payload() {
				t.Errorf("%s: read %q", f.Name, got)
			}
		}
	}
}

// An address that no picture shows is refused, as every setting without effect.
func TestAddressWithoutQRBill(t *testing.T) {
	t.Parallel()
	for _, f := range textMethods {
		if _, err := textSubjects(t, f, samples["epc_text"].subjects[0].CreditAccount, "EUR"); !errors.Is(err, wire.ErrSettings) {
			t.Errorf("%s: error %v", f.Name, err)
		}
	}
}
