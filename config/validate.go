package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shortwire/shortwire/gateway/camt"
	"github.com/shortwire/shortwire/subjects/taler"
)

const (
	maxHoldDelay     = 30 * day // banks take a credit back or ask about it within weeks
	maxLongPoll      = time.Hour
	maxLease         = day
	minRetention     = 90 * day // every deadline of a held transfer is long over
	minBankBodyLimit = 4 << 10  // the limit of wallets
	maxBankBodyLimit = 1 << 30
)

// namePattern is that of accounts and tokens. It needs no escaping in a URL, a
// log line or the user name of Basic authentication.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

const nameAdvice = `write 1 to 32 of a-z, 0-9 and "-", with no "-" in front`

// Validate returns every problem of the configuration, each one sentence that
// says what to do, joined with errors.Join; nil when there are none. What
// Load and Parse return is valid already.
func (c *Config) Validate() error {
	p := newProblems(c.origin)
	c.check(p)
	return p.err()
}

func (c *Config) check(p *problems) {
	c.checkListeners(p)
	c.checkLimits(p)
	c.Database.check(p)
	if c.Database.URL == "" && c.DataDir == "" {
		p.add("data_dir", "data_dir: name a folder for the private database, or set database.url")
	}
	if len(c.Accounts) == 0 {
		p.add("account", "there is no account; add a table [[account]] with name, method, currency and payto")
	}
	c.checkAccounts(p)
	c.checkProofs(p)
	c.checkTokens(p)
}

func (c *Config) checkListeners(p *problems) {
	if !validListen(c.Listen) {
		p.add("listen", `listen: write host:port, such as "127.0.0.1:8080", or "unix:/path/of/socket"`)
	}
	switch {
	case c.InternalListen == "":
	case !validListen(c.InternalListen):
		p.add("internal_listen", `internal_listen: write host:port, such as "127.0.0.1:8081", or "unix:/path/of/socket"`)
	case c.InternalListen == c.Listen && !strings.HasSuffix(c.Listen, ":0"): // port 0: any free one
		p.add("internal_listen", "internal_listen: it is the same as listen; give it another port, or remove it")
	}
	if c.BaseURL != "" && !validBaseURL(c.BaseURL) {
		p.add("base_url", `base_url: write an absolute URL without user, query and fragment, such as "https://wire.example/"`)
	}
}

func validListen(s string) bool {
	if path, unix := strings.CutPrefix(s, "unix:"); unix {
		return filepath.IsAbs(path)
	}
	host, port, err := net.SplitHostPort(s)
	_, portErr := strconv.ParseUint(port, 10, 16)
	return err == nil && portErr == nil && !strings.ContainsAny(host, "/ \t\r\n")
}

func validBaseURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" &&
		u.User == nil && !strings.ContainsAny(s, "?# ")
}

func (c *Config) checkLimits(p *problems) {
	if c.BankBodyLimit < minBankBodyLimit || c.BankBodyLimit > maxBankBodyLimit {
		p.add("bank_body_limit", `bank_body_limit: write a size between "4KiB" and "1GiB"`)
	}
	if c.LongPollLimit <= 0 || c.LongPollLimit > maxLongPoll {
		p.add("long_poll_limit", `long_poll_limit: write a duration above zero and up to "1h"`)
	}
	if c.OutgoingLease <= 0 || c.OutgoingLease > maxLease {
		p.add("outgoing_lease", `outgoing_lease: write a duration above zero and up to "24h"`)
	}
	if c.Retention != 0 && c.Retention < minRetention {
		p.add("retention", `retention: write "90d" or more, or "0s" to keep everything`)
	}
	if c.MinimumRegistrationLifetime <= 0 {
		p.add("minimum_registration_lifetime", `minimum_registration_lifetime: write a duration above zero, such as "24h"`)
	}
}

func (d *Database) check(p *problems) {
	isURL := strings.HasPrefix(d.URL, "postgres://") || strings.HasPrefix(d.URL, "postgresql://")
	isKeywords := strings.Contains(d.URL, "=") && !strings.Contains(d.URL, "://")
	if d.URL != "" && !isURL && !isKeywords {
		p.add("database.url", `database.url: write "postgres://user@host/database" or "host=... dbname=...", or nothing for a private database`)
	}
	if d.MaxConnections < 0 || d.MaxConnections > 10_000 {
		p.add("database.max_connections", "database.max_connections: write a number up to 10000, or 0 to let the gateway choose")
	}
	switch d.StatementCache {
	case "cache_statement", "cache_describe", "exec":
	default:
		p.add("database.statement_cache", `database.statement_cache: write "cache_statement", "cache_describe" or "exec"`)
	}
}

func (c *Config) checkAccounts(p *problems) {
	first, holders := map[string]bool{}, map[string]string{}
	for i, a := range c.Accounts {
		at := func(key string) string { return fmt.Sprintf("account[%d].%s", i, key) }
		switch {
		case !namePattern.MatchString(a.Name):
			p.add(at("name"), "name of [[account]]: %s", nameAdvice)
		case first[a.Name]:
			p.add(at("name"), "name of account %q: another account has this name; choose one for each", a.Name)
		}
		first[a.Name] = true
		of := fmt.Sprintf("of account %q", a.Name)
		a.checkMoney(p, at, of)
		a.checkTimes(p, at, of, c.MinimumRegistrationLifetime)
		a.checkBank(p, at, of)
		a.checkMessages(p, at, of)
		a.checkAlone(p, at, holders)
	}
}

