package pix

import (
	"errors"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
	"github.com/shortwire/shortwire/subjects/taler"
)

const (
	vectors = "testdata/vectors.json"
	account = "payto://iban/BR1800360305000010009795493C1?receiver-name=Example%20Exchange"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	_, m := wiretest.Open(t, Factory(), vectors)
	wiretest.Run(t, m,
		wiretest.LookAlikes(map[byte]string{'0': "Oo", '1': "IiLl", 'V': "Uu"}),
		wiretest.FalseRate(5e-5))
}

func TestVectors(t *testing.T) {
	t.Parallel()
	wiretest.Vectors(t, Factory(), vectors)
}

// 29B1 is the check value of CRC-16/CCITT-FALSE; the code is an example of the
// Banco Central's manual.
func TestCRC(t *testing.T) {
	t.Parallel()
	const example = "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***6304"
	if wire.CRC16("123456789") != 0x29B1 || wire.CRC16(example) != 0x1D3D {
		t.Errorf("%04X, %04X", wire.CRC16("123456789"), wire.CRC16(example))
	}
}

func TestAmount(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"BRL:10": "10.00", "BRL:10.5": "10.50", "BRL:0.01": "0.01"} {
		amount, err := taler.ParseAmount(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := amount.Decimal(); got != want {
			t.Errorf("%s became %s, want %s", text, got, want)
		}
	}
	amount, _ := taler.ParseAmount("BRL:12.5")
	const want = "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000" +
		"5204000053039865405" + "12.50" + "5802BR5913Fulano de Tal6008BRASILIA62070503***6304" + "8601"
	code := brCode{key: "123e4567-e12b-12d1-a456-426655440000", name: "Fulano de Tal", city: "BRASILIA"}
	if got := code.text("***", &amount); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A BR Code has two decimals and 13 characters for the amount (EMV): what does not
// fit is refused by CheckAmount, and Present leaves it to the payer.
func TestUnpayableAmounts(t *testing.T) {
	t.Parallel()
	_, m := wiretest.Open(t, Factory(), vectors)
	open := m.(wire.Presenter).Present("T02D88D7CHRH5GYW", wire.Instruction{})[0].Subject
	for text, payable := range map[string]bool{
		"BRL:0.01": true, "BRL:12.34": true, "BRL:9999999999.99": true,
		"BRL:0": false, "BRL:12.345": false, "BRL:0.00000001": false, "BRL:10000000000": false, "BRL:4503599627370496": false, "EUR:1": false,
	} {
		amount, err := taler.ParseAmount(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.(wire.AmountChecker).CheckAmount(amount); (err == nil) != payable || err != nil && !errors.Is(err, wire.ErrAmount) {
			t.Errorf("%s: error %v", text, err)
		}
		code := m.(wire.Presenter).Present("T02D88D7CHRH5GYW", wire.Instruction{CreditAmount: &amount})[0].Subject
		if (code != open) != payable {
			t.Errorf("%s: code %s", text, code)
		}
	}
}

func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	good := map[string]string{"pix_key": "a@example.org", "city": "BRASILIA"}
	for name, c := range map[string]struct {
		payto, currency string
		parameters      map[string]string
	}{
		"country":   {"payto://iban/DE75512108001245126199?receiver-name=X", "BRL", good},
		"currency":  {account, "EUR", good},
		"no key":    {account, "BRL", map[string]string{"city": "BRASILIA"}},
		"no city":   {account, "BRL", map[string]string{"pix_key": "a@example.org"}},
		"accent":    {account, "BRL", map[string]string{"pix_key": "a@example.org", "city": "BRASÍLIA"}},
		"long name": {account, "BRL", map[string]string{"pix_key": "a@example.org", "city": "BRASILIA", "merchant_name": "Fulano de Tal e Beltrano SA"}},
		"parameter": {account, "BRL", map[string]string{"pix_key": "a@example.org", "city": "BRASILIA", "txid": "1"}},
	} {
		payto, err := taler.ParsePayto(c.payto)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Factory().New(wire.Settings{Account: "a", Payto: payto, Currency: c.currency, Parameters: c.parameters})
		if !errors.Is(err, wire.ErrSettings) {
			t.Errorf("%s: error %v, want ErrSettings", name, err)
		}
	}
}

func FuzzScan(f *testing.F) {
	_, m := wiretest.Open(f, Factory(), vectors)
	wiretest.Fuzz(f, m, "***", "E12345678202009091221abcdef12345", "62070503***63041D3D")
}

func BenchmarkEncode(b *testing.B) {
	_, m := wiretest.Open(b, Factory(), vectors)
	wiretest.BenchmarkEncode(b, m)
}

func BenchmarkScan(b *testing.B) {
	_, m := wiretest.Open(b, Factory(), vectors)
	wiretest.BenchmarkScan(b, m, "TAER000001X5", "T ")
}
