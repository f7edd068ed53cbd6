package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/gateway"
	"github.com/shortwire/shortwire/gateway/nzcsv"
	"github.com/shortwire/shortwire/plugins"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
)

// story posts a file for people whose subjects stand in it as @alice@ (mapped)
// and @bob@ (not mapped), twice, and keeps what every entry becomes. Posted
// again it must change nothing.
func story(t *testing.T, account subjects.Account, files gateway.BankFiles, kind, name string) {
	t.Helper()
	h := bouncetest.New(t, account)
	text, err := os.ReadFile(filepath.Join("testdata", "files", name))
	if err != nil {
		t.Fatal(err)
	}
	file := fill(string(text), "@alice@", told(t, h, account.Name, "alice", true))
	file = fill(file, "@bob@", told(t, h, account.Name, "bob", false))
	door := bankDoor(t, h, map[string]gateway.Bank{account.Name: {Files: files}})
	cut := file[:len(file)*2/3]
	if answer := postAs(t, door, account.Name, kind, []byte(cut)); !strings.HasPrefix(answer, "refused 400 BANK_MESSAGE_INVALID: line ") {
		t.Errorf("cut: %s", answer)
	}
	if n := h.Count(t, `SELECT count(*) FROM transfers`); n != 0 {
		t.Errorf("%d transfers of a file that was refused are stored", n)
	}
	first := postAs(t, door, account.Name, kind+"; charset=iso-8859-1", []byte(file))
	golden(t, name+".golden", numbered(first))
	stored := h.Count(t, `SELECT count(*) FROM transfers`)
	if want := strings.Count(first, "\n") - strings.Count(first, ": ignored"); stored != want {
		t.Errorf("%d transfers are stored, want %d", stored, want)
	}
	again := postAs(t, door, account.Name, kind, []byte(file))
	for line := range strings.Lines(again) {
		if !strings.Contains(line, "(replay)") && !strings.Contains(line, ": ignored") {
			t.Errorf("posted again: %s", line)
		}
	}
}

// fill puts a subject in the place of a name, with the blanks behind it: columns
// stay where they are.
func fill(file, name, subject string) string {
	padded := name + strings.Repeat(" ", max(0, len(subject)-len(name)))
	return strings.ReplaceAll(strings.ReplaceAll(file, padded, subject), name, subject)
}

// numbered gives digests, which hang on the subjects of this run, the numbers in
// which they come.
func numbered(answer string) string {
	seen := map[string]string{}
	return regexp.MustCompile(`[0-9a-f]{32}`).ReplaceAllStringFunc(answer, func(d string) string {
		if seen[d] == "" {
			seen[d] = fmt.Sprintf("digest%d", len(seen)+1)
		}
		return seen[d]
	})
}

// told registers somebody and returns the short text that payers write.
func told(t *testing.T, h *bouncetest.House, account, name string, mapped bool) string {
	t.Helper()
	w := bouncetest.NewWallet(name)
	g := h.Register(t, account, w)
	if mapped {
		h.Map(t, account, w, bouncetest.Reserve(name), time.Now())
	}
	if text := g.Subjects[0].Reference + g.Subjects[0].Subject; text != "" {
		return text
	}
	t.Fatalf("no text in %+v", g.Subjects[0])
	return ""
}

func TestBankFilesNZCSV(t *testing.T) {
	t.Parallel()
	for _, d := range []nzcsv.Dialect{nzcsv.ANZ, nzcsv.ASB, nzcsv.BNZ, nzcsv.Kiwibank} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			story(t, bouncetest.NZ(), gateway.BankFiles{CSV: d, CSVWholeDays: true}, "text/csv", string(d)+".csv")
		})
	}
}

func TestBankFilesMT940(t *testing.T) {
	t.Parallel()
	story(t, bouncetest.X(), gateway.BankFiles{}, "application/vnd.swift.mt940", "mt940.sta")
}

func TestBankFilesBgMax(t *testing.T) {
	t.Parallel()
	account := bouncetest.Base("se", "SEK", "payto://iban/SE4550000000058398257466?receiver-name=Example%20Exchange")
	method, err := plugins.New("numeric", wire.Settings{
		Account: "se", Payto: account.Payto, Currency: "SEK",
		Parameters: map[string]string{"scheme": "se-ocr", "digits": "14", "biller": "5050-1055"},
	})
	if err != nil {
		t.Fatal(err)
	}
	account.Method = method
	story(t, account, gateway.BankFiles{Bankgiro: "5050-1055"}, "application/vnd.bankgirot.bgmax", "bgmax.txt")
}

