package model_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
)

const (
	wallets  = 6
	reserves = 12
	spaces   = 4 // subjects of the account tiny: fewer than wallets
)

func reserveName(n int) string { return fmt.Sprint("model ", n) }

func walletOf(n int) bouncetest.Wallet { return bouncetest.NewWallet(fmt.Sprint("wallet ", n)) }

func modelAccounts() []subjects.Account {
	return []subjects.Account{bouncetest.Tiny(spaces), bouncetest.X()}
}

// TestModel drives the house and the model side by side: 20 runs of about 100
// steps, unless the flags of rapid say otherwise, as those of `make model`.
func TestModel(t *testing.T) {
	preset(t, "rapid.checks", "20")
	preset(t, "rapid.steps", "100")
	house := bouncetest.NewClockwork(t, modelAccounts()...)
	steps := 0
	rapid.Check(t, func(rt *rapid.T) {
		house.Renew(t)
		m := &machine{t: rt, house: house, world: newWorld(house.Now().Unix(), modelAccounts()...), seen: map[string][]string{}}
		actions := map[string]func(*rapid.T){
			"register": m.register, "map": m.mapTo, "unregister": m.unregister, "transfer": m.transfer, "transfer again": m.transfer,
			"status": m.status, "clock": m.clock, "sweep": m.sweep, "retain": m.retain, "audit": m.audit,
		}
		for name, do := range actions {
			actions[name] = func(rt *rapid.T) { m.t = rt; steps++; do(rt) }
		}
		rt.Repeat(actions)
		m.t = rt
		m.audit(rt)
	})
	t.Logf("%d steps", steps)
}

// preset sets a flag that the command line leaves alone.
func preset(t *testing.T, name, value string) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if !given {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
}

// machine is one run.
type machine struct {
	t       *rapid.T
	house   *bouncetest.Clockwork
	world   *world
	seen    map[string][]string // subjects that were ever granted, by account
	serials int
}

func (m *machine) ctx() context.Context { return m.t.Context() }

// account draws one and returns both sides of it.
func (m *machine) account() (*subjects.Account, *account) {
	name := rapid.SampledFrom([]string{"tiny", "tiny", "x"}).Draw(m.t, "account")
	a, err := m.house.Registry.Account(name)
	if err != nil {
		m.t.Fatal(err)
	}
	return a, m.world.accounts[name]
}

func (m *machine) wallet() int { return rapid.IntRange(0, wallets-1).Draw(m.t, "wallet") }

// sameError compares what the house says with what the model says.
func (m *machine) sameError(got, want error) {
	m.t.Helper()
	if (got == nil) != (want == nil) || want != nil && !errors.Is(got, want) {
		m.t.Fatalf("error %v, want %v", got, want)
	}
}

func (m *machine) register(t *rapid.T) {
	a, model := m.account()
	wallet, oneShot := m.wallet(), rapid.Bool().Draw(t, "one-shot")
	want, choice, err := model.register(wallet, oneShot)
	grant, got := m.house.Registry.Register(m.ctx(), a, subjects.Request{AuthorizationPub: walletOf(wallet).Pub, OneShot: oneShot})
	m.sameError(got, err)
	if err != nil {
		return
	}
	subject := grant.Subjects[0].Subject
	if want != "" && subject != want || choice != nil && !slices.Contains(choice, subject) {
		t.Fatalf("subject %s, want %s%v", subject, want, choice)
	}
	model.granted(wallet, subject, oneShot)
	m.seen[a.Name] = append(m.seen[a.Name], subject)
	if r := model.rows[wallet]; model.size > 0 && (grant.Expiration.Unix() != r.expiration || grant.Recurrent != r.recurrent) {
		t.Fatalf("granted %+v, want %+v", grant, r)
	}
}

// stamp draws a timestamp around those that matter.
func (m *machine) stamp(around int64) int64 {
	around = cmp.Or(around, m.world.now)
	from := rapid.SampledFrom([]int64{m.world.now, m.world.now, around}).Draw(m.t, "from")
	return from + rapid.SampledFrom([]int64{0, 1, -1, 3600, -day, day, day + 1, -200 * day}).Draw(m.t, "delta")
}

func (m *machine) mapTo(t *rapid.T) {
	a, model := m.account()
	wallet, number := m.wallet(), rapid.IntRange(0, reserves-1).Draw(t, "reserve")
	target := bouncetest.Reserve(reserveName(number))
	if rapid.IntRange(0, 4).Draw(t, "kyc") == 0 {
		target = bouncetest.KYC(reserveName(number))
	}
	var last int64
	if known := model.mappings[wallet]; known != nil {
		last = known.stamp
	}
	stamp := m.stamp(last)
	want, err := model.mapTo(wallet, mapping{target: target, number: number, stamp: stamp})
	done, got := m.house.Registry.Map(m.ctx(), a, walletOf(wallet).Mapping(a, target, time.Unix(stamp, 0)))
	m.sameError(got, err)
	if err == nil && (done.Credited != want || done.Expiration.Unix() != model.rows[wallet].expiration) {
		// The expiration is told as it was before the credit extended it.
		if done.Credited != want || done.Expiration.Unix() > model.rows[wallet].expiration {
			t.Fatalf("mapped %+v, want %d credited, expiration %d", done, want, model.rows[wallet].expiration)
		}
	}
}

