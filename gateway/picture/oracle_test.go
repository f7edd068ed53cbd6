//go:build oracles

package picture

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
)

const advice = "run `make test-oracles`, which installs the oracles and runs this test"

// run returns what a program prints.
func run(t *testing.T, in []byte, name string, args ...string) []byte {
	t.Helper()
	var stderr bytes.Buffer
	program := exec.Command(name, args...)
	program.Stdin, program.Stderr = bytes.NewReader(in), &stderr
	out, err := program.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s\n%s", name, err, advice, stderr.String())
	}
	return out
}

// zxing-cpp reads every picture in every format; SVG and PDF are turned into
// pixels by librsvg and Poppler first.
func TestZXingReads(t *testing.T) {
	t.Parallel()
	for name := range samples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, base := sample(t, name), filepath.Join(t.TempDir(), "picture")
			pixels, err := p.PNG()
			if err != nil {
				t.Fatal(err)
			}
			document, err := p.PDF()
			if err != nil {
				t.Fatal(err)
			}
			for path, data := range map[string][]byte{base + ".png": pixels, base + ".svg": p.SVG(), base + ".pdf": document} {
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			run(t, nil, "rsvg-convert", "-z", "5", "-o", base+"-svg.png", base+".svg")
			run(t, nil, "pdftoppm", "-r", "200", "-png", "-singlefile", base+".pdf", base+"-pdf")
			for _, image := range []string{base + ".png", base + "-svg.png", base + "-pdf.png"} {
				if got := string(run(t, nil, "ZXingReader", "-bytes", image)); got != p.Payload() {
					t.Errorf("%s: read %q, want %q", filepath.Base(image), got, p.Payload())
				}
			}
		})
	}
}

// bill is a question to swissqrbill: the data of a bill and our payload.
type bill struct {
	Data    any    `json:"data"`
	Payload string `json:"payload"`
}

// swissqrbill makes the same payloads from the same data: QR references, creditor
// references and neither, in both currencies, with and without amount.
func TestSwissQRBillAgrees(t *testing.T) {
	t.Parallel()
	root := os.Getenv("SHORTWIRE_ORACLES")
	if root == "" {
		t.Fatal("SHORTWIRE_ORACLES does not name the folder with node_modules: " + advice)
	}
	var questions bytes.Buffer
	encoder, count := json.NewEncoder(&questions), 0
	subjects := []wire.Subject{
		{Type: "CH_QR_BILL", CreditAccount: "payto://iban/CH4431999123000889012?receiver-name=B%C3%A4cker%20%26%20S%C3%B6hne", QRReference: "000000173634008748184022385"},
		{Type: "RF", CreditAccount: "payto://iban/LI7408806123456789012?receiver-name=Exchange", Reference: "RF64550000000008"},
		{Type: "SIMPLE", CreditAccount: "payto://iban/CH5204835012345671000?receiver-name=Exchange", Subject: "T8D7CHRH5PS4"},
	}
	for _, f := range textMethods {
		offered, err := textSubjects(t, f, plain, "CHF")
		if err != nil {
			t.Fatal(err)
		}
		subjects = append(subjects, offered[0])
	}
	for _, subject := range subjects {
		for _, home := range []*wire.Address{address, {Postcode: "9490", Town: "Vaduz", Country: "LI"}} {
			for _, money := range []string{"", "0.01", "1949.75", "999999999.99"} {
				for _, currency := range []string{"CHF", "EUR"} {
					subject.Address = home
					question := ask(t, subject, currency, money)
					if err := encoder.Encode(question); err != nil {
						t.Fatal(err)
					}
					count++
				}
			}
		}
	}
	program, err := filepath.Abs("testdata/swissqrbill.cjs")
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Fields(string(run(t, questions.Bytes(), "node", program)))
	if len(answers) != count || strings.Trim(strings.Join(answers, ""), "1") != "" {
		t.Errorf("%d questions, the oracle says %v", count, answers)
	}
}

// pictureOf is the picture of one subject, with an amount where money is not "".
func pictureOf(t *testing.T, subject wire.Subject, currency, money string) *Picture {
	t.Helper()
	request := Request{Subjects: []wire.Subject{subject}, Currency: currency}
	if money != "" {
		request.Amount = amount(t, currency+":"+money)
	}
	p, err := New(request)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ask(t *testing.T, subject wire.Subject, currency, money string) bill {
	t.Helper()
	p := pictureOf(t, subject, currency, money)
	data := map[string]any{"currency": currency, "creditor": map[string]any{
		"account": p.payment.payee.IBAN(), "name": p.payment.payee.ReceiverName(), "address": subject.Address.Street,
		"buildingNumber": subject.Address.House, "zip": subject.Address.Postcode, "city": subject.Address.Town, "country": subject.Address.Country,
	}}
	if money != "" {
		data["amount"] = json.Number(money)
	}
	if reference := subject.QRReference + subject.Reference; reference != "" {
		data["reference"] = reference
	} else {
		data["message"] = subject.Subject
	}
	return bill{data, p.Payload()}
}
