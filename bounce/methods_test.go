package bounce_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/plugins"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
	"github.com/shortwire/shortwire/subjects"
)

// vectorAccounts are the accounts of the files of worked examples: one for every
// method that has such a file, and for every scheme of numeric.
func vectorAccounts(t *testing.T) (accounts []subjects.Account) {
	t.Helper()
	for _, pattern := range []string{"iso11649", "numeric", "token", "pix", "bitcoin"} {
		files, err := filepath.Glob("../plugins/" + pattern + "/testdata/*.json")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no files: %v", pattern, err)
		}
		for _, file := range files {
			f, m := wiretest.Open(t, factory(t, pattern, file), file)
			a := bouncetest.Base(pattern+"-"+strings.TrimSuffix(filepath.Base(file), ".json"), f.Account.Currency, f.Account.Payto)
			a.Method = m
			accounts = append(accounts, a)
		}
	}
	return accounts
}

// factory finds the method of a file: the folder's, or the file's in the table.
func factory(t *testing.T, folder, file string) wire.Factory {
	t.Helper()
	for _, f := range plugins.Standard() {
		if f.Name == folder || f.Name == strings.TrimSuffix(filepath.Base(file), ".json") {
			return f
		}
	}
	t.Fatalf("%s belongs to no method", file)
	return wire.Factory{}
}

// reported is how a bank reports a subject, the number of a country in the
// structured field.
func reported(s wire.Subject) wire.Remittance {
	if s.Type == "NATIONAL" {
		return wire.Remittance{Structured: []string{s.Reference}}
	}
	return bouncetest.Remittance(s)
}

// Every method works from the registration to the credit on a real database, and
// every form in which it offers a subject leads to the same registration.
func TestEveryMethodCredits(t *testing.T) {
	t.Parallel()
	accounts := vectorAccounts(t)
	h := bouncetest.New(t, accounts...)
	for _, a := range accounts {
		w := bouncetest.NewWallet(a.Name)
		g := h.Register(t, a.Name, w)
		for i, subject := range g.Subjects {
			if subject.Type == "URI" {
				continue // the same text as SIMPLE
			}
			h.Map(t, a.Name, w, bouncetest.Reserve(a.Name+subject.Type), time.Now().Add(time.Duration(i)*time.Second))
			got := h.Receive(t, a.Name, bouncetest.Incoming(subject.Type, a.Currency+":5", reported(subject)))
			if got[0].State != bounce.Credited {
				t.Errorf("%s, %s: %+v", a.Name, subject.Type, got[0])
			}
		}
		if again := h.Register(t, a.Name, w); again.Subjects[0] != g.Subjects[0] {
			t.Errorf("%s: %v became %v", a.Name, g.Subjects[0], again.Subjects[0])
		}
	}
}

// T4: the two outputs of existing wallets are a legacy subject of Bitcoin
// accounts, as long as these count.
func TestT4_TwoOutputsAtTheDesk(t *testing.T) {
	t.Parallel()
	outputs := text("bc1qtfwqwaj6tsrhdtvuyhflr6nklm8ldqxprfy6fa", "bc1qmfwqwa5vr5vdac6wr20ts76aewakzpmn6n5h86")
	for _, legacy := range []bool{true, false} {
		f, m := wiretest.Open(t, factory(t, "bitcoin", "bc"), "../plugins/bitcoin/testdata/bc.json")
		a := bouncetest.Base("btc", f.Account.Currency, f.Account.Payto)
		a.Method, a.LegacySubjects = m, legacy
		h := bouncetest.New(t, a)
		got := h.Receive(t, "btc", bouncetest.Incoming("one", "BTC:1", outputs))
		if credited := got[0].State == bounce.Credited; credited != legacy {
			t.Errorf("legacy subjects %t: %+v", legacy, got[0])
		}
	}
}
