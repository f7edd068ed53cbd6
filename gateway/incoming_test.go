package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/gateway/bankfile"
)

// results posts a body and returns the outcomes.
func (h *house) results(contentType, body string) []resultBody {
	h.t.Helper()
	got := h.ask("POST", "/accounts/ch/bank/incoming", body, "Content-Type", contentType, "Authorization", asBank)
	if got.status != 200 {
		h.t.Fatalf("%d %s", got.status, got.body)
	}
	var answer struct{ Results []resultBody }
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
		h.t.Fatal(err)
	}
	return answer.Results
}

// Results come in the order of the items over all chunks, and a bad item
// takes nothing away from the others.
func TestIncomingKeepsOrder(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{typeJSON, typeNDJSON} {
		rooms := newRooms(t)
		h := open(t, Config{}, rooms)
		var items []string
		for i := range 2*chunk + 500 {
			value := `"CHF:1"`
			if i%7 == 3 {
				value = `"nothing"`
			}
			items = append(items, fmt.Sprintf(`{"bank_ref":"R%d","amount":%s}`, i, value))
		}
		body := `{"transfers":[` + strings.Join(items, ",") + `]}`
		if kind == typeNDJSON {
			body = strings.Join(items, "\n")
		}
		results := h.results(kind, body)
		if len(results) != len(items) {
			t.Fatalf("%s: %d results for %d items", kind, len(results), len(items))
		}
		for i, r := range results {
			want := "credited"
			if i%7 == 3 {
				want = "error"
			}
			if r.BankRef != fmt.Sprintf("R%d", i) || r.Outcome != want {
				t.Fatalf("%s: result %d is %+v", kind, i, r)
			}
		}
		if len(rooms.batches) != 3 {
			t.Errorf("%s: the desk got %d batches, want 3", kind, len(rooms.batches))
		}
	}
}

func TestIncomingItems(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	h := open(t, Config{}, rooms)
	for name, c := range map[string]struct{ item, symbol string }{
		"no bank_ref":       {`{"amount":"CHF:1"}`, "GENERIC_PARAMETER_MISSING"},
		"empty bank_ref":    {`{"bank_ref":"","amount":"CHF:1"}`, "GENERIC_PARAMETER_MISSING"},
		"null bank_ref":     {`{"bank_ref":null,"amount":"CHF:1"}`, "GENERIC_PARAMETER_MISSING"},
		"other case":        {`{"Bank_Ref":"R","amount":"CHF:1"}`, "GENERIC_PARAMETER_MISSING"},
		"long bank_ref":     {`{"bank_ref":"` + strings.Repeat("é", 101) + `","amount":"CHF:1"}`, "GENERIC_PARAMETER_MALFORMED"},
		"newline in it":     {`{"bank_ref":"R\nS","amount":"CHF:1"}`, "GENERIC_PARAMETER_MALFORMED"},
		"raw control":       {"{\"bank_ref\":\"R\x01\",\"amount\":\"CHF:1\"}", "GENERIC_JSON_INVALID"},
		"not UTF-8":         {"{\"bank_ref\":\"R\xff\",\"amount\":\"CHF:1\"}", "GENERIC_JSON_INVALID"},
		"not UTF-8, nested": {"{\"bank_ref\":\"R\",\"amount\":\"CHF:1\",\"x\":{\"y\":\"\xff\"}}", "GENERIC_JSON_INVALID"},
		"number as amount":  {`{"bank_ref":"R","amount":1}`, "GENERIC_JSON_INVALID"},
		"no amount":         {`{"bank_ref":"R"}`, "GENERIC_PARAMETER_MISSING"},
		"amount too big":    {`{"bank_ref":"R","amount":"CHF:9999999999999999"}`, "BANK_NUMBER_TOO_BIG"},
		"negative amount":   {`{"bank_ref":"R","amount":"CHF:-1"}`, "BANK_BAD_FORMAT_AMOUNT"},
		"debtor":            {`{"bank_ref":"R","amount":"CHF:1","debtor":"CH93"}`, "GENERIC_PAYTO_URI_MALFORMED"},
		"date":              {`{"bank_ref":"R","amount":"CHF:1","value_date":"20.11.2026"}`, "GENERIC_PARAMETER_MALFORMED"},
		"no such day":       {`{"bank_ref":"R","amount":"CHF:1","value_date":"2026-02-30"}`, "GENERIC_PARAMETER_MALFORMED"},
		"remittance":        {`{"bank_ref":"R","amount":"CHF:1","remittance":"text"}`, "GENERIC_JSON_INVALID"},
		"lines":             {`{"bank_ref":"R","amount":"CHF:1","remittance":{"unstructured":["a",1]}}`, "GENERIC_JSON_INVALID"},
		"NUL":               {`{"bank_ref":"R","amount":"CHF:1","remittance":{"unstructured":["a\u0000"]}}`, "GENERIC_PARAMETER_MALFORMED"},
		"array":             {`["R","CHF:1"]`, "GENERIC_JSON_INVALID"},
		"null":              {`null`, "GENERIC_JSON_INVALID"},
		"twice":             {`{"bank_ref":"R","amount":"CHF:1","amount":"CHF:2"}`, "GENERIC_JSON_INVALID"},
	} {
		good := `{"bank_ref":"G","amount":"CHF:1","value_date":"2026-11-20","unheard":[{}],"remittance":{"unstructured":["a\tb\r\nc"],"code":null}}`
		results := h.results(typeJSON, `{"transfers":[`+good+`,`+c.item+`,`+good+`]}`)
		if len(results) != 3 || results[0].Outcome != "credited" || results[2].Outcome != "credited" {
			t.Errorf("%s: the others suffered: %+v", name, results)
			continue
		}
		if r := results[1]; r.Outcome != "error" || r.Error.Error != c.symbol {
			t.Errorf("%s: %+v %+v, want %s", name, r, r.Error, c.symbol)
		}
	}
	for _, batch := range rooms.batches {
		if len(batch) != 2 {
			t.Errorf("the desk got %d transfers, want the two good ones", len(batch))
		}
	}
}

