package pain_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/gateway/bankfile/bankfiletest"
	"github.com/shortwire/shortwire/gateway/pain"
	"github.com/shortwire/shortwire/subjects/taler"
)

func payto(text string) taler.Payto {
	p, err := taler.ParsePayto(text)
	if err != nil {
		panic(err)
	}
	return p
}

func amount(text string) taler.Amount {
	a, err := taler.ParseAmount(text)
	if err != nil {
		panic(err)
	}
	return a
}

var clock = time.Date(2026, 11, 22, 12, 30, 0, 123456789, time.UTC)

// sample is an order of a Swiss account.
func sample() *pain.Order {
	return &pain.Order{
		MessageID: "SW0B2B5A6C9E3F4D7C8A1B2C3D4E5F6071",
		Created:   clock,
		Debtor:    payto("payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange"),
		Payments: []pain.Payment{
			{ID: 7, EndToEndID: "SW38FF00F5CCF09785AA124A3F9DA0CE51", Amount: amount("CHF:10.5"),
				Creditor: payto("payto://iban/CH9300762011623852957?receiver-name=Beat%20M%C3%BCller"), Subject: "bounce malformed 2026-11-22/000018"},
			{ID: 8, EndToEndID: "SW0000000000000000000000000000000A", Amount: amount("CHF:0.05"),
				Creditor: payto("payto://iban/CH9300762011623852957"), Subject: "RF18 5390 0754 7034"},
			{ID: 9, EndToEndID: "SW0000000000000000000000000000000B", Amount: amount("CHF:1000"),
				Creditor: payto("payto://iban/CH4431999123000889012?receiver-name=A%20Shop"), Subject: "21 00000 00003 13947 14300 09017"},
			{ID: 10, EndToEndID: "SW0000000000000000000000000000000C", Amount: amount("EUR:2.5"),
				Creditor: payto("payto://iban/COBADEFFXXX/DE89370400440532013000?receiver-name=Caf%C3%A9%20%26%20S%C3%B8n"), Subject: "batch-7 4HZQ https://exchange.example/"},
		},
	}
}

func newZealand() *pain.Order {
	return &pain.Order{
		MessageID: "SW1", Created: clock,
		Debtor: payto("payto://x-nz-account/01-0902-0068389-00?receiver-name=Example%20Exchange"),
		Payments: []pain.Payment{{ID: 1, EndToEndID: "SW2", Amount: amount("NZD:7"), Subject: "bounce unknown NZ-1",
			Creditor: payto("payto://x-nz-account/01-0902-0068389-00?receiver-name=A%20Payer")}},
	}
}

// valid writes an order and holds it against the schema.
func valid(t rapid.TB, o *pain.Order) *element {
	t.Helper()
	text, err := o.Write()
	if err != nil {
		t.Fatal(err)
	}
	message := &element{}
	if err := xml.Unmarshal(text, message); err != nil {
		t.Fatal(err)
	}
	schema := schemas[o.Version]
	if o.Version == "" {
		schema = schemas[pain.V09]
	}
	for _, wrong := range schema.check(message, "") {
		t.Errorf("%s\n%s", wrong, text)
	}
	return message
}

// sepa is an order within the SEPA. The creditor's bank has a code that the
// older version cannot write.
func sepa() *pain.Order {
	return &pain.Order{
		MessageID: "SW3", Created: clock, Debtor: payto("payto://iban/COBADEFFXXX/DE89370400440532013000?receiver-name=Example%20Exchange"),
		Payments: []pain.Payment{{ID: 2, EndToEndID: "SW4", Amount: amount("EUR:99.99"), Subject: "bounce expired 17", Creditor: payto("payto://iban/E097FRPPXXX/FR7630006000011234567890189?receiver-name=Ada")}},
	}
}

// older is the same order in the older version.
func older(o *pain.Order) *pain.Order {
	o.Version = pain.V03
	return o
}

func TestOrders(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]*pain.Order{
		"swiss": sample(), "new_zealand": newZealand(), "sepa": sepa(),
		"swiss_v03": older(sample()), "new_zealand_v03": older(newZealand()), "sepa_v03": older(sepa()),
	} {
		valid(t, o)
		text, err := o.Write()
		if err != nil {
			t.Fatal(err)
		}
		bankfiletest.Golden(t, filepath.Join("testdata", "order_"+name+".xml"), text)
		if again, _ := o.Write(); !bytes.Equal(text, again) {
			t.Errorf("%s: the same order is written in two ways", name)
		}
	}
}

