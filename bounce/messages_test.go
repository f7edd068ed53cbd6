package bounce_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// The kinds of messages, as package camt spells them; this room does not care.
var kinds = []string{"camt.052", "camt.053", "camt.054"}

// today is the booking date of everything here: what was booked long ago is
// never recognised for certain.
func today() time.Time { return time.Now().UTC().Truncate(24 * time.Hour) }

// in is a transfer as a message tells it under a reference of its own.
func in(kind string, t bounce.Transfer, ids ...string) bounce.Transfer {
	t.BankRef = kind + "/" + t.BankRef
	t.ValueDate = today()
	t.Sighting = &bounce.Sighting{Source: kind, IDs: ids, Booked: today()}
	return t
}

// told is a day as a message tells it.
func told(kind string, day []bounce.Transfer) []bounce.Transfer {
	var out []bounce.Transfer
	for _, t := range day {
		out = append(out, in(kind, t))
	}
	return out
}

// orders are the orders in which the three messages may arrive.
var orders = [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}

// One day in three messages, in every order, each of them twice: each payment
// ends once, and later messages tell what became of it.
func TestT1_OnePaymentInThreeMessages(t *testing.T) {
	t.Parallel()
	for _, order := range orders {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			t.Parallel()
			h := bouncetest.New(t, bouncetest.CH())
			_, remittance := mapped(t, h, "ch", "w")
			counter := bouncetest.Incoming("6", "CHF:3", text("at the counter"))
			counter.Debtor = nil
			day := []bounce.Transfer{
				bouncetest.Incoming("1", "CHF:50", remittance), // credited
				bouncetest.Incoming("2", "CHF:50", remittance), // the same once more: held
				bouncetest.Incoming("3", "CHF:20", text("for the cat")),
				bouncetest.Incoming("4", "CHF:20", text("for the cat")),
				bouncetest.Incoming("5", "EUR:7", remittance),
				counter,
			}
			want := []bounce.State{bounce.Credited, bounce.Held, bounce.Bounced, bounce.Bounced, bounce.Manual, bounce.Manual}
			for round := range 2 {
				for i, kind := range order {
					for n, r := range h.Receive(t, "ch", told(kinds[kind], day)...) {
						replay := round+i > 0
						if r.Err != nil || r.State != want[n] || r.Replay != replay || r.BankRef != kinds[kind]+"/"+day[n].BankRef ||
							(r.State == bounce.Credited) != (r.RowID == 1) || (r.State == bounce.Held) == r.HoldUntil.IsZero() {
							t.Errorf("round %d, %s, payment %d: %+v", round, kinds[kind], n, r)
						}
					}
				}
			}
			wantCount(t, h, `SELECT count(*) FROM transfers`, len(day))
			wantCount(t, h, `SELECT count(*) FROM payments`, 2)
			wantCount(t, h, `SELECT count(*) FROM sightings`, 3*len(day))
			noTorn(t, h)
		})
	}
}

func wantCount(t testing.TB, h *bouncetest.House, sql string, want int) {
	t.Helper()
	if n := h.Count(t, sql); n != want {
		t.Errorf("%s: %d, want %d", strings.TrimPrefix(sql, "SELECT count(*) FROM "), n, want)
	}
}

// What is told in one place is told once: other content there is an error, and
// so is a reference that is another payment's already.
func TestT1_OtherContentInOneMessage(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	one := bouncetest.Incoming("1", "CHF:5", text("one"))
	first := h.Receive(t, "ch", in("camt.054", one))
	poor := one
	poor.Debtor = nil
	h.Receive(t, "ch", in("camt.053", one))
	same := in("camt.053", one)
	same.BankRef = "camt.054/1" // what the other message calls it
	much := same
	much.Amount.Value = 6
	got := append(h.Receive(t, "ch", in("camt.053", poor), same, much), h.Receive(t, "ch", in("camt.054", poor))...)
	for i, want := range []error{bounce.ErrConflict, nil, bounce.ErrConflict, bounce.ErrConflict} {
		if !errors.Is(got[i].Err, want) || (want == nil) != got[i].Replay {
			t.Errorf("item %d: %+v", i, got[i])
		}
	}
	if got[1].State != first[0].State {
		t.Errorf("%+v", got[1])
	}
	if _, err := h.Desk.Receive(t.Context(), h.Account(t, "ch"), []bounce.Transfer{in("camt.052", one), in("camt.053", one)}); err == nil {
		t.Error("a batch of two kinds of messages was taken")
	}
	wantCount(t, h, `SELECT count(*) FROM transfers`, 1)
}

