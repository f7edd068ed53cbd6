package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// proof says how much of a proof is wanted: "" leaves it out, "short" is the
// form of the CI, "full" the one that docs/reliability.md tells of.
func proof(t testing.TB) string {
	t.Helper()
	form := os.Getenv("SHORTWIRE_PROOF")
	if form == "" {
		t.Skip("make chaos, make outage and make scale set SHORTWIRE_PROOF")
	}
	return form
}

// TestChaos is `make chaos`: jobs post transfers of every kind to two gateways
// while gateways and PostgreSQL are killed at random moments. At the end every
// transfer is in the one state it must be in, nothing was sent back or paid twice
// although two jobs pay all along, a
// reader that polled all along has every credit once and in order, and what was
// acknowledged is true.
func TestChaos(t *testing.T) {
	count, kills := 4000, 20
	if proof(t) == "full" {
		count, kills = 20_000, 30
	}
	c := &chaos{t: t, fleet: newFleet(t, 2), jobs: 4, acknowledged: map[string]client.Result{}, paid: map[int64]time.Time{}}
	c.draw(count)
	reading := make(chan struct{})
	go func() { defer close(reading); c.read() }()
	paying := c.start(2, c.pay)
	done := c.start(c.jobs, c.work)
	c.killUntil(done, kills)
	c.settle()
	<-c.start(c.jobs, c.work) // restarted jobs post everything again
	c.finished.Store(true)
	<-reading
	<-paying
	c.check()
	t.Logf("%d transfers, %d kills of gateways, %d of PostgreSQL, %d requests that failed and were repeated, %d payments",
		count, c.killed.Load(), c.crashed.Load(), c.repeated.Load(), len(c.paid))
}

type chaos struct {
	t     *testing.T
	fleet *fleet
	jobs  int
	plan  [][]planned // by job

	killed, crashed, repeated atomic.Int64
	finished                  atomic.Bool

	mu           sync.Mutex
	acknowledged map[string]client.Result
	history      map[string][]int64  // what the reader saw, by account
	paid         map[int64]time.Time // by payment: when a job had said "sent", and paid
}

// planned is one transfer with what must become of it.
type planned struct {
	account string
	ref     string
	amount  string
	debtor  bool
	text    wire.Remittance
	wallet  string // whose subject the text holds; "" for nobody's
	mapping string // before: mapped before it is posted; after: when it is held
	want    string // outcome reason
}

// kinds are the ways of a transfer, and how many of ten take them.
var kinds = []struct {
	of      int
	account string
	wallet  bool
	mapping string
	debtor  bool
	want    string
}{
	{4, "ch", true, "before", true, "credited "},
	{1, "ch", true, "after", true, "credited "},
	{1, "ch", true, "", true, "held "},
	{1, "nz", true, "", true, "bounced unmapped"},
	{1, "ch", false, "typo", true, "bounced malformed"},
	{1, "ch", false, "unknown", true, "bounced unknown"},
	{1, "ch", false, "typo", false, "manual malformed"},
}

// draw writes the plan. Subjects of wallets are filled in when they register.
func (c *chaos) draw(count int) {
	c.plan = make([][]planned, c.jobs)
	unknown := unknownReferences(c.t, count)
	for i := range count {
		n, k := i%10, 0
		for ; n >= kinds[k].of; k++ {
			n -= kinds[k].of
		}
		kind := kinds[k]
		p := planned{account: kind.account, ref: fmt.Sprintf("chaos-%05d", i), debtor: kind.debtor, mapping: kind.mapping, want: kind.want,
			amount: map[string]string{"ch": "CHF:2.5", "nz": "NZD:2.5"}[kind.account]}
		switch {
		case kind.wallet:
			p.wallet = p.ref
		case kind.mapping == "unknown":
			p.text.Structured = []string{unknown[i]}
		default:
			p.text.Structured = []string{unknown[i][:26] + string('0'+(unknown[i][26]-'0'+1)%10)}
		}
		c.plan[i%c.jobs] = append(c.plan[i%c.jobs], p)
	}
	for _, job := range c.plan {
		rand.Shuffle(len(job), func(i, j int) { job[i], job[j] = job[j], job[i] })
	}
}

