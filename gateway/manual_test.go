package gateway

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/bounce"
)

// Decisions reach the desk with the name of the token, whatever way it came.
func TestDecisionsReachTheDesk(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{}, rooms)
	payto := "payto://iban/DE89370400440532013000?receiver-name=Ada"
	for path, body := range map[string]string{
		"/credit":    `{"reason":"a","type":"kyc","account_pub":"` + exampleKey + `"}`,
		"/bounce":    `{"reason":"b","creditor":"` + payto + `"}`,
		"/write-off": `{"reason":"c"}`,
	} {
		rooms.decisions = nil
		h.ask("POST", "/admin/manual/5"+path, body, "Content-Type", "application/json", "Authorization", asOperator)
		want := map[string]string{"/credit": "5 kyc " + exampleKey + " by the-operator: a", "/bounce": "5 to " + payto + " by the-operator: b",
			"/write-off": "5 written off by the-operator: c"}[path]
		if diff := cmp.Diff([]string{want}, rooms.decisions); diff != "" {
			t.Errorf("%s: -want +got\n%s", path, diff)
		}
	}
	h.ask("GET", "/admin/manual?account=ch&limit=5000&offset=12", "", "Authorization", asOperator)
	if diff := cmp.Diff(bounce.CaseQuery{Account: "ch", Limit: 1024, Offset: 12}, rooms.caseQuery); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestDecisionsRefused(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{}, rooms)
	for name, c := range map[string]struct{ path, body, symbol string }{
		"no reason":      {"/admin/manual/1/write-off", `{}`, "GENERIC_PARAMETER_MISSING"},
		"long reason":    {"/admin/manual/1/write-off", `{"reason":"` + strings.Repeat("é", 501) + `"}`, "GENERIC_PARAMETER_MALFORMED"},
		"control signs":  {"/admin/manual/1/write-off", `{"reason":"a\u0000"}`, "GENERIC_PARAMETER_MALFORMED"},
		"no id":          {"/admin/manual/x/write-off", `{"reason":"a"}`, "GENERIC_PARAMETER_MALFORMED"},
		"id of zero":     {"/admin/manual/0/bounce", `{"reason":"a"}`, "GENERIC_PARAMETER_MALFORMED"},
		"no type":        {"/admin/manual/1/credit", `{"reason":"a","account_pub":"` + exampleKey + `"}`, "GENERIC_PARAMETER_MISSING"},
		"a wad":          {"/admin/manual/1/credit", `{"reason":"a","type":"wad"}`, "GENERIC_PARAMETER_MALFORMED"},
		"no key":         {"/admin/manual/1/credit", `{"reason":"a","type":"kyc"}`, "GENERIC_PARAMETER_MISSING"},
		"no point":       {"/admin/manual/1/credit", `{"reason":"a","type":"kyc","account_pub":"` + strings.Repeat("Z", 52) + `"}`, "GENERIC_PARAMETER_MALFORMED"},
		"no name":        {"/admin/manual/1/bounce", `{"reason":"a","creditor":"payto://iban/DE89370400440532013000"}`, "GENERIC_PAYTO_URI_MALFORMED"},
		"no payto":       {"/admin/manual/1/bounce", `{"reason":"a","creditor":"DE89370400440532013000"}`, "GENERIC_PAYTO_URI_MALFORMED"},
		"bad list":       {"/admin/manual?limit=0", "", "GENERIC_PARAMETER_MALFORMED"},
		"bad account":    {"/admin/manual?account=%00", "", "GENERIC_PARAMETER_MALFORMED"},
		"bad log offset": {"/admin/manual/log?offset=-1", "", "GENERIC_PARAMETER_MALFORMED"},
	} {
		method := "POST"
		if c.body == "" {
			method = "GET"
		}
		got := h.ask(method, c.path, c.body, "Content-Type", "application/json", "Authorization", asOperator)
		if got.status != 400 || symbolOf(got) != c.symbol {
			t.Errorf("%s: %d %s, want %s", name, got.status, got.body, c.symbol)
		}
	}
	if len(rooms.decisions) > 0 {
		t.Errorf("the desk got %q", rooms.decisions)
	}
}