// A common id is enough where a message leaves something out; without one, and
// where nothing says that there are two payments, a person decides and is told
// which other transfer it may be.
func TestT1_DoubtfulIsManual(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	_, remittance := mapped(t, h, "ch", "w")
	named, other := bouncetest.Incoming("1", "CHF:50", remittance), bouncetest.Incoming("2", "CHF:60", remittance)
	h.Receive(t, "ch", in("camt.054", named, "UETR-1"), in("camt.054", other))
	for _, poor := range []*bounce.Transfer{&named, &other} {
		poor.Debtor, poor.Remittance = nil, wire.Remittance{}
	}
	got := h.Receive(t, "ch", in("camt.053", named, "UETR-1"), in("camt.053", other))
	if !got[0].Replay || got[0].State != bounce.Credited {
		t.Errorf("with a common id: %+v", got[0])
	}
	if got[1].Replay || got[1].State != bounce.Manual || got[1].Reason != bounce.ReasonPerhapsKnown {
		t.Errorf("without one: %+v", got[1])
	}
	cases, err := h.Desk.Cases(t.Context(), bounce.CaseQuery{Limit: 10})
	if err != nil || len(cases) != 1 || cases[0].Perhaps != "camt.054/2" || cases[0].BankRef != "camt.053/2" {
		t.Errorf("%+v, %v", cases, err)
	}
	// What a third message tells is one of the two.
	if got := h.Receive(t, "ch", in("camt.052", other)); got[0].Replay || got[0].Reason != bounce.ReasonPerhapsKnown {
		t.Errorf("a third: %+v", got[0])
	}
}

// A day that was stored while the account took one kind of message is recognised
// when it takes more, without a word in what was stored.
func TestT1_EarlierTransfersAreRecognised(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	_, remittance := mapped(t, h, "ch", "w")
	day := []bounce.Transfer{
		bouncetest.Incoming("1", "CHF:50", remittance), bouncetest.Incoming("2", "CHF:50", remittance), bouncetest.Incoming("3", "CHF:20", text("for the cat")),
	}
	var before []bounce.Transfer
	for _, one := range told("camt.054", day) {
		one.Sighting = nil
		before = append(before, one)
	}
	h.Receive(t, "ch", before...)
	wantCount(t, h, `SELECT count(*) FROM sightings`, 0)
	for _, kind := range []string{"camt.053", "camt.054", "camt.053"} {
		for i, r := range h.Receive(t, "ch", told(kind, day)...) {
			if !r.Replay {
				t.Errorf("%s, payment %d: %+v", kind, i, r)
			}
		}
	}
	long := in("camt.053", bouncetest.Incoming("4", "CHF:9", remittance))
	long.Sighting.Booked = today().AddDate(0, 0, -100)
	if got := h.Receive(t, "ch", long); got[0].Reason != bounce.ReasonPerhapsKnown {
		t.Errorf("booked longer ago than is remembered: %+v", got[0])
	}
	wantCount(t, h, `SELECT count(*) FROM transfers`, 4)
}

// An account that goes back to the usual message remembers what others told it,
// also in a gateway that never heard of them.
func TestT1_BackToTheUsualMessage(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	_, remittance := mapped(t, h, "ch", "w")
	day := []bounce.Transfer{bouncetest.Incoming("1", "CHF:50", remittance), bouncetest.Incoming("2", "CHF:20", text("for the cat"))}
	h.Receive(t, "ch", told("camt.053", day)...)
	usual := told("camt.054", day)
	for i := range usual {
		usual[i].Sighting.Usual = true
	}
	for i, r := range bouncetest.Open(t, h.URL, bouncetest.CH()).Receive(t, "ch", usual...) {
		if !r.Replay {
			t.Errorf("payment %d: %+v", i, r)
		}
	}
}