// checkAlone sees that no two accounts stand for one account at a bank: the
// text that a wallet signs names the bank account only, so that a mapping for
// one would be valid for the other, and the job of each would bounce what the
// wallets of the other paid. holders are the names of the accounts before this
// one by their bank accounts; this one is added.
func (a *Account) checkAlone(p *problems, at func(string) string, holders map[string]string) {
	own := map[string]bool{}
	check := func(key string, payto taler.Payto) {
		where := payto.Canonical()
		if other, taken := holders[where]; taken && !own[where] {
			p.add(at(key), "%s of account %q: account %q stands for the same account at the bank, and the jobs of the two would bounce each other's money; remove one of them", key, a.Name, other)
			return
		}
		holders[where], own[where] = a.Name, true
	}
	if !a.Payto.IsZero() {
		check("payto", a.Payto)
	}
	// An invalid one is refused by the wire method.
	if qr, err := taler.NewIBANPayto(a.Parameters["qr_iban"], ""); err == nil {
		check("qr_iban", qr)
	}
}

func (a *Account) checkMessages(p *problems, at func(string) string, of string) {
	if len(a.CreditMessages) == 0 {
		p.add(at("credit_messages"), `credit_messages %s: name one message at least, such as "%s"`, of, camt.Notification)
	}
	totals := slices.Contains(a.CreditMessages, camt.Report) || slices.Contains(a.CreditMessages, camt.Statement)
	if slices.Contains(a.Quirks, camt.QuirkTotals) && !(totals && slices.Contains(a.CreditMessages, camt.Notification)) {
		p.add(at("quirks"), `quirks %s: "%s" ignores money that only the camt.054 tells; list "camt.054" in credit_messages, beside the messages with the totals, or remove it`, of, camt.QuirkTotals)
	}
}

func (a *Account) checkMoney(p *problems, at func(string) string, of string) {
	if a.Method == "" {
		p.add(at("method"), `method %s: name the wire method, such as "ch-qrr"`, of)
	}
	switch {
	case a.Payto.IsZero():
		p.add(at("payto"), "payto %s: write the account as a payto URI with receiver-name", of)
	case !a.Payto.IsFull():
		p.add(at("payto"), "payto %s: add ?receiver-name= with the name of the account's holder, which payers must type into their bank's form", of)
	}
	if !validCurrency(a.Currency) {
		p.add(at("currency"), `currency %s: write 1 to 11 capital letters, such as "CHF"`, of)
		return
	}
	if a.MinimumExtensionAmount.Currency != a.Currency {
		p.add(at("minimum_extension_amount"), `minimum_extension_amount %s: write it in the currency of the account, such as "%s:1"`, of, a.Currency)
	}
}

// validCurrency leaves the syntax of currencies to the one place that knows it.
func validCurrency(s string) bool {
	_, err := taler.ParseAmount(s + ":0")
	return err == nil && !strings.Contains(s, ":")
}

func (a *Account) checkTimes(p *problems, at func(string) string, of string, minimum time.Duration) {
	if a.RegistrationLifetime < minimum || a.RegistrationLifetime <= 0 {
		p.add(at("registration_lifetime"), "registration_lifetime %s: write %q or more, or lower minimum_registration_lifetime", of, formatDuration(minimum))
	}
	if a.Quarantine <= 0 {
		p.add(at("quarantine"), `quarantine %s: write a duration above zero, such as "720h"`, of)
	}
	if a.CrowdedLifetime != 0 && a.CrowdedLifetime < minimum {
		p.add(at("crowded_lifetime"), "crowded_lifetime %s: write %q or more, \"0s\" for no difference, or lower minimum_registration_lifetime", of, formatDuration(minimum))
	}
	if a.HoldDelay <= 0 || a.HoldDelay > maxHoldDelay {
		p.add(at("hold_delay"), `hold_delay %s: write a duration above zero and up to "30d"`, of)
	}
}

func (c *Config) checkTokens(p *problems) {
	names, secrets := map[string]bool{}, map[[32]byte]string{}
	for i, t := range c.Tokens {
		at := func(key string) string { return fmt.Sprintf("token[%d].%s", i, key) }
		switch {
		case !namePattern.MatchString(t.Name):
			p.add(at("name"), "name of [[token]]: %s", nameAdvice)
		case names[t.Name]:
			p.add(at("name"), "name of token %q: another token has this name; choose one for each", t.Name)
		}
		names[t.Name] = true
		t.checkRights(p, at, c.Accounts)
		if p.any(fmt.Sprintf("token[%d]", i), new(secret).settings()) {
			continue // it could not be read
		}
		other, used := secrets[t.SecretSHA256]
		switch {
		case t.SecretSHA256 == [32]byte{}:
			p.add(at("secret"), "secret of token %q: give exactly one of secret, secret_file and secret_sha256", t.Name)
		case used:
			p.add(at("secret"), "secret of token %q: token %q has the same secret; make one for each", t.Name, other)
		default:
			secrets[t.SecretSHA256] = t.Name
		}
	}
}

func (t *Token) checkRights(p *problems, at func(string) string, accounts []Account) {
	switch t.Role {
	case RoleExchange, RoleBank, RoleOperator:
	default:
		p.add(at("role"), `role of token %q: write "exchange", "bank" or "operator"`, t.Name)
	}
	if t.Account == "" {
		return
	}
	for _, a := range accounts {
		if a.Name == t.Account {
			return
		}
	}
	p.add(at("account"), "account of token %q: there is no account %q; correct the name, or remove the key to allow all accounts", t.Name, t.Account)
}
