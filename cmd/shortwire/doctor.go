package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/shortwire/shortwire/config"
	"github.com/shortwire/shortwire/subjects"
)

type doctorVerb struct {
	configFile
	JSON bool `name:"json" help:"Print JSON."`
}

// verdict is what a check says.
type verdict string

const (
	fine    verdict = "ok"
	warning verdict = "warn"
	failure verdict = "fail"
)

// finding is the outcome of one check.
type finding struct {
	Check   string  `json:"check"`
	Verdict verdict `json:"verdict"`
	Found   string  `json:"found"`
	Advice  string  `json:"advice,omitempty"` // what to do; none when fine
}

// doctor examines one installation. It changes nothing, except that a private
// cluster which nobody runs is started for a moment.
type doctor struct {
	session  *session
	config   *config.Config
	accounts []subjects.Account
	tell     func(finding)
	sick     bool
}

// Run examines in an order in which each check may rely on those before it.
func (v *doctorVerb) Run(s *session) error {
	findings := []finding{}
	d := &doctor{session: s, tell: func(f finding) {
		findings = append(findings, f)
		if !v.JSON {
			printFinding(s, f)
		}
	}}
	d.examine(v)
	if v.JSON {
		text, err := json.Marshal(map[string]any{"ok": !d.sick, "checks": findings})
		if err != nil {
			return err
		}
		if err := printJSON(s, text); err != nil {
			return err
		}
	}
	if d.sick {
		return errReported
	}
	return nil
}

func (d *doctor) examine(v *doctorVerb) {
	var err error
	if d.config, d.accounts, err = v.loadWithAccounts(d.session); err != nil {
		d.fail("configuration", err.Error(), "correct the file; shortwire config check tells when it is right")
		return
	}
	d.ok("configuration", "%s", v.Config)
	d.checkAccounts()
	d.checkTokens()
	d.checkPrices()
	d.checkRisks()
	d.checkDataDir()
	d.checkDiskSpace()
	d.checkDatabase()
	d.checkListen("listen", d.config.Listen)
	if d.config.InternalListen != "" {
		d.checkListen("internal_listen", d.config.InternalListen)
	}
}

func (d *doctor) ok(check, found string, args ...any) {
	d.tell(finding{check, fine, fmt.Sprintf(found, args...), ""})
}

func (d *doctor) warn(check, found, advice string) {
	d.tell(finding{check, warning, found, advice})
}

func (d *doctor) fail(check, found, advice string) {
	d.sick = true
	d.tell(finding{check, failure, found, advice})
}

func printFinding(s *session, f finding) {
	fmt.Fprintf(s.out, "%-4s  %-20s  %s\n", f.Verdict, f.Check, f.Found)
	if f.Advice != "" {
		fmt.Fprintf(s.out, "%28s-> %s\n", "", f.Advice)
	}
}

// checkAccounts repeats what the configuration was read as: each wire method
// has accepted its settings by now.
func (d *doctor) checkAccounts() {
	for _, a := range d.accounts {
		d.ok("account "+a.Name, "%s in %s, paid to %s", a.Method.Spec().Name, a.Currency, accountText(a.Payto))
	}
}

// checkTokens sees that somebody may post and somebody may read each account.
func (d *doctor) checkTokens() {
	for _, role := range []string{config.RoleExchange, config.RoleBank} {
		check := "tokens for " + role
		if without := d.accountsWithout(role); len(without) > 0 {
			d.warn(check, fmt.Sprintf("nobody may use the accounts %v", without), fmt.Sprintf("add a [[token]] with role = %q", role))
			continue
		}
		d.ok(check, "every account has one")
	}
}

// checkPrices warns of spaces that anybody can take whole.
func (d *doctor) checkPrices() {
	for _, a := range d.accounts {
		if a.Pricing == nil && !a.StoresNothing() {
			d.warn("price of "+a.Name, "subjects are free: anybody can take all of them", "set enabled = true in [proof_of_work]")
		}
	}
}

// checkRisks tells of settings that are meant for tests.
func (d *doctor) checkRisks() {
	for _, risk := range d.config.Risks() {
		d.warn(risk.Setting, "is for tests: "+risk.Why, "remove it where the money is real")
	}
}

func (d *doctor) accountsWithout(role string) []string {
	var without []string
	for _, a := range d.config.Accounts {
		found := false
		for _, t := range d.config.Tokens {
			found = found || t.Role == role && (t.Account == "" || t.Account == a.Name)
		}
		if !found {
			without = append(without, a.Name)
		}
	}
	return without
}

// errNoCluster tells that the private cluster was never started, so that there
// is nothing to examine.
var errNoCluster = errors.New("the private database does not exist yet")

func (d *doctor) checkDatabase() {
	ctx, cancel := context.WithTimeout(d.session.ctx, databaseLimit)
	defer cancel()
	err := d.withDatabase(ctx, func(url string) error { return d.checkServer(ctx, url) })
	switch {
	case errors.Is(err, errNoCluster):
		d.warn("database", err.Error(), "start it with shortwire serve, which makes it")
	case err != nil:
		d.fail("database", err.Error(), d.databaseAdvice())
	}
}

func (d *doctor) databaseAdvice() string {
	if d.config.Database.URL == "" {
		return "see whether data_dir belongs to the user who runs the gateway, and the logs in " + clusterDir(d.config)
	}
	return "see whether the server runs and lets this machine, role and password in"
}
