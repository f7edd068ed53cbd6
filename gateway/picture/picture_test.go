package picture

import (
	"bytes"
	"errors"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

var update = flag.Bool("update", false, "rewrite the golden payloads")

// folder, when it is set, receives every picture of these tests.
var folder = flag.String("pictures", "", "folder to keep the pictures in")

var address = &wire.Address{Street: "Bahnhofstrasse", House: "17a", Postcode: "8001", Town: "Zürich", Country: "CH"}

func amount(t testing.TB, text string) *taler.Amount {
	t.Helper()
	if text == "" {
		return nil
	}
	a, err := taler.ParseAmount(text)
	if err != nil {
		t.Fatal(err)
	}
	return &a
}

const holder = "?receiver-name=Example%20Exchange"

// samples are one payment of each kind. Their amounts are part of the request.
var samples = map[string]struct {
	subjects         []wire.Subject
	currency, amount string
}{
	"qrr": {[]wire.Subject{
		{Type: "CH_QR_BILL", CreditAccount: "payto://iban/CH4431999123000889012" + holder, QRReference: "000000173634008748184022385", Address: address},
		{Type: "RF", CreditAccount: "payto://iban/CH5204835012345671000" + holder, Reference: "RF7417363400874818402238", Address: address},
	}, "CHF", "CHF:1949.75"},
	"qrr_open": {[]wire.Subject{
		{Type: "CH_QR_BILL", CreditAccount: "payto://iban/CH4431999123000889012" + holder, QRReference: "000000173634008748184022385", Address: address},
	}, "CHF", ""},
	"scor": {[]wire.Subject{
		{Type: "RF", CreditAccount: "payto://iban/CH5204835012345671000?receiver-name=Soci%C3%A9t%C3%A9%20des%20Paiements%20Num%C3%A9riques%20de%20la%20C%C3%B4te%20SA", Reference: "RF64550000000008", Address: address},
	}, "EUR", "EUR:0.05"},
	"epc_rf":   {[]wire.Subject{{Type: "RF", CreditAccount: "payto://iban/DE75512108001245126199" + holder, Reference: "RF64550000000008"}}, "EUR", "EUR:12"},
	"epc_text": {[]wire.Subject{{Type: "SIMPLE", CreditAccount: "payto://iban/SOGEDEFFXXX/DE75512108001245126199" + holder, Subject: "T8D7CHRH5PS4"}}, "EUR", ""},
	"epc_key": {[]wire.Subject{{Type: "SIMPLE", CreditAccount: "payto://iban/DE75512108001245126199" + holder,
		Subject: "MAPTXD9G0C2P45BFNABZV9WJS07787E2WQKVAK269DF08D6HXR7A4D0KEKCVX"}}, "EUR", "EUR:999999999.99"},
	"epc_finnish": {[]wire.Subject{
		{Type: "NATIONAL", Scheme: "fi-viite", CreditAccount: "payto://iban/FI2112345600000785" + holder, Reference: "12 34561"},
		{Type: "RF", CreditAccount: "payto://iban/FI2112345600000785" + holder, Reference: "RF341234561"},
	}, "EUR", "EUR:7.5"},
	"epc_national": {[]wire.Subject{{Type: "NATIONAL", Scheme: "be-ogm", CreditAccount: "payto://iban/BE72000000001616" + holder, Reference: "+++123/4567/89002+++"}}, "EUR", "EUR:7.5"},
	"spayd":        {[]wire.Subject{{Type: "NATIONAL", Scheme: "vs", CreditAccount: "payto://iban/CZ6508000000192000145399" + holder, Reference: "5500000000"}}, "CZK", "CZK:450"},
	"pix": {[]wire.Subject{{Type: "NATIONAL", Scheme: "br-pix", CreditAccount: "payto://iban/BR1800360305000010009795493C1" + holder, Reference: "T02D88D7CHRH5GYW",
		Subject: "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5916Example Exchange6008BRASILIA62200516T02D88D7CHRH5GYW63047037"}}, "BRL", ""},
	"pix_amount": {[]wire.Subject{{Type: "NATIONAL", Scheme: "br-pix", CreditAccount: "payto://iban/BR1800360305000010009795493C1" + holder, Reference: "T02D88D7CHRH5GYW",
		Subject: "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5916Example Exchange6008BRASILIA62200516T02D88D7CHRH5GYW63047037"}}, "BRL", "BRL:12.5"},
	"nz":      {[]wire.Subject{{Type: "NZ_SBI", CreditAccount: "payto://x-nz-account/01-0902-0068389-00" + holder, Particulars: "TALER", Reference: "TAER000001X5"}}, "NZD", "NZD:20"},
	"bpay":    {[]wire.Subject{{Type: "NATIONAL", Scheme: "au-bpay", CreditAccount: "payto://x-biller/bpay/12345" + holder, Reference: "550000000715"}}, "AUD", ""},
	"bitcoin": {[]wire.Subject{{Type: "SIMPLE", CreditAccount: "payto://bitcoin/bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4" + holder, Subject: "bc1q2dyy75j52ay4yqqf4pp5aj8zy45rw2jzx0xf6d"}}, "BTC", ""},
}

func sample(t testing.TB, name string) *Picture {
	t.Helper()
	s, ok := samples[name]
	if !ok {
		t.Fatalf("no sample %s", name)
	}
	p, err := New(Request{Subjects: s.subjects, Currency: s.currency, Amount: amount(t, s.amount), Receipt: strings.HasPrefix(name, "qrr")})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return p
}

// read decodes a picture with a reader that others wrote. gozxing does not find
// some codes of 37 modules that other readers find on the same picture (those of
// make test-oracles do), so that it is shown these cut out.
func read(t testing.TB, name string, data []byte) string {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := decode(img, gozxing.DecodeHintType_TRY_HARDER)
	if err != nil {
		cut := img.(*image.Gray).SubImage(image.Rect(0, pixel(codeTop-margin), pixel(codeSize+2*margin), pixel(codeTop+codeSize+margin)))
		text, err = decode(cut, gozxing.DecodeHintType_PURE_BARCODE)
	}
	if err != nil {
		t.Fatalf("%s: the code is not read: %v", name, err)
	}
	return text
}

func decode(img image.Image, hint gozxing.DecodeHintType) (string, error) {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{
		hint: true, gozxing.DecodeHintType_CHARACTER_SET: "UTF-8",
	})
	if err != nil {
		return "", err
	}
	return result.GetText(), nil
}