// unknownReferences are well-formed and given to nobody: of a generation that
// does not exist.
func unknownReferences(t testing.TB, n int) []string {
	t.Helper()
	method := bouncetest.CH().Method
	refs := make([]string, n)
	for i := range refs {
		ref, err := method.Encode(wire.Slot{Generation: 1000, Index: method.Spec().Size - 1 - uint64(i)})
		if err != nil {
			t.Fatal(err)
		}
		subjects := method.(wire.Presenter).Present(ref, wire.Instruction{})
		refs[i] = subjects[0].QRReference
	}
	return refs
}

// start runs so many jobs and returns a channel that ends with them.
func (c *chaos) start(jobs int, job func(int)) chan struct{} {
	var group sync.WaitGroup
	for i := range jobs {
		group.Go(func() { job(i) })
	}
	done := make(chan struct{})
	go func() { defer close(done); group.Wait() }()
	return done
}

// work is a bank job and the wallets of its transfers. It posts batches of
// random size, some of them twice, to gateways that it takes in turns.
func (c *chaos) work(job int) {
	banks := []*client.Client{c.fleet.client(0, fleetBank), c.fleet.client(1, fleetBank)}
	plan := c.plan[job]
	for turn := 0; len(plan) > 0; turn++ {
		batch := plan[:min(len(plan), 1+rand.N(25))]
		plan = plan[len(batch):]
		c.prepare(banks, batch)
		for range 1 + rand.N(2) {
			c.post(banks, batch)
		}
	}
}

// insist repeats a call at either gateway until it is answered with something
// that is no outage.
func (c *chaos) insist(clients []*client.Client, call func(*client.Client) error) error {
	for try := 0; ; try++ {
		err := call(clients[try%len(clients)])
		var refused *client.Error
		if err == nil || errors.As(err, &refused) && refused.Status != http.StatusServiceUnavailable {
			return err
		}
		c.repeated.Add(1)
		time.Sleep(time.Duration(10+rand.N(90)) * time.Millisecond)
	}
}

// prepare registers and maps the wallets of a batch.
func (c *chaos) prepare(clients []*client.Client, batch []planned) {
	var group sync.WaitGroup
	for i := range batch {
		if batch[i].wallet != "" {
			group.Go(func() { c.registerWallet(clients, &batch[i]) })
		}
	}
	group.Wait()
}

func (c *chaos) registerWallet(clients []*client.Client, p *planned) {
	key := chaosKey(p.wallet)
	err := c.insist(clients, func(gate *client.Client) error {
		r, err := gate.Register(c.t.Context(), p.account, client.RegistrationRequest{AuthorizationPub: key.Pub, Recurrent: true})
		if err != nil {
			return err
		}
		s := r.Subjects[0]
		p.text = wire.Remittance{Particulars: s.Particulars, Code: s.Code, Reference: s.Reference}
		if s.QRReferenceNumber != "" {
			p.text = wire.Remittance{Structured: []string{s.QRReferenceNumber}}
		}
		return nil
	})
	if err != nil {
		c.t.Errorf("registering %s: %v", p.wallet, err)
	}
	if p.mapping == "before" {
		c.mapWallet(clients, p)
	}
}

// mapWallet sends the same mapping whenever it is called.
func (c *chaos) mapWallet(clients []*client.Client, p *planned) {
	key, reserve := chaosKey(p.wallet), chaosKey("reserve of "+p.wallet)
	payto := map[string]taler.Payto{"ch": bouncetest.CH().Payto, "nz": bouncetest.NZ().Payto}[p.account]
	m := client.Mapping{AuthorizationPub: key.Pub, Type: "reserve", AccountPub: &reserve.Pub}
	m.Sign(key.Private(), payto, time.Unix(1_790_000_000, 0))
	err := c.insist(clients, func(gate *client.Client) error {
		_, err := gate.Map(c.t.Context(), p.account, m)
		return err
	})
	if err != nil {
		c.t.Errorf("mapping %s: %v", p.wallet, err)
	}
}

func chaosKey(name string) client.Key {
	key, _ := client.NewKey(strings.NewReader(fmt.Sprintf("%-32.32s", name)))
	return key
}

