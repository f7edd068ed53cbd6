package gateway

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/subjects/taler"
)

const wirePath = "/accounts/ch/taler-wire-gateway"

func TestTransferReachesTheDesk(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{}, rooms)
	body := strings.Replace(orderBody(), "payto://iban/", "payto://iban/SANDBOXX/", 1)
	// The exchange of GNU Taler sends its bodies deflated.
	got := h.ask("POST", wirePath+"/transfer", squeeze(t, "zlib", []byte(body)), "Content-Type", "application/json",
		"Content-Encoding", "deflate", "Authorization", asExchange)
	if got.status != 200 || len(rooms.ordered) != 1 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	o := rooms.ordered[0]
	if o.RequestUID != (taler.HashCode{1}) || o.Wtid != (taler.ShortHashCode{2}) || o.Amount.String() != "CHF:10.5" || o.Metadata != "batch-7" ||
		o.ExchangeBaseURL != "https://exchange.example/" || o.Creditor.String() != "payto://iban/SANDBOXX/DE89370400440532013000?receiver-name=A%20Shop" {
		t.Errorf("%+v", o)
	}
}

func TestTransferRefused(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{}, rooms)
	uid, wtid := taler.HashCode{1}.String(), taler.ShortHashCode{2}.String()
	for name, c := range map[string]struct{ old, new, symbol string }{
		"no request_uid":      {`"request_uid"`, `"request"`, "GENERIC_PARAMETER_MISSING"},
		"chocolate":           {uid, "I love chocolate", "GENERIC_PARAMETER_MALFORMED"},
		"request_uid, long":   {uid, taler.EncodeBase32(make([]byte, 65)), "GENERIC_PARAMETER_MALFORMED"},
		"wtid, short":         {wtid, taler.EncodeBase32(make([]byte, 31)), "GENERIC_PARAMETER_MALFORMED"},
		"no wtid":             {`"wtid"`, `"w"`, "GENERIC_PARAMETER_MISSING"},
		"no amount":           {`"amount"`, `"a"`, "GENERIC_PARAMETER_MISSING"},
		"amount":              {"CHF:10.50", "10.50", "BANK_BAD_FORMAT_AMOUNT"},
		"amount, zero":        {"CHF:10.50", "CHF:0.00", "GENERIC_PARAMETER_MALFORMED"},
		"amount, part cents":  {"CHF:10.50", "CHF:10.505", "GENERIC_PARAMETER_MALFORMED"},
		"amount, too big":     {"CHF:10.50", "CHF:4503599627370497", "BANK_NUMBER_TOO_BIG"},
		"other currency":      {"CHF:10.50", "EUR:10.50", "GENERIC_CURRENCY_MISMATCH"},
		"no name":             {"?receiver-name=A%20Shop", "", "GENERIC_PAYTO_URI_MALFORMED"},
		"no payto":            {"payto://", "https://", "GENERIC_PAYTO_URI_MALFORMED"},
		"payto of other kind": {"iban/DE89370400440532013000", "x-taler-bank/bank.example/shop", "GENERIC_PAYTO_URI_MALFORMED"},
		"URL":                 {"https://exchange.example/", "exchange.example", "GENERIC_PARAMETER_MALFORMED"},
		"URL, too long":       {"exchange.example", strings.Repeat("x", 80) + ".example", "GENERIC_PARAMETER_MALFORMED"},
		"URL, no bank's sign": {"https://exchange.example/", "https://exchange.example/a_b/", "GENERIC_PARAMETER_MALFORMED"},
		"QR-IBAN":             {"DE89370400440532013000", "CH4431999123000889012", "GENERIC_PAYTO_URI_MALFORMED"},
		"metadata":            {"batch-7", "batch 7", "GENERIC_PARAMETER_MALFORMED"},
		"metadata, long":      {"batch-7", strings.Repeat("x", 41), "GENERIC_PARAMETER_MALFORMED"},
		"twice":               {`"metadata"`, `"wtid":"","metadata"`, "GENERIC_JSON_INVALID"},
	} {
		body := strings.Replace(orderBody(), c.old, c.new, 1)
		if body == orderBody() {
			t.Fatalf("%s changes nothing", name)
		}
		got := h.ask("POST", wirePath+"/transfer", body, "Content-Type", "application/json", "Authorization", asExchange)
		if got.status != 400 || symbolOf(got) != c.symbol {
			t.Errorf("%s: %d %s, want %s", name, got.status, got.body, c.symbol)
		}
	}
	if len(rooms.ordered) > 0 {
		t.Errorf("the desk got %+v", rooms.ordered)
	}
	for _, path := range []string{"/transfers?status=sent", "/transfers?limit=0", "/transfers?offset=-1", "/transfers/0", "/transfers/x", "/transfers/1.5"} {
		if got := h.ask("GET", wirePath+path, "", "Authorization", asExchange); got.status != 400 || !strings.Contains(got.body, `"code":26,`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestTransferQueries(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{LongPollLimit: time.Minute}, rooms)
	h.ask("GET", wirePath+"/transfers?status=success&limit=7&offset=3", "", "Authorization", asExchange)
	want := bounce.OrderQuery{Status: bounce.PaymentSuccess, Page: bounce.Page{Limit: 7, Offset: 3, HasOffset: true}}
	if diff := cmp.Diff(want, rooms.wanted); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	h.ask("GET", wirePath+"/history/outgoing?delta=5&start=2&long_poll_ms=3000", "", "Authorization", asExchange)
	if diff := cmp.Diff([]bounce.Page{{Limit: 5, Offset: 2, HasOffset: true, Timeout: 3 * time.Second}}, rooms.pages); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