// The usual message and other forms cost no statement more than they did, but
// one question in the life of a gateway.
func TestUsualMessagesAskNothingOfSightings(t *testing.T) {
	t.Parallel()
	h, seen := recorded(t, bouncetest.CH())
	for round := range 3 {
		usual := in("camt.054", bouncetest.Incoming(fmt.Sprint(round), "CHF:5", text("for the cat")))
		usual.Sighting.Usual = true
		h.Receive(t, "ch", usual)
		h.Receive(t, "ch", bouncetest.Incoming(fmt.Sprint("json ", round), "CHF:5", text("for the cat")))
		seen.mu.Lock()
		for sql := range seen.statements {
			if strings.Contains(sql, "sightings") && (round > 0 || !strings.Contains(sql, "SELECT EXISTS")) {
				t.Errorf("round %d: %s", round, sql)
			}
		}
		clear(seen.statements)
		seen.mu.Unlock()
	}
}

// otherPayer is a second payer.
var otherPayer = func() *taler.Payto {
	p, err := taler.NewIBANPayto("CH9300762011623852957", "Beat Beispiel")
	if err != nil {
		panic(err)
	}
	return &p
}()

// drawDay makes the payments of a random day out of few amounts, payers and
// texts, so that many are equal.
func drawDay(t *rapid.T, texts []wire.Remittance) []bounce.Transfer {
	var day []bounce.Transfer
	for i := range rapid.IntRange(1, 8).Draw(t, "payments") {
		one := bouncetest.Incoming(fmt.Sprint(i), rapid.SampledFrom([]string{"CHF:5", "CHF:10"}).Draw(t, "amount"),
			rapid.SampledFrom(texts).Draw(t, "text"))
		if rapid.Bool().Draw(t, "other payer") {
			one.Debtor = otherPayer
		}
		day = append(day, one)
	}
	return day
}

// drawPosts cuts the three reports of a day into pieces and posts each of them
// once or twice, in any order.
func drawPosts(t *rapid.T, reports [][]bounce.Transfer) [][]bounce.Transfer {
	var posts [][]bounce.Transfer
	for _, report := range reports {
		for piece := range slices.Chunk(report, rapid.IntRange(1, len(report)).Draw(t, "size")) {
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				posts = append(posts, piece)
			}
		}
	}
	return rapid.Permutation(posts).Draw(t, "order")
}

// emptied removes what a run before has stored; registrations stay.
func emptied(t testing.TB, h *bouncetest.House) {
	t.Helper()
	for _, table := range []string{"transfers", "history", "history_queue", "revenue", "revenue_queue", "payments", "sightings"} {
		h.Exec(t, `DELETE FROM `+table)
	}
}

// Any interleaving, splitting and repetition of the three reports of a random day
// gives exactly the payments of the day, each of them once.
func TestT1_AnyOrderOfMessages(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	var texts []wire.Remittance
	for _, name := range []string{"v", "w"} {
		_, remittance := mapped(t, h, "ch", name)
		texts = append(texts, remittance)
	}
	rapid.Check(t, func(rt *rapid.T) {
		emptied(t, h)
		day := drawDay(rt, texts)
		var reports [][]bounce.Transfer
		for _, kind := range kinds {
			reports = append(reports, rapid.Permutation(told(kind, day)).Draw(rt, kind))
		}
		for _, post := range drawPosts(rt, reports) {
			for i, r := range h.Receive(t, "ch", post...) {
				if r.Err != nil || r.Reason == bounce.ReasonPerhapsKnown {
					rt.Fatalf("%s: %+v", post[i].BankRef, r)
				}
			}
		}
		wantSame(rt, h, day)
	})
}

// wantSame compares what is stored with the payments of a day, by amount, payer
// and text.
func wantSame(t *rapid.T, h *bouncetest.House, day []bounce.Transfer) {
	stored := map[string]int{}
	rows, err := h.Pool.Query(t.Context(), `SELECT currency || ':' || value || ' ' || debtor || ' ' || (remittance ->> 'structured') FROM transfers`)
	if err != nil {
		t.Fatal(err)
	}
	var key string
	if _, err := pgx.ForEachRow(rows, []any{&key}, func() error { stored[key]++; return nil }); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for _, p := range day {
		want[fmt.Sprintf("%s %s [%q]", p.Amount, p.Debtor, p.Remittance.Structured[0])]++
	}
	if diff := cmp.Diff(want, stored); diff != "" {
		t.Fatalf("-want +stored\n%s", diff)
	}
}

