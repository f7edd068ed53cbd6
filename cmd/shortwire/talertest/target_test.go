package talertest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shortwire/shortwire/migrations/testdb"
)

// target is one account of an adapter.
type target struct {
	wireGateway, revenue, prepared string
	authorization                  string
	creditAccount, debitAccount    string
	currency                       string
	bank                           string // where the binary takes reports of its bank; "" for other adapters
}

const (
	exchangeToken = "exchange-token-0123456789"
	bankToken     = "bank-token-0123456789ab"
)

const binaryConfig = `
listen = "127.0.0.1:0"
data_dir = "%s"
log_level = "error"
test_endpoints = true
[database]
url = "%s"
[proof_of_work]
enabled = false
[[account]]
name = "ch"
method = "ch-qrr"
currency = "CHF"
payto = "payto://iban/CH5204835012345671000?receiver-name=Example%%20Exchange"
qr_iban = "CH4431999123000889012"
[[account]]
name = "talk"
method = "ch-qrr"
currency = "CHF"
payto = "payto://iban/CH5204835999911110000?receiver-name=Example%%20Exchange"
qr_iban = "CH2331999123000889099"
[[account]]
name = "incoming"
method = "plain-key"
currency = "EUR"
payto = "payto://iban/DE89370400440532013000?receiver-name=Example%%20Exchange"
[[account]]
name = "revenue"
method = "plain-key"
currency = "EUR"
payto = "payto://iban/FR7630006000011234567890189?receiver-name=Example%%20Exchange"
[[account]]
name = "transfers"
method = "plain-key"
currency = "EUR"
payto = "payto://iban/NL91ABNA0417164300?receiver-name=Example%%20Exchange"
[[account]]
name = "outgoing"
method = "plain-key"
currency = "EUR"
payto = "payto://iban/BE68539007547034?receiver-name=Example%%20Exchange"
[[account]]
name = "held"
method = "iso11649"
currency = "EUR"
payto = "payto://iban/DE35370400440532013002?receiver-name=Example%%20Exchange"
[[account]]
name = "ingest"
method = "iso11649"
currency = "EUR"
payto = "payto://iban/DE62370400440532013001?receiver-name=Example%%20Exchange"
[[account]]
name = "priced"
method = "iso11649"
currency = "EUR"
payto = "payto://iban/AT611904300234573201?receiver-name=Example%%20Exchange"
[account.proof_of_work]
enabled = true
[[token]]
name = "exchange"
role = "exchange"
secret = "` + exchangeToken + `"
[[token]]
name = "bank"
role = "bank"
secret = "` + bankToken + `"
`

// The paytos of the accounts above, and of somebody who pays.
var creditors = map[string]string{
	"ch":        "payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange",
	"talk":      "payto://iban/CH5204835999911110000?receiver-name=Example%20Exchange",
	"incoming":  "payto://iban/DE89370400440532013000?receiver-name=Example%20Exchange",
	"revenue":   "payto://iban/FR7630006000011234567890189?receiver-name=Example%20Exchange",
	"transfers": "payto://iban/NL91ABNA0417164300?receiver-name=Example%20Exchange",
	"outgoing":  "payto://iban/BE68539007547034?receiver-name=Example%20Exchange",
	"held":      "payto://iban/DE35370400440532013002?receiver-name=Example%20Exchange",
	"ingest":    "payto://iban/DE62370400440532013001?receiver-name=Example%20Exchange",
	"priced":    "payto://iban/AT611904300234573201?receiver-name=Example%20Exchange",
}

const debtorIBAN = "payto://iban/SANDBOXX/CH9300762011623852957?receiver-name=Ada+L"

// binaryURL is that of the gateway that runs for all tests.
var binaryURL string

// foreign tells that another adapter is tested.
func foreign() bool { return os.Getenv("TALER_WIRE_GATEWAY") != "" }

// open returns the account of the binary, or the one of the environment.
func open(t *testing.T, account string) *target {
	t.Helper()
	if foreign() {
		return &target{
			wireGateway: os.Getenv("TALER_WIRE_GATEWAY"), revenue: os.Getenv("TALER_REVENUE"), prepared: os.Getenv("TALER_PREPARED_TRANSFER"),
			authorization: os.Getenv("TALER_AUTHORIZATION"),
			creditAccount: os.Getenv("TALER_CREDIT_ACCOUNT"), debitAccount: os.Getenv("TALER_DEBIT_ACCOUNT"),
			currency: currencyOf(t, os.Getenv("TALER_WIRE_GATEWAY"), os.Getenv("TALER_AUTHORIZATION")),
		}
	}
	base := binaryURL + "accounts/" + account + "/"
	g := &target{
		wireGateway: base + "taler-wire-gateway/", revenue: base + "taler-revenue/", prepared: base + "taler-prepared-transfer/",
		authorization: "Bearer " + exchangeToken, creditAccount: creditors[account], debitAccount: debtorIBAN, bank: base + "bank/",
	}
	g.currency = currencyOf(t, g.wireGateway, g.authorization)
	return g
}

// TestAdapter runs everything as parts of one test, for which one gateway runs.
func TestAdapter(t *testing.T) {
	if !foreign() {
		start(t)
	}
	for name, part := range map[string]func(*testing.T){
		"configs": configs, "logins": logins, "inventions": inventions, "repeated kyc": repeatedKYC,
		"incoming history": incomingHistory, "revenue history": revenueHistory, "paging refused": pagingRefused,
		"registrations": registrations, "registrations refused": registrationsRefused, "recurrent": recurrent, "one-shot": oneShot,
		"unregistrations": unregistrations, "mapped by transfer": mappedByTransfer, "subjects that bounce": subjectsThatBounce,
		"no proof": noProof, "compressed bodies": compressedBodies, "ingest": ingest, "conversations": conversations, "wallets": wallets, "web pages": webPages,
		"account check": accountCheck, "transfer": transfer, "transfer refused": transferRefused, "transfer raced": transferRaced,
		"transfers": transfers, "outgoing history": outgoingHistory,
	} {
		t.Run(name, func(t *testing.T) {
			if !foreign() { // which has one account for all
				t.Parallel()
			}
			part(t)
		})
	}
}

// start builds and starts the binary on a database of its own.
func start(t *testing.T) {
	dir := t.TempDir()
	program, file, ready := filepath.Join(dir, "shortwire"), filepath.Join(dir, "c.toml"), filepath.Join(dir, "ready")
	if out, err := exec.Command("go", "build", "-o", program, "..").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.WriteFile(file, fmt.Appendf(nil, binaryConfig, dir, testdb.New(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	serve := exec.Command(program, "serve", "-c", file, "--ready-file", ready)
	serve.Stderr = os.Stderr
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = serve.Process.Signal(syscall.SIGTERM)
		if err := serve.Wait(); err != nil {
			t.Errorf("the gateway ended with %v", err)
		}
	})
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if url, err := os.ReadFile(ready); err == nil {
			binaryURL = strings.TrimSpace(string(url))
			return
		}
	}
	t.Fatal("the gateway is not ready after a minute")
}
