package gateway

import (
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
)

// billed answers every key with a subject of which a QR-bill can be drawn.
func billed(t testing.TB) *fakeRooms {
	t.Helper()
	f := newRooms(t)
	f.status.Subjects = []wire.Subject{{
		Type: "CH_QR_BILL", QRReference: "000000173634008748184022385",
		CreditAccount: "payto://iban/CH4431999123000889012?receiver-name=Example%20Exchange",
		Address:       &wire.Address{Postcode: "8001", Town: "Zürich", Country: "CH"},
	}}
	return f
}

const picturePath = "/accounts/ch/registrations/"

func TestPictures(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, billed(t))
	for path, want := range map[string]struct{ mediaType, begin, holds string }{
		"qr.svg":                      {"image/svg+xml", "<svg ", `aria-label="Payment part"`},
		"qr.svg?lang=de":              {"image/svg+xml", "<svg ", `aria-label="Zahlteil"`},
		"qr.svg?amount=CHF:1949.75":   {"image/svg+xml", "<svg ", `aria-label="1 949.75"`},
		"qr.svg?receipt=true":         {"image/svg+xml", "<svg ", `aria-label="Receipt"`},
		"qr.png":                      {"image/png", "\x89PNG", ""},
		"qr.pdf":                      {"application/pdf", "%PDF-", ""},
		"qr.pdf?receipt=false&lang=f": {"", "", ""},
	} {
		got := h.ask("GET", picturePath+exampleKey+"/"+path, "")
		if want.mediaType == "" {
			if got.status != 400 {
				t.Errorf("%s: status %d", path, got.status)
			}
			continue
		}
		if got.status != 200 || got.header.Get("Content-Type") != want.mediaType || !strings.HasPrefix(got.body, want.begin) || !strings.Contains(got.body, want.holds) {
			t.Errorf("%s: %d, %s, %.200s", path, got.status, got.header.Get("Content-Type"), got.body)
		}
	}
	if with, without := h.ask("GET", picturePath+exampleKey+"/qr.svg", ""), h.ask("GET", picturePath+exampleKey+"/qr.svg?receipt=true", ""); strings.Contains(with.body, "Receipt") || with.body == without.body {
		t.Error("a picture for the screen has a receipt that nobody asked for")
	}
}

func TestPictures_Refused(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct {
		status int
		symbol string
		rooms  func(*fakeRooms)
	}{
		picturePath + "x/qr.svg":                                {400, "GENERIC_PARAMETER_MALFORMED", nil},
		"/accounts/fr/registrations/" + exampleKey + "/qr.svg":  {404, "BANK_UNKNOWN_ACCOUNT", nil},
		picturePath + exampleKey + "/qr.gif":                    {404, "GENERIC_ENDPOINT_UNKNOWN", nil},
		picturePath + exampleKey + "/qr.svg?amount=CHF":         {400, "BANK_BAD_FORMAT_AMOUNT", nil},
		picturePath + exampleKey + "/qr.svg?amount=EUR:1":       {400, "PICTURE_AMOUNT", nil},
		picturePath + exampleKey + "/qr.svg?amount=CHF:0.001":   {400, "PICTURE_AMOUNT", nil},
		picturePath + exampleKey + "/qr.svg?lang=rm":            {400, "PICTURE_LANGUAGE", nil},
		picturePath + exampleKey + "/qr.svg?receipt=perhaps":    {400, "GENERIC_PARAMETER_MALFORMED", nil},
		picturePath + exampleKey + "/qr.svg?amount=CHF:1&lang=": {404, "PICTURE_NO_ADDRESS", func(f *fakeRooms) { f.status.Subjects[0].Address = nil }},
		picturePath + exampleKey + "/qr.png":                    {404, "REGISTRATION_UNKNOWN", func(f *fakeRooms) { f.err = subjects.ErrUnknownRegistration }},
	} {
		rooms := billed(t)
		if want.rooms != nil {
			want.rooms(rooms)
		}
		got := open(t, Config{}, rooms).ask("GET", path, "")
		if got.status != want.status || !strings.Contains(got.body, want.symbol) {
			t.Errorf("%s: %d, %s", path, got.status, got.body)
		}
	}
}