// Every picture can be read again, with the Swiss cross over it and text around
// it, and holds the payload that stands in a file.
func TestPicturesAreRead(t *testing.T) {
	t.Parallel()
	for name := range samples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := sample(t, name)
			golden(t, name+".txt", p.Payload())
			data, err := p.PNG()
			if err != nil {
				t.Fatal(err)
			}
			keep(t, name+".png", data)
			keep(t, name+".svg", p.SVG())
			if got := read(t, name, data); got != p.Payload() {
				t.Errorf("read %q, want %q", got, p.Payload())
			}
			document, err := p.PDF()
			if err != nil {
				t.Fatal(err)
			}
			keep(t, name+".pdf", document)
		})
	}
}

// keep writes a picture where somebody wants to look at it.
func keep(t *testing.T, name string, data []byte) {
	t.Helper()
	if *folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*folder, name), data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got+"\n"); diff != "" {
		t.Error(diff)
	}
}

// The same input gives the same bytes.
func TestPicturesAreStable(t *testing.T) {
	t.Parallel()
	a, b := sample(t, "qrr"), sample(t, "qrr")
	if !bytes.Equal(a.SVG(), b.SVG()) {
		t.Error("the SVG changes")
	}
	first, err := a.PDF()
	if err != nil {
		t.Fatal(err)
	}
	if second, _ := b.PDF(); !bytes.Equal(first, second) {
		t.Error("the PDF changes")
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sample, amount, language string
		want                     error
	}{
		"other currency":      {"qrr", "EUR:1", "", ErrAmount},
		"fractions of a cent": {"qrr", "CHF:0.005", "", ErrAmount},
		"zero":                {"qrr", "CHF:0", "", ErrAmount},
		"too much":            {"qrr", "CHF:1000000000", "", ErrAmount},
		"Romansh":             {"qrr", "CHF:1", "rm", ErrLanguage},
	} {
		s := samples[c.sample]
		_, err := New(Request{Subjects: s.subjects, Currency: s.currency, Amount: amount(t, c.amount), Language: c.language})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
	unknown := samples["qrr"].subjects[0]
	unknown.Address = nil
	if _, err := New(Request{Subjects: []wire.Subject{unknown}, Currency: "CHF"}); !errors.Is(err, ErrNoAddress) {
		t.Errorf("no address: error %v", err)
	}
	long := samples["epc_text"].subjects[0]
	long.Subject = strings.Repeat("T", 300)
	if _, err := New(Request{Subjects: []wire.Subject{long}, Currency: "EUR"}); !errors.Is(err, ErrTooLong) {
		t.Errorf("too long: error %v", err)
	}
}

// Headings fit their columns in every language, and the payload does not depend
// on it.
func TestLanguages(t *testing.T) {
	t.Parallel()
	s := samples["qrr_open"]
	want := sample(t, "qrr_open").Payload()
	for language, w := range languages {
		p, err := New(Request{Subjects: s.subjects, Currency: s.currency, Language: language, Receipt: true})
		if err != nil || p.Payload() != want {
			t.Errorf("%s: %v", language, err)
		}
		data, err := p.PNG()
		if err != nil {
			t.Fatal(err)
		}
		keep(t, "qrr_"+language+".png", data)
		for text, width := range map[string]float64{
			w.currency: 14, w.amount: 37, w.paymentPart: 51, w.payableBy: 87, w.account: 87, w.scan: 70,
		} {
			if textWidth(text, wide.heading, true) > width {
				t.Errorf("%s: %q is wider than %g", language, text, width)
			}
		}
	}
}

// What a terminal shows can be read: the blocks are pixels again.
func TestTerminal(t *testing.T) {
	t.Parallel()
	for name := range samples {
		p := sample(t, name)
		lines := strings.Split(strings.TrimRight(p.Terminal(false), "\n"), "\n")
		const scale = 4
		img := image.NewGray(image.Rect(0, 0, len([]rune(lines[0]))*scale, 2*len(lines)*scale))
		for y, line := range lines {
			for x, r := range []rune(line) {
				fill := &raster{image: img}
				fill.fill(x*scale, 2*y*scale, (x+1)*scale, (2*y+1)*scale, !strings.ContainsRune("█▀", r))
				fill.fill(x*scale, (2*y+1)*scale, (x+1)*scale, (2*y+2)*scale, !strings.ContainsRune("█▄", r))
			}
		}
		text, err := decode(img, gozxing.DecodeHintType_PURE_BARCODE)
		if err != nil || text != p.Payload() {
			t.Errorf("%s: %v, read %q", name, err, text)
		}
	}
	if coloured := sample(t, "nz").Terminal(true); !strings.Contains(coloured, "\x1b[97;40m") {
		t.Error("no colours")
	}
}

func BenchmarkPictures(b *testing.B) {
	p := sample(b, "qrr")
	for name, draw := range map[string]func() ([]byte, error){
		"SVG": func() ([]byte, error) { return p.SVG(), nil }, "PNG": p.PNG, "PDF": p.PDF,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = draw()
			}
		})
	}
}