func (m *machine) unregister(t *rapid.T) {
	a, model := m.account()
	wallet := m.wallet()
	var last int64
	if r := model.rows[wallet]; r != nil {
		last = rapid.SampledFrom([]int64{r.since, max(r.ended, 0)}).Draw(t, "mark")
	}
	stamp := m.stamp(last)
	returned, repeated, err := model.unregister(wallet, stamp)
	done, got := m.house.Registry.Unregister(m.ctx(), a, walletOf(wallet).Unregistration(a, time.Unix(stamp, 0)))
	m.sameError(got, err)
	if err == nil && (done.Returned != returned || done.Repeated != repeated) {
		t.Fatalf("ended %+v, want %d returned, repeated %v", done, returned, repeated)
	}
}

// transfer reports one to three transfers, known ones among them.
func (m *machine) transfer(t *rapid.T) {
	a, model := m.account()
	var batch []bounce.Transfer
	var contents []content
	for range rapid.IntRange(1, 3).Draw(t, "batch") {
		ref, c := m.drawTransfer(model)
		batch, contents = append(batch, incoming(a, ref, c)), append(contents, c)
	}
	m.post(a, model, batch, contents)
}

func (m *machine) drawTransfer(model *account) (string, content) {
	if len(model.order) > 0 && rapid.IntRange(0, 5).Draw(m.t, "known") == 0 {
		known := model.transfers[rapid.SampledFrom(model.order).Draw(m.t, "ref")]
		c := known.content
		if rapid.IntRange(0, 3).Draw(m.t, "changed") == 0 {
			c.spelling++
		}
		return known.ref, c
	}
	m.serials++
	return fmt.Sprint("r", m.serials), m.drawContent(model)
}

func (m *machine) drawContent(model *account) content {
	c := content{currency: model.currency(), debtor: true, wallet: -1, reserve: -1, small: rapid.Bool().Draw(m.t, "small")}
	switch rapid.SampledFrom([]string{"subject", "subject", "subject", "legacy", "nothing", "foreign", "anonymous", "unknown"}).Draw(m.t, "kind") {
	case "legacy":
		c.reserve = rapid.IntRange(0, reserves-1).Draw(m.t, "legacy")
		return c
	case "nothing":
		return c
	case "foreign":
		c.currency = "USD"
	case "anonymous":
		c.debtor = false
	case "unknown":
		if model.size > 0 {
			c.subject = fmt.Sprintf("T%010d", rapid.IntRange(0, spaces-1).Draw(m.t, "slot"))
			return c
		}
	}
	if model.size == 0 {
		c.wallet = m.wallet()
	} else if seen := m.seen[model.name]; len(seen) > 0 {
		c.subject = rapid.SampledFrom(seen).Draw(m.t, "subject")
	}
	return c
}

// incoming writes a content as a bank reports it.
func incoming(a *subjects.Account, ref string, c content) bounce.Transfer {
	text := c.subject
	switch {
	case c.reserve >= 0:
		text = bouncetest.Reserve(reserveName(c.reserve)).AccountPub.String()
	case c.wallet >= 0:
		text = string(a.Method.(wire.KeyCarrier).EncodeKey(walletOf(c.wallet).Pub))
	case text == "":
		text = "for the cat"
	}
	amount := c.currency + ":1"
	if c.small {
		amount = c.currency + ":0.01"
	}
	t := bouncetest.Incoming(ref, amount, wire.Remittance{Unstructured: []string{text}, EndToEndID: fmt.Sprint(c.spelling)})
	if !c.debtor {
		t.Debtor = nil
	}
	return t
}

// post reports a batch and compares every result.
func (m *machine) post(a *subjects.Account, model *account, batch []bounce.Transfer, contents []content) {
	results, err := m.house.Desk.Receive(m.ctx(), a, batch)
	if err != nil {
		m.t.Fatal(err)
	}
	if model.size == 0 { // keys get their rows before anything is decided
		for _, c := range contents {
			if c.wallet >= 0 {
				model.anchor(c.wallet, false)
			}
		}
	}
	for i, got := range results {
		want, replay, err := model.receive(batch[i].BankRef, contents[i])
		if err != nil || got.Err != nil {
			if (err == nil) || !errors.Is(got.Err, bounce.ErrConflict) {
				m.t.Fatalf("%s: error %v, want %v", batch[i].BankRef, got.Err, err)
			}
			continue
		}
		state, reason := model.view(want)
		if got.State != state || got.Reason != reason || got.Replay != replay || got.RowID != int64(want.row) ||
			state == bounce.Held && got.HoldUntil.Unix() != want.until {
			m.t.Fatalf("%s: %+v, want %s %s row %d replay %v until %d", batch[i].BankRef, got, state, reason, want.row, replay, want.until)
		}
	}
}