// Messages that leave out what others tell: no payment is credited, held or sent
// back twice, and none is lost. What is left over waits for a person.
func TestT1_PoorMessagesDoubleNothing(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	_, remittance := mapped(t, h, "ch", "w")
	rapid.Check(t, func(rt *rapid.T) {
		emptied(t, h)
		day := drawDay(rt, []wire.Remittance{remittance, text("for the cat"), text("for the dog"), {}})
		var reports [][]bounce.Transfer
		for _, kind := range kinds {
			reports = append(reports, drawPoor(rt, kind, day))
		}
		for _, post := range drawPosts(rt, reports) {
			for i, r := range h.Receive(t, "ch", post...) {
				if r.Err != nil {
					rt.Fatalf("%s: %+v", post[i].BankRef, r)
				}
			}
		}
		total := h.Count(t, `SELECT count(*) FROM transfers`)
		settled := h.Count(t, `SELECT count(*) FROM transfers WHERE reason IS DISTINCT FROM 'perhaps_known'`)
		if total < len(day) || settled > len(day) {
			rt.Fatalf("of %d payments became %d transfers, %d of them without a doubt", len(day), total, settled)
		}
	})
}

// drawPoor is a day as a message tells it that leaves the same things out of
// every payment, and may have an id in common with others.
func drawPoor(t *rapid.T, kind string, day []bounce.Transfer) []bounce.Transfer {
	payer, words, common := rapid.Bool().Draw(t, "payer"), rapid.Bool().Draw(t, "words"), rapid.Bool().Draw(t, "common id")
	var out []bounce.Transfer
	for _, one := range day {
		if !payer {
			one.Debtor = nil
		}
		if !words {
			one.Remittance = wire.Remittance{}
		}
		if common {
			out = append(out, in(kind, one, "ID-"+one.BankRef))
		} else {
			out = append(out, in(kind, one))
		}
	}
	return rapid.Permutation(out).Draw(t, kind)
}

// Three jobs in two replicas post the three messages of a day at the same
// instant: one of them stores each payment.
func TestT1_RaceOfMessages(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	houses := []*bouncetest.House{h, bouncetest.Open(t, h.URL, bouncetest.CH()), h}
	w := bouncetest.NewWallet("w")
	remittance := bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
	for round := range rounds(t) {
		day := []bounce.Transfer{
			bouncetest.Incoming(fmt.Sprint(round, "-1"), "CHF:5", remittance), bouncetest.Incoming(fmt.Sprint(round, "-2"), "CHF:5", remittance),
			bouncetest.Incoming(fmt.Sprint(round, "-3"), "CHF:5", text("for the cat")),
		}
		var results [3][]bounce.Result
		var jobs []func()
		for i, kind := range kinds {
			jobs = append(jobs, func() {
				var err error
				if results[i], err = houses[i].Desk.Receive(t.Context(), houses[i].Account(t, "ch"), told(kind, day)); err != nil {
					t.Error(err)
				}
			})
		}
		together(jobs...)
		fresh := 0
		for _, r := range slices.Concat(results[:]...) {
			if r.Err != nil || r.Reason == bounce.ReasonPerhapsKnown {
				t.Fatalf("round %d: %+v", round, r)
			}
			if !r.Replay {
				fresh++
			}
		}
		if fresh != len(day) {
			t.Fatalf("round %d: %d payments were stored as %d", round, len(day), fresh)
		}
	}
	noTorn(t, h)
}

// Connections die at any instant while three jobs post the same day: when they
// have posted everything again, each payment is there once.
func TestT7_MessagesWhileConnectionsDie(t *testing.T) {
	t.Parallel()
	const payments = 60
	h := bouncetest.New(t, bouncetest.CH())
	_, remittance := mapped(t, h, "ch", "w")
	var day []bounce.Transfer
	for i := range payments {
		day = append(day, bouncetest.Incoming(fmt.Sprint(i), fmt.Sprint("CHF:", 1+i%7), remittance))
	}
	var statements [][]bounce.Transfer
	for _, kind := range kinds {
		statements = append(statements, told(kind, day))
	}
	postWhileConnectionsDie(t, h, h.Account(t, "ch"), 10, statements...)
	for _, kind := range kinds {
		for _, r := range h.Receive(t, "ch", told(kind, day)...) {
			if !r.Replay || r.Reason == bounce.ReasonPerhapsKnown {
				t.Fatalf("%+v", r)
			}
		}
	}
	wantCount(t, h, `SELECT count(*) FROM transfers`, payments)
	wantCount(t, h, `SELECT count(*) FROM sightings`, 3*payments)
	noTorn(t, h)
}
