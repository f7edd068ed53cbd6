package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/shortwire/shortwire/config"
	"github.com/shortwire/shortwire/plugins"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
)

// configFile is the flag of every verb that needs the configuration.
type configFile struct {
	Config string `short:"c" default:"shortwire.toml" placeholder:"FILE" help:"Configuration (${default})."`
}

func (f *configFile) load(s *session) (*config.Config, error) {
	c, err := config.Load(f.Config, s.env)
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

// loadWithAccounts also makes the wire method of every account, which refuses
// settings that nobody could pay to.
func (f *configFile) loadWithAccounts(s *session) (*config.Config, []subjects.Account, error) {
	c, err := f.load(s)
	if err != nil {
		return nil, nil, err
	}
	accounts := make([]subjects.Account, len(c.Accounts))
	var problems []error
	for i := range c.Accounts {
		method, err := methodOf(&c.Accounts[i])
		if err != nil {
			problems = append(problems, err)
			continue
		}
		accounts[i] = accountOf(&c.Accounts[i], method)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, nil, usageError{fmt.Errorf("%s: %w", f.Config, err)}
	}
	return c, accounts, nil
}

// methodOf makes the wire method of an account.
func methodOf(a *config.Account) (wire.Method, error) {
	return plugins.New(a.Method, wire.Settings{
		Account: a.Name, Payto: a.Payto, Currency: a.Currency, Parameters: a.Parameters,
	})
}

func accountOf(a *config.Account, method wire.Method) subjects.Account {
	return subjects.Account{
		Name:                   a.Name,
		Currency:               a.Currency,
		Payto:                  a.Payto,
		Method:                 method,
		RegistrationLifetime:   a.RegistrationLifetime,
		MinimumExtensionAmount: a.MinimumExtensionAmount,
		Quarantine:             a.Quarantine,
		HoldDelay:              a.HoldDelay,
		LegacySubjects:         a.LegacySubjects,
		Pricing:                pricingOf(a, method),
		Crowding:               subjects.Crowding{FirstLife: a.CrowdedLifetime, UnusedQuarantine: a.UnusedQuarantine},
	}
}

// pricingOf is nil where subjects cost nothing.
func pricingOf(a *config.Account, method wire.Method) *subjects.Pricing {
	w := &a.ProofOfWork
	if !w.Enabled || method.Spec().Size == 0 {
		return nil
	}
	return &subjects.Pricing{Params: w.Params(), SealBits: w.SealBits, Law: w.Law(), Grace: w.Grace(), Reuse: w.ProofReuse}
}

type configVerbs struct {
	Init  initVerb  `cmd:"" help:"Write a commented configuration, with fresh secrets, that starts as it is."`
	Check checkVerb `cmd:"" help:"Tell every problem of the configuration."`
	Dump  dumpVerb  `cmd:"" help:"Print the values in force, secrets hidden."`
}

type initVerb struct {
	Dir   string `default:"." placeholder:"DIR" help:"Folder to write to (${default})."`
	Force bool   `help:"Replace the files that are there; programs that use the old secrets are locked out then."`
}

// Run writes all files or, when one is there already, none.
func (v *initVerb) Run(s *session) error {
	files, err := config.Init(rand.Reader)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(v.Dir, 0o755); err != nil {
		return usageError{err}
	}
	if err := v.refuseExisting(files); err != nil {
		return usageError{err}
	}
	for _, f := range files {
		path := filepath.Join(v.Dir, f.Name)
		if err := os.WriteFile(path, f.Content, f.Mode); err != nil {
			return err
		}
		if err := os.Chmod(path, f.Mode); err != nil { // a file that was there keeps its mode
			return err
		}
		fmt.Fprintf(s.out, "wrote %s\n", path)
	}
	_, err = fmt.Fprintf(s.out, "Next: shortwire serve -c %s\n", filepath.Join(v.Dir, config.InitName))
	return err
}

func (v *initVerb) refuseExisting(files []config.File) error {
	if v.Force {
		return nil
	}
	for _, f := range files {
		path := filepath.Join(v.Dir, f.Name)
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already: name another folder with --dir, or replace everything with --force", path)
		}
	}
	return nil
}

type checkVerb struct{ configFile }

// Run says what the configuration means.
func (v *checkVerb) Run(s *session) error {
	c, accounts, err := v.loadWithAccounts(s)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s is fine.\n", v.Config)
	for _, a := range accounts {
		fmt.Fprintf(s.out, "account %s: %s, %s, %s\n", a.Name, a.Method.Spec().Name, a.Currency, accountText(a.Payto))
	}
	for _, t := range c.Tokens {
		where := "all accounts"
		if t.Account != "" {
			where = "account " + t.Account
		}
		fmt.Fprintf(s.out, "token %s: %s, %s\n", t.Name, t.Role, where)
	}
	for _, risk := range c.Risks() {
		fmt.Fprintf(s.out, "warning: %s is for tests: %s\n", risk.Setting, risk.Why)
	}
	_, err = fmt.Fprintf(s.out, "wire methods of this binary: %s\n", strings.Join(methodNames(), ", "))
	return err
}

func methodNames() []string {
	var names []string
	for _, factory := range plugins.Standard() {
		names = append(names, factory.Name)
	}
	return names
}

type dumpVerb struct{ configFile }

// Run prints TOML.
func (v *dumpVerb) Run(s *session) error {
	c, err := v.load(s)
	if err != nil {
		return err
	}
	return c.Dump(s.out)
}
