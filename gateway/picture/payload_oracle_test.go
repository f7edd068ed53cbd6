//go:build oracles

package picture

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/pix"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// payloadQuestion asks whether a package makes our payload of the data.
type payloadQuestion struct {
	Maker   string         `json:"maker"`
	Data    map[string]any `json:"data"`
	Payload string         `json:"payload"`
}

// askPayloads reports every payload that another program would have written
// differently.
func askPayloads(t *testing.T, questions []payloadQuestion) {
	t.Helper()
	if os.Getenv("SHORTWIRE_ORACLES") == "" {
		t.Fatal("SHORTWIRE_ORACLES does not name the folder with node_modules: " + advice)
	}
	var in bytes.Buffer
	for _, q := range questions {
		if err := json.NewEncoder(&in).Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	program, err := filepath.Abs("testdata/payloads.cjs")
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(strings.TrimRight(string(run(t, in.Bytes(), "node", program)), "\n"), "\n")
	if len(answers) != len(questions) || len(answers) == 0 {
		t.Fatalf("%d questions, %d answers", len(questions), len(answers))
	}
	for i, answer := range answers {
		if answer != "1" {
			t.Errorf("%v: %s", questions[i], answer)
		}
	}
}

// The package spayd refuses values above their limits, of which it sees what
// stands in the code. Amounts below one crown it does not know.
func TestSPAYDAgrees(t *testing.T) {
	t.Parallel()
	var questions []payloadQuestion
	for name, written := range map[string]string{
		"Example%20Exchange": "Example Exchange", "Sm%C4%9Bn%C3%A1rna": "Sm%C4%9Bn%C3%A1rna", "100%2525": "100%2525", "A%2AB": "A%2AB",
		strings.Repeat("N", 71): strings.Repeat("N", 35),
	} {
		for money, am := range map[string]string{"1.5": "1.50", "450": "450.00", "9999999.99": "9999999.99", "10000000": "10000000", "999999999": "999999999"} {
			const account = "CZ6508000000192000145399"
			data := func(key, value string) map[string]any {
				return map[string]any{"acc": account, "am": am, "cc": "CZK", "rn": written, key: value}
			}
			payee, key := "payto://iban/"+account+"?receiver-name="+name, strings.Repeat("T8D7CHRH5PS4", 5)
			questions = append(questions,
				payloadQuestion{"spayd", data("msg", key), pictureOf(t, wire.Subject{Type: "SIMPLE", CreditAccount: payee, Subject: key}, "CZK", money).Payload()},
				payloadQuestion{"spayd", data("xvs", "5500000000"), pictureOf(t, wire.Subject{Type: "NATIONAL", Scheme: "vs", CreditAccount: payee, Reference: "5500000000"}, "CZK", money).Payload()})
		}
	}
	askPayloads(t, questions)
}

// The package sepa-payment-qr-code makes the same EPC codes, with a text and with a
// creditor reference, with a BIC and without.
func TestEPCAgrees(t *testing.T) {
	t.Parallel()
	var questions []payloadQuestion
	for _, subject := range []wire.Subject{
		{Type: "SIMPLE", Subject: "T8D7CHRH5PS4"},
		{Type: "RF", Reference: "RF64550000000008"},
		{Type: "NATIONAL", Scheme: "be-ogm", Reference: "+++123/4567/89002+++"},
	} {
		for _, bic := range []string{"", "GEBABEBB"} {
			for _, money := range []string{"", "0.01", "12", "999999999.99"} {
				data := map[string]any{"name": "Äther & Söhne", "iban": "BE72000000001616", "amount": nil}
				key := map[bool]string{true: "structuredReference", false: "unstructuredReference"}[subject.Type == "RF"]
				data[key] = subject.Subject + subject.Reference
				subject.CreditAccount = "payto://iban/BE72000000001616?receiver-name=%C3%84ther%20%26%20S%C3%B6hne"
				if bic != "" {
					data["bic"], subject.CreditAccount = bic, strings.Replace(subject.CreditAccount, "iban/", "iban/"+bic+"/", 1)
				}
				if money != "" {
					data["amount"] = json.Number(money)
				}
				questions = append(questions, payloadQuestion{"sepa-payment-qr-code", data, pictureOf(t, subject, "EUR", money).Payload()})
			}
		}
	}
	askPayloads(t, questions)
}

// pix-utils makes the same BR Codes, with the amount that the picture puts in the
// place of the subject's own. It writes names in capitals.
func TestBRCodeAgrees(t *testing.T) {
	t.Parallel()
	payto, err := taler.ParsePayto("payto://iban/BR1800360305000010009795493C1?receiver-name=EXAMPLE%20EXCHANGE")
	if err != nil {
		t.Fatal(err)
	}
	m, err := pix.Factory().New(wire.Settings{Account: "br", Payto: payto, Currency: "BRL", Parameters: map[string]string{"pix_key": "pay@example.com", "city": "BRASILIA"}})
	if err != nil {
		t.Fatal(err)
	}
	var questions []payloadQuestion
	for i, own := range []string{"", "BRL:3", "BRL:1234567.89"} {
		for _, money := range []string{"", "0.01", "12.5", "999999999.99"} {
			reference, err := m.Encode(wire.Slot{Index: uint64(i)})
			if err != nil {
				t.Fatal(err)
			}
			subject := m.(wire.Presenter).Present(reference, wire.Instruction{CreditAmount: amount(t, own)})[0]
			data := map[string]any{"merchantName": "EXAMPLE EXCHANGE", "merchantCity": "BRASILIA", "pixKey": "pay@example.com", "txid": string(reference)}
			if money != "" {
				data["transactionAmount"] = json.Number(money)
			}
			questions = append(questions, payloadQuestion{"pix-utils", data, pictureOf(t, subject, "BRL", money).Payload()})
		}
	}
	askPayloads(t, questions)
}