func TestOrderRefused(t *testing.T) {
	t.Parallel()
	change := func(do func(*pain.Order)) *pain.Order {
		o := sample()
		do(o)
		return o
	}
	for name, c := range map[string]struct {
		o    *pain.Order
		want error
	}{
		"nothing":        {change(func(o *pain.Order) { o.Payments = nil }), pain.ErrEmpty},
		"other kind":     {change(func(o *pain.Order) { o.Payments[1].Creditor = newZealand().Debtor }), pain.ErrAccount},
		"no bank":        {change(func(o *pain.Order) { o.Debtor = payto("payto://x-taler-bank/bank.example/x?receiver-name=X") }), pain.ErrAccount},
		"currency":       {change(func(o *pain.Order) { o.Payments[0].Amount.Currency = "KUDOS" }), pain.ErrAccount},
		"many decimals":  {change(func(o *pain.Order) { o.Payments[0].Amount.Fraction = 1 }), pain.ErrAmount},
		"too much money": {change(func(o *pain.Order) { o.Payments[0].Amount = amount("CHF:4503599627370496.125") }), pain.ErrAmount},
	} {
		if _, err := c.o.Write(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever stands in names, subjects and amounts, the message fits the schema,
// counts right, and holds only characters that banks take.
func TestAnyOrderIsValid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := sample()
		o.Version = rapid.SampledFrom([]pain.Version{pain.V03, pain.V09}).Draw(t, "version")
		o.Payments = nil
		var cents uint64
		for i := range rapid.IntRange(1, 5).Draw(t, "payments") {
			name := rapid.String().Draw(t, "name")
			creditor, err := taler.NewIBANPayto("DE89370400440532013000", name)
			if err != nil {
				creditor = payto("payto://iban/DE89370400440532013000")
			}
			a := taler.Amount{Currency: "CHF", Value: rapid.Uint64Range(0, 1e12).Draw(t, "value"), Fraction: rapid.Uint32Range(0, 99).Draw(t, "cents") * 1_000_000}
			cents += a.Value*100 + uint64(a.Fraction/1_000_000)
			o.Payments = append(o.Payments, pain.Payment{ID: int64(i), EndToEndID: fmt.Sprint("E", i), Amount: a, Creditor: creditor, Subject: rapid.String().Draw(t, "subject")})
		}
		message := valid(t, o)
		if sum := message.find("CstmrCdtTrfInitn/GrpHdr/CtrlSum"); len(sum) != 1 || sum[0] != fmt.Sprintf("%d.%02d", cents/100, cents%100) {
			t.Errorf("sum %q of %d cents", sum, cents)
		}
		if n := message.find("CstmrCdtTrfInitn/PmtInf/NbOfTxs"); n[0] != fmt.Sprint(len(o.Payments)) {
			t.Errorf("%s of %d payments", n, len(o.Payments))
		}
		for _, path := range []string{"Cdtr/Nm", "RmtInf/Ustrd"} {
			for _, text := range message.find("CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/" + path) {
				if strings.Trim(text, latin) != "" {
					t.Errorf("%s: %q", path, text)
				}
			}
		}
	})
}

const latin = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ "

func TestSumTooLongIsLeftOut(t *testing.T) {
	t.Parallel()
	o := sample()
	o.Payments = o.Payments[:1]
	o.Payments[0].Amount = taler.Amount{Currency: "CHF", Value: taler.MaxAmountValue}
	for range 9 {
		o.Payments = append(o.Payments, o.Payments[0])
	}
	if message := valid(t, o); len(message.find("CstmrCdtTrfInitn/GrpHdr/CtrlSum")) != 0 {
		t.Error("the control sum has more digits than the schema allows")
	}
}

func TestLatin(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                             "",
		"Beat Müller":                  "Beat Mueller",
		"Zoë  Çelik\tŁódź":             "Zoe Celik Lodz",
		"Müller":                       "Mueller", // the umlaut in two characters
		"Smørrebrød & Söner, «Ø» [x]!": "Smorrebrod + Soener, .O. (x).",
		"Ελλάδα":                       "......",
		"https://a.example/b_c":        "https://a.example/b-c",
		"a\x00b\u202e":                 "a b.",
	} {
		if got := pain.Latin(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := pain.Latin(rapid.String().Draw(t, "text"))
		if pain.Latin(once) != once || strings.Trim(once, latin) != "" || !utf8.ValidString(once) {
			t.Errorf("%q becomes %q", once, pain.Latin(once))
		}
	})
}