// Of a body that is damaged as a whole nothing is stored.
func TestIncomingDamaged(t *testing.T) {
	t.Parallel()
	item := `{"bank_ref":"R","amount":"CHF:1"}`
	many := strings.Repeat(item+",", 1500)
	camt, err := os.ReadFile(filepath.Join("camt", "testdata", "references_v08.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		kind, body, symbol string
		status             int
	}{
		"cut":                    {typeJSON, `{"transfers":[` + many + item, "GENERIC_JSON_INVALID", 400},
		"more behind":            {typeJSON, `{"transfers":[` + many + item + `]} x`, "GENERIC_JSON_INVALID", 400},
		"broken item":            {typeJSON, `{"transfers":[` + many + `{bank_ref:"R"}]}`, "GENERIC_JSON_INVALID", 400},
		"transfers twice":        {typeJSON, `{"transfers":[` + many + item + `],"transfers":[]}`, "GENERIC_JSON_INVALID", 400},
		"other member twice":     {typeJSON, `{"transfers":[` + many + item + `],"a":1,"a":1}`, "GENERIC_JSON_INVALID", 400},
		"no transfers":           {typeJSON, `{}`, "GENERIC_PARAMETER_MISSING", 400},
		"null transfers":         {typeJSON, `{"transfers":null}`, "GENERIC_PARAMETER_MISSING", 400},
		"transfers is an object": {typeJSON, `{"transfers":{}}`, "GENERIC_JSON_INVALID", 400},
		"a bare array":           {typeJSON, `[` + item + `]`, "GENERIC_JSON_INVALID", 400},
		"cut last line":          {typeNDJSON, item + "\n" + item[:20], "UPLOAD_TRUNCATED", 400},
		"cut XML":                {typeXML, string(camt[:len(camt)-40]), "BANK_MESSAGE_INVALID", 400},
		"DTD":                    {typeTextXML, `<!DOCTYPE x>` + string(camt), "BANK_MESSAGE_INVALID", 400},
		"other XML":              {typeXML, `<html/>`, "BANK_MESSAGE_INVALID", 400},
		"empty XML":              {typeXML, ``, "BANK_MESSAGE_INVALID", 400},
		"CSV":                    {"text/csv", `a;b`, "UNSUPPORTED_MEDIA_TYPE", 415},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rooms := newRooms(t)
			got := open(t, Config{}, rooms).ask("POST", "/accounts/ch/bank/incoming", c.body, "Content-Type", c.kind, "Authorization", asBank)
			if got.status != c.status || symbolOf(got) != c.symbol {
				t.Errorf("%d %s, want %d %s", got.status, got.body, c.status, c.symbol)
			}
			if len(rooms.batches) != 0 {
				t.Errorf("%d batches were stored", len(rooms.batches))
			}
		})
	}
}