// Without the operator's word for its references CSV is not read.
func TestBankFilesNZCSVNotSetUp(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.NZ())
	for name, c := range map[string]struct {
		files gateway.BankFiles
		want  string
	}{
		"no bank":    {gateway.BankFiles{}, "bank_csv"},
		"no promise": {gateway.BankFiles{CSV: nzcsv.ANZ}, "csv_whole_days"},
	} {
		answer := postAs(t, bankDoor(t, h, map[string]gateway.Bank{"nz": {Files: c.files}}), "nz", "text/csv", []byte("Type,Details\n"))
		if !strings.HasPrefix(answer, "refused 415 UNSUPPORTED_MEDIA_TYPE: ") || !strings.Contains(answer, c.want) {
			t.Errorf("%s: %s", name, answer)
		}
	}
}

// TestT1_CSVOfAnUnfinishedDay: a file from the middle of a day, and then the
// whole day in another order, credit each payment once.
func TestT1_CSVOfAnUnfinishedDay(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.NZ())
	subject := told(t, h, "nz", "bob", false)
	door := bankDoor(t, h, map[string]gateway.Bank{"nz": {Files: gateway.BankFiles{CSV: nzcsv.ANZ, CSVWholeDays: true}}})
	head := "Type,Details,Particulars,Code,Reference,Amount,Date,ForeignCurrencyAmount,ConversionCharge\n"
	row := func(amount int) string {
		return fmt.Sprintf("Direct Credit,B Payer,,,%s,%d.00,22/11/2026,,\n", subject, amount)
	}
	for _, step := range []struct {
		file   string
		stored int
	}{
		{row(5) + row(7), 2},
		{row(7) + row(5) + row(5), 3},
		{row(5) + row(9) + row(5) + row(7), 4},
		{row(7), 4},
	} {
		answer := postAs(t, door, "nz", "text/csv", []byte(head+step.file))
		if n := h.Count(t, `SELECT count(*) FROM transfers`); n != step.stored || strings.Contains(answer, "CONFLICT") {
			t.Errorf("%d transfers are stored, want %d:\n%s", n, step.stored, answer)
		}
	}
}

// A bounce leaves by direct credit, and the account export that shows it booked
// confirms it, as one that shows it back tells a person.
func TestDirectCreditsThereAndBack(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.NZ())
	door := bankDoor(t, h, map[string]gateway.Bank{"nz": {Files: gateway.BankFiles{CSV: nzcsv.BNZ, CSVWholeDays: true}, DirectCredits: true}})
	const head = "Date,Amount,Payee,Particulars,Code,Reference,Tran Type,This Party Account,Other Party Account,Serial,Transaction Code,Batch Number,Originating Bank/Branch,Processed Date\n"
	row := func(amount, fields string) string {
		return head + "22/11/26," + amount + ",C PAYER," + fields + ",DC,01-0902-0068389-00,12-3456-1602757-59,,50,4312,12-3456,22/11/26\n"
	}
	if answer := postAs(t, door, "nz", "text/csv", []byte(row("21.00", "HELLO,,"))); !strings.Contains(answer, ": bounced malformed") {
		t.Fatal(answer)
	}
	order := strings.Split(getOrder(t, door, http.StatusOK), "\r\n")
	if len(order) != 4 || !strings.HasPrefix(order[0], "1,,,,0109020068389000,7,") {
		t.Fatal(order)
	}
	getOrder(t, door, http.StatusNoContent)
	credit := strings.Split(order[1], ",")
	fields := strings.ToLower(credit[12] + "," + credit[10] + "," + credit[11])
	for _, step := range []struct{ amount, want string }{
		{"-21.00", ": paid "}, {"-21.00", ": paid "}, {"21.00", ": manual returned"},
	} {
		if answer := postAs(t, door, "nz", "text/csv", []byte(row(step.amount, fields))); !strings.Contains(answer, step.want) {
			t.Errorf("%s: %s", step.amount, answer)
		}
	}
	if n := h.Count(t, `SELECT count(*) FROM payments WHERE status = 'success'`); n != 1 {
		t.Errorf("%d payments are a success", n)
	}
}

// getOrder leases what can be paid by direct credit.
func getOrder(t *testing.T, door string, want int) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, door+"/accounts/nz/bank/outgoing", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/csv")
	request.Header.Set("Authorization", "Bearer "+secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != want {
		t.Fatalf("%d %s, %v", response.StatusCode, text, err)
	}
	if name := response.Header.Get("Shortwire-Message-Id"); want == http.StatusOK && len(name) != 34 {
		t.Errorf("the lease is called %q", name)
	}
	return string(text)
}
