package config

import (
	"crypto/sha256"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/subjects/taler"
)

const oneAccount = `
[[account]]
name = "ch"
method = "ch-qrr"
currency = "CHF"
payto = "payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange"
`

func environment(variables map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, found := variables[name]
		return value, found
	}
}

func parse(t *testing.T, text string, variables map[string]string) *Config {
	t.Helper()
	c, err := Parse("/etc/shortwire/shortwire.toml", []byte(text), environment(variables))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// write makes a file of the given mode, whatever the umask is.
func write(t *testing.T, name, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

func TestParse_DefaultsAreThoseOfTheManual(t *testing.T) {
	t.Parallel()
	got := parse(t, oneAccount, nil)
	got.origin = nil
	payto, err := taler.ParsePayto("payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange")
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Listen:                      "127.0.0.1:8080",
		DataDir:                     "/etc/shortwire/data",
		LogLevel:                    slog.LevelInfo,
		LegacySubjects:              true,
		BankBodyLimit:               16777216,
		LongPollLimit:               60 * time.Second,
		OutgoingLease:               5 * time.Minute,
		Retention:                   730 * 24 * time.Hour,
		MinimumRegistrationLifetime: 24 * time.Hour,
		Database:                    Database{StatementCache: "cache_statement"},
		ProofOfWork:                 defaultProofOfWork(),
		VerifierQueue:               16,
		Accounts: []Account{{
			Name: "ch", Method: "ch-qrr", Currency: "CHF", Payto: payto,
			RegistrationLifetime:   2160 * time.Hour,
			MinimumExtensionAmount: taler.Amount{Currency: "CHF", Value: 1},
			Quarantine:             720 * time.Hour,
			CrowdedLifetime:        336 * time.Hour,
			UnusedQuarantine:       336 * time.Hour,
			HoldDelay:              168 * time.Hour,
			LegacySubjects:         true,
			MT940Reference:         "bank",
			BankCharset:            "utf-8",
			PaymentOrder:           "pain.001.001.09",
			CreditMessages:         []string{"camt.054"},
			ProofOfWork:            defaultProofOfWork(),
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// every.toml gives each key a value that is not its default.
func TestLoad_ReadsEveryKey(t *testing.T) {
	t.Parallel()
	c, err := Load("testdata/every.toml", nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/every.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range allKeys() {
		if !strings.Contains(string(text), "\n"+key+" = ") {
			t.Errorf("every.toml lacks %s", key)
		}
	}
	var dump strings.Builder
	if err := c.Dump(&dump); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "testdata/every.golden", dump.String())
}

// allKeys are those of all tables but the ways to give a secret.
func allKeys() []string {
	var names []string
	for _, settings := range [][]setting{
		new(Config).settings(), new(Database).settings(), new(Config).proofSettings(),
		new(Account).settings(), new(Token).settings(),
	} {
		names = append(names, keys(settings)...)
	}
	return names
}

func TestParse_AccountsOverrideTheTopLevel(t *testing.T) {
	t.Parallel()
	c := parse(t, "legacy_subjects = false\n"+oneAccount+"legacy_subjects = true\nqr_iban = \"CH4431999123000889012\"\n"+
		strings.NewReplacer(`"ch"`, `"second"`, "CH5204835012345671000", "DE89370400440532013000").Replace(oneAccount), nil)
	if !c.Accounts[0].LegacySubjects || c.Accounts[1].LegacySubjects {
		t.Errorf("got %v and %v, want true and false", c.Accounts[0].LegacySubjects, c.Accounts[1].LegacySubjects)
	}
	if got := c.Accounts[0].Parameters; len(got) != 1 || got["qr_iban"] != "CH4431999123000889012" {
		t.Errorf("parameters %v", got)
	}
}

func TestParse_EnvironmentWinsOverTheFile(t *testing.T) {
	t.Parallel()
	text := "listen = \":1\"\ndata_dir = \"from-file\"\n[database]\nurl_file = \"nowhere\"\n" + oneAccount
	c := parse(t, text, map[string]string{
		"SHORTWIRE_LISTEN":                   ":2",
		"SHORTWIRE_DATA_DIR":                 "from-environment",
		"SHORTWIRE_BASE_URL":                 "https://wire.example/gateway",
		"SHORTWIRE_LOG_LEVEL":                "debug",
		"SHORTWIRE_LEGACY_SUBJECTS":          "false",
		"SHORTWIRE_BANK_BODY_LIMIT":          "1MiB",
		"SHORTWIRE_LONG_POLL_LIMIT":          "",
		"SHORTWIRE_DATABASE_URL":             "postgres://db/shortwire",
		"SHORTWIRE_DATABASE_MAX_CONNECTIONS": "20",
	})
	got := []any{c.Listen, c.DataDir, c.BaseURL, c.LogLevel, c.LegacySubjects, c.BankBodyLimit,
		c.LongPollLimit, c.Database.URL, c.Database.MaxConnections}
	want := []any{":2", "from-environment", "https://wire.example/gateway/", slog.LevelDebug, false, int64(1 << 20),
		time.Minute, "postgres://db/shortwire", 20}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestParse_EnvironmentAloneIsEnoughBesideAccounts(t *testing.T) {
	t.Parallel()
	_, err := Parse("empty.toml", nil, environment(map[string]string{"SHORTWIRE_LISTEN": ":80"}))
	if err == nil || !strings.Contains(err.Error(), "there is no account") {
		t.Errorf("got %v", err)
	}
}

func TestParse_NamesTheVariableThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := Parse("shortwire.toml", []byte(oneAccount), environment(map[string]string{
		"SHORTWIRE_LISTEN":                   "8080",
		"SHORTWIRE_TEST_ENDPOINTS":           "maybe",
		"SHORTWIRE_DATABASE_MAX_CONNECTIONS": "many",
	}))
	if err == nil {
		t.Fatal("no error")
	}
	checkGolden(t, "testdata/environment.golden", err.Error()+"\n")
}

func TestLoad_SaysHowToMakeAMissingFile(t *testing.T) {
	t.Parallel()
	_, err := Load(filepath.Join(t.TempDir(), "shortwire.toml"), nil)
	if err == nil || !strings.Contains(err.Error(), "shortwire config init") {
		t.Errorf("got %v", err)
	}
}

func TestLoad_FilesBesideTheConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := "0123456789abcdef0123"
	write(t, filepath.Join(dir, "bank.token"), secret+"\r\n", 0o640)
	write(t, filepath.Join(dir, "url"), "postgres://user:pass@db/shortwire\n", 0o600)
	path := filepath.Join(dir, "shortwire.toml")
	write(t, path, "[database]\nurl_file = \"url\"\n"+oneAccount+
		"[[token]]\nname = \"bank\"\nrole = \"bank\"\nsecret_file = \"bank.token\"\n", 0o644)
	c, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Database.URL != "postgres://user:pass@db/shortwire" {
		t.Errorf("database.url is %q", c.Database.URL)
	}
	if c.Tokens[0].SecretSHA256 != sha256.Sum256([]byte(secret)) {
		t.Error("the hash is not that of the secret without its line end")
	}
	if c.DataDir != filepath.Join(dir, "data") {
		t.Errorf("data_dir is %q", c.DataDir)
	}
}

func TestValidate_OfWhatWasNotLoaded(t *testing.T) {
	t.Parallel()
	c := parse(t, oneAccount, nil)
	if err := c.Validate(); err != nil {
		t.Errorf("what Parse returned is refused: %v", err)
	}
	var unset Config
	err := unset.Validate()
	for _, key := range []string{"listen: ", "data_dir: ", "long_poll_limit: ", "there is no account"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%q is missing in %v", key, err)
		}
	}
}

func TestS3_LifetimeIsNeverBelowTheConfiguredMinimum(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lifetime, minimum string
		ok                bool
	}{{"24h", "24h", true}, {"23h59m", "24h", false}, {"1s", "1s", true}, {"90d", "2161h", false}} {
		text := "minimum_registration_lifetime = \"" + c.minimum + "\"\n" + oneAccount + "registration_lifetime = \"" + c.lifetime + "\"\n"
		if _, err := Parse("shortwire.toml", []byte(text), nil); (err == nil) != c.ok {
			t.Errorf("life %s, minimum %s: got %v", c.lifetime, c.minimum, err)
		}
	}
}