func TestIncomingLines(t *testing.T) {
	t.Parallel()
	h := open(t, Config{}, newRooms(t))
	good := `{"bank_ref":"G","amount":"CHF:1"}`
	results := h.results(typeNDJSON, good+"\r\n \n"+good+" x\n"+good+good+"\n\xef\xbb\xbf"+good+"\n"+good)
	var got []string
	for _, r := range results {
		line := r.Outcome
		if r.Error != nil {
			line, _, _ = strings.Cut(r.Error.Detail, ":")
		}
		got = append(got, line)
	}
	if want := "credited line 3 line 4 line 5 credited"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if none := h.results(typeNDJSON, ""); len(none) != 0 {
		t.Errorf("an empty file gives %v", none)
	}
}

// An error of the store in a later chunk fails the whole request: the job
// posts it again and the first chunk answers as a replay.
func TestIncomingStoreFailsLate(t *testing.T) {
	t.Parallel()
	rooms := newRooms(t)
	away := errors.New("connection reset")
	rooms.receive = func(t []bounce.Transfer) ([]bounce.Result, error) {
		if len(rooms.batches) > 1 {
			return nil, away
		}
		return make([]bounce.Result, len(t)), nil
	}
	h := open(t, Config{Unavailable: func(err error) bool { return errors.Is(err, away) }}, rooms)
	got := h.ask("POST", "/accounts/ch/bank/incoming", string(benchmarkBody(1500)), "Content-Type", typeJSON, "Authorization", asBank)
	if got.status != 503 || got.header.Get("Retry-After") == "" {
		t.Errorf("%d %.200s", got.status, got.body)
	}
}

// A camt file in small and, behind a long comment, in a spooled form.
func TestIncomingCamt(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"debits_v04.xml", "flags_v08.xml", "references_v08.xml"} {
		text, err := os.ReadFile(filepath.Join("camt", "testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		long := string(text) + strings.Repeat("<!-- "+strings.Repeat("x", 1000)+" -->\n", 2000)
		rooms, small := newRooms(t), newRooms(t)
		big := open(t, Config{SpoolDir: t.TempDir()}, rooms).results(typeXML, long)
		got := open(t, Config{}, small).results(typeTextXML+"; charset=utf-8", string(text))
		if fmt.Sprintf("%+v", big) != fmt.Sprintf("%+v", got) || len(got) == 0 {
			t.Errorf("%s: spooled and not spooled differ:\n%+v\n%+v", file, big, got)
		}
		stored := 0
		for _, r := range got {
			switch r.Outcome {
			case "credited":
				stored++
			case outcomeIgnored:
				if r.Reason == "" {
					t.Errorf("%s: ignored without a reason: %+v", file, r)
				}
			default:
				t.Errorf("%s: %+v", file, r)
			}
		}
		if len(small.batches) > 0 && stored != len(small.batches[0]) {
			t.Errorf("%s: %d results of %d transfers", file, stored, len(small.batches[0]))
		}
	}
}

func TestIncomingCamtExceptions(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("camt", "testdata", "flags_v08.xml"))
	if err != nil {
		t.Fatal(err)
	}
	rooms := newRooms(t)
	open(t, Config{}, rooms).results(typeXML, string(text))
	flagged := 0
	for _, transfer := range rooms.batches[0] {
		if transfer.Exception == bounce.ReasonBankFlag {
			flagged++
		}
	}
	if flagged == 0 {
		t.Error("no transfer carries the bank's flag to the desk")
	}
}

// Entries for another IBAN than the account's own ones are not ours.
func TestIncomingCamtOtherAccount(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("camt", "testdata", "references_v08.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for iban, ours := range map[string]bool{"CH5204835012345671000": true, "CH9300762011623852957": false} {
		rooms := newRooms(t)
		config := Config{OwnIBANs: map[string][]string{"ch": {iban}, "nz": {"CH5204835012345671000"}}}
		for _, r := range open(t, config, rooms).results(typeXML, string(text)) {
			if ours && r.Reason == string(bankfile.ReasonOtherAccount) || !ours && r.Outcome == "credited" {
				t.Errorf("own IBAN %s: %+v", iban, r)
			}
		}
		if ours != (len(rooms.batches) > 0) {
			t.Errorf("own IBAN %s: %d batches", iban, len(rooms.batches))
		}
	}
}

func TestIncomingTestFile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("camt", "testdata", "references_v08.xml"))
	if err != nil {
		t.Fatal(err)
	}
	rooms := newRooms(t)
	for _, r := range open(t, Config{}, rooms).results(typeXML, strings.Replace(string(text), "/PROD<", "/TEST<", 1)) {
		if r.Outcome != outcomeIgnored || r.Reason != string(bankfile.ReasonTestFile) {
			t.Errorf("%+v", r)
		}
	}
	if len(rooms.batches) != 0 {
		t.Error("a test file was stored")
	}
}