func (m *machine) status(t *rapid.T) {
	a, model := m.account()
	wallet := m.wallet()
	s, got := m.house.Registry.Status(m.ctx(), a, walletOf(wallet).Pub)
	r := model.rows[wallet]
	switch {
	case model.size > 0 && r == nil:
		m.sameError(got, subjects.ErrUnknownRegistration)
		return
	case model.size > 0 && !model.live(wallet):
		m.sameError(got, subjects.ErrExpired)
		return
	}
	m.sameError(got, nil)
	held := 0
	for _, tr := range model.transfers {
		if state, _ := model.view(tr); state == bounce.Held && tr.wallet == wallet {
			held++
		}
	}
	want := subjects.MappingNone
	known := model.mappings[wallet]
	switch {
	case !model.live(wallet) || known == nil || known.stored < r.since:
	case known.used:
		want = subjects.MappingUsed
	default:
		want = subjects.MappingPending
	}
	if s.Mapping != want || r != nil && s.Held != held || model.size > 0 && s.Expiration.Unix() != r.expiration {
		t.Fatalf("status %+v, want %s, %d held, %+v", s, want, held, r)
	}
}

// clock moves time by what matters: moments, delays, lives, and what is between.
func (m *machine) clock(t *rapid.T) {
	by := rapid.SampledFrom([]time.Duration{
		time.Second, time.Hour, 24 * time.Hour, 7*24*time.Hour - time.Second, 7 * 24 * time.Hour, 31 * 24 * time.Hour,
		90*24*time.Hour - time.Second, 90 * 24 * time.Hour, 150 * 24 * time.Hour,
	}).Draw(t, "by")
	m.world.now += int64(by.Seconds())
	if err := m.house.SetClock(t.Context(), time.Unix(m.world.now, 0)); err != nil {
		t.Fatal(err)
	}
}

func (m *machine) sweep(t *rapid.T) {
	want := 0
	for _, a := range m.world.accounts {
		for _, tr := range a.transfers {
			if state, _ := a.view(tr); state != tr.state {
				want++
			}
		}
		a.sweep()
	}
	got, err := m.house.Desk.Sweep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Unmapped < want { // the model settled spent ones at once
		t.Fatalf("swept %d, want %d", got.Unmapped, want)
	}
}

func (m *machine) retain(t *rapid.T) {
	if _, err := m.house.Desk.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, a := range m.world.accounts {
		a.retain(bouncetest.Retention)
	}
}

// audit compares everything there is: every transfer is told as the model has
// it, the history is that of the model, and every bounce is one payment.
func (m *machine) audit(t *rapid.T) {
	for _, model := range m.world.accounts {
		a, err := m.house.Registry.Account(model.name)
		if err != nil {
			t.Fatal(err)
		}
		m.auditTransfers(a, model)
		m.auditHistory(a, model)
		m.auditPayments(a, model)
	}
}

func (m *machine) auditTransfers(a *subjects.Account, model *account) {
	var batch []bounce.Transfer
	var contents []content
	for _, ref := range model.order {
		c := model.transfers[ref].content
		batch, contents = append(batch, incoming(a, ref, c)), append(contents, c)
	}
	if len(batch) > 0 {
		m.post(a, model, batch, contents)
	}
}

func (m *machine) auditHistory(a *subjects.Account, model *account) {
	history, err := m.house.Desk.History(m.ctx(), a, bounce.Page{Limit: 1000})
	if err != nil {
		m.t.Fatal(err)
	}
	if len(history) != len(model.history) {
		m.t.Fatalf("%s: %d rows of history, want %d", a.Name, len(history), len(model.history))
	}
	for i, row := range history {
		if row.RowID != int64(i+1) || row.Target != model.history[i].target {
			m.t.Fatalf("%s: row %d is %+v, want %+v", a.Name, i+1, row, model.history[i])
		}
	}
}

func (m *machine) auditPayments(a *subjects.Account, model *account) {
	model.sweep() // asking for payments sweeps
	payments, err := m.house.Desk.Payments(m.ctx(), a, bounce.PaymentQuery{Status: bounce.PaymentPending, Limit: 1000})
	if err != nil {
		m.t.Fatal(err)
	}
	got, want := []string{}, []string{}
	for _, p := range payments {
		got = append(got, p.Subject)
	}
	for _, t := range model.transfers {
		if t.state == bounce.Bounced {
			want = append(want, strings.Join([]string{"bounce", string(t.reason), t.ref}, " "))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		m.t.Fatalf("%s: payments %q, want %q", a.Name, got, want)
	}
}