// post reports a batch, account by account, and maps what must be mapped now.
func (c *chaos) post(clients []*client.Client, batch []planned) {
	for _, account := range []string{"ch", "nz"} {
		var mine []planned
		for _, p := range batch {
			if p.account == account {
				mine = append(mine, p)
			}
		}
		if len(mine) == 0 {
			continue
		}
		text := statement(mine)
		var results []client.Result
		err := c.insist(clients, func(gate *client.Client) error {
			answer, err := gate.Ingest(c.t.Context(), account, client.TypeJSON, bytes.NewReader(text))
			results = answer.Results
			return err
		})
		if err != nil || len(results) != len(mine) {
			c.t.Errorf("posting %d transfers: %d results, %v", len(mine), len(results), err)
			return
		}
		for i := range mine {
			c.acknowledge(&mine[i], results[i])
			if mine[i].mapping == "after" {
				c.mapWallet(clients, &mine[i])
			}
		}
	}
}

// statement is a report in JSON.
func statement(batch []planned) []byte {
	type remittance struct {
		Structured  []string `json:"structured,omitempty"`
		Particulars string   `json:"particulars,omitempty"`
		Code        string   `json:"code,omitempty"`
		Reference   string   `json:"reference,omitempty"`
	}
	type item struct {
		BankRef    string     `json:"bank_ref"`
		Amount     string     `json:"amount"`
		Debtor     string     `json:"debtor,omitempty"`
		Remittance remittance `json:"remittance"`
	}
	var report struct {
		Transfers []item `json:"transfers"`
	}
	for _, p := range batch {
		debtor := ""
		if p.debtor {
			debtor = bouncetest.Debtor.String()
		}
		report.Transfers = append(report.Transfers, item{p.ref, p.amount, debtor,
			remittance{p.text.Structured, p.text.Particulars, p.text.Code, p.text.Reference}})
	}
	text, _ := json.Marshal(report) // strings: cannot fail
	return text
}

// mayBe tells the outcomes that a transfer may have on its way.
func (p *planned) mayBe(r client.Result) bool {
	waits := p.mapping == "after" || p.want == "bounced unmapped"
	return r.Outcome+" "+r.Reason == p.want || waits && r.Outcome == "held"
}

// acknowledge holds an answer against those before it: what was final stays,
// and what was held becomes what was planned.
func (c *chaos) acknowledge(p *planned, r client.Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !p.mayBe(r) {
		c.t.Errorf("%s was acknowledged as %s %s, want %q", p.ref, r.Outcome, r.Reason, p.want)
	}
	before, known := c.acknowledged[p.ref]
	if known && !r.Replay {
		c.t.Errorf("%s was stored twice: %+v, then %+v", p.ref, before, r)
	}
	if known && before.Outcome != "held" && (before.Outcome != r.Outcome || before.RowID != r.RowID || before.Reason != r.Reason) {
		c.t.Errorf("%s was acknowledged as %+v and is now %+v", p.ref, before, r)
	}
	c.acknowledged[p.ref] = r
}

// read polls the history of each account with "after the last id I saw".
func (c *chaos) read() {
	clients := []*client.Client{c.fleet.client(0, fleetExchange), c.fleet.client(1, fleetExchange)}
	c.history = map[string][]int64{}
	for more := true; more; {
		more = !c.finished.Load()
		for _, account := range []string{"ch", "nz"} {
			for c.readPage(clients, account) > 0 {
				more = true
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (c *chaos) readPage(clients []*client.Client, account string) int {
	rows := c.history[account]
	last := int64(len(rows))
	var page client.History
	err := c.insist([]*client.Client{clients[rand.N(2)]}, func(gate *client.Client) error {
		var err error
		page, err = gate.History(c.t.Context(), account, client.Page{Limit: 1 + rand.N(50), Offset: &last})
		return err
	})
	if err != nil {
		c.t.Errorf("reading the history: %v", err)
		return 0
	}
	for _, row := range page.IncomingTransactions {
		if row.RowID != last+1 {
			c.t.Errorf("row %d of %s follows row %d", row.RowID, account, last)
		}
		last = row.RowID
		rows = append(rows, row.RowID)
	}
	c.history[account] = rows
	return len(page.IncomingTransactions)
}

// killUntil kills until the jobs are done and enough was killed. Jobs that are
// done too early begin anew.
func (c *chaos) killUntil(done chan struct{}, kills int) {
	for n := 0; ; n++ {
		time.Sleep(time.Duration(200+rand.N(2300)) * time.Millisecond)
		select {
		case <-done:
			if n >= kills {
				return
			}
			done = c.start(c.jobs, c.work)
		default:
		}
		if n%3 == 2 {
			c.fleet.killServer(time.Duration(rand.N(1000)) * time.Millisecond)
			c.crashed.Add(1)
		} else {
			c.fleet.gateways[rand.N(2)].kill()
			c.killed.Add(1)
		}
	}
}

// settle waits until every gateway serves again, and sweeps.
func (c *chaos) settle() {
	for i := range c.fleet.gateways {
		_ = c.insist([]*client.Client{c.fleet.client(i, fleetBank)}, func(gate *client.Client) error {
			_, err := gate.Outgoing(c.t.Context(), "nz", "pending", 1, 0)
			return err
		})
	}
	time.Sleep(3 * time.Second) // the last hold of nz ends
	var out bytes.Buffer
	none := func(string) (string, bool) { return "", false }
	if code := run(context.Background(), []string{"sweep", "-c", c.fleet.gateways[0].settings}, none, nil, &out, &out); code != exitOK {
		c.t.Errorf("sweep: %s", out.String())
	}
}

// check looks at the database itself.
func (c *chaos) check() {
	pool := c.fleet.pool()
	count := func(sql string) (n int) {
		c.t.Helper()
		if err := pool.QueryRow(c.t.Context(), sql).Scan(&n); err != nil {
			c.t.Error(err)
		}
		return n
	}
	total := 0
	for _, p := range slices.Concat(c.plan...) {
		total++
		if got := c.acknowledged[p.ref]; got.Outcome+" "+got.Reason != p.want {
			c.t.Errorf("%s is %s %s in the end, want %s", p.ref, got.Outcome, got.Reason, p.want)
		}
	}
	rows := len(c.history["ch"]) + len(c.history["nz"])
	for what, n := range map[string][2]int{
		"transfers":                            {count(`SELECT count(*) FROM transfers`), total},
		"their sum in halves":                  {count(`SELECT sum(value * 2 + fraction / 50000000) FROM transfers WHERE state IN ('credited', 'held', 'bounced', 'manual')`), total * 5},
		"credits that the reader saw":          {rows, count(`SELECT count(*) FROM transfers WHERE state = 'credited'`)},
		"credits without a number":             {count(`SELECT count(*) FROM transfers t LEFT JOIN history h USING (transfer_id) WHERE t.state = 'credited' AND h.row_id IS NULL`), 0},
		"rows of history without a credit":     {count(`SELECT count(*) FROM history h JOIN transfers t USING (transfer_id) WHERE t.state <> 'credited'`), 0},
		"bounced transfers with one payment":   {count(`SELECT count(*) FROM payments p JOIN transfers t USING (transfer_id) WHERE t.state = 'bounced'`), count(`SELECT count(*) FROM transfers WHERE state = 'bounced'`)},
		"payments":                             {count(`SELECT count(*) FROM payments`), count(`SELECT count(DISTINCT transfer_id) FROM payments`)},
		"payments that were made":              {count(`SELECT count(*) FROM payments WHERE status = 'success'`), len(c.paid)},
		"payments that are not made":           {count(`SELECT count(*) FROM payments WHERE status <> 'success'`), 0},
		"mappings used by one transfer each":   {count(`SELECT count(DISTINCT transfer_id) FROM mappings`), count(`SELECT count(*) FROM transfers WHERE state = 'credited'`)},
		"reserve keys that were credited once": {count(`SELECT count(DISTINCT account_pub) FROM transfers WHERE state = 'credited'`), count(`SELECT count(*) FROM transfers WHERE state = 'credited'`)},
	} {
		if n[0] != n[1] {
			c.t.Errorf("%s: %d, want %d", what, n[0], n[1])
		}
	}
}
