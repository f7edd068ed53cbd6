package bounce_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/migrations/testdb"
	"github.com/shortwire/shortwire/subjects"
)

// recorder keeps every statement that goes to the database, with the arguments
// of its first time.
type recorder struct {
	mu         sync.Mutex
	statements map[string][]any
}

func (r *recorder) keep(sql string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.statements[sql]; !known {
		r.statements[sql] = args
	}
}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	r.keep(data.SQL, data.Args)
	return ctx
}

func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (r *recorder) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	r.keep(data.SQL, data.Args)
}

func (r *recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// recorded opens rooms on a fresh database whose statements are kept.
func recorded(t *testing.T, accounts ...subjects.Account) (*bouncetest.House, *recorder) {
	t.Helper()
	url := testdb.New(t)
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	seen := &recorder{statements: map[string][]any{}}
	config.ConnConfig.Tracer = seen
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	h, err := bouncetest.OpenOn(t, url, pool, accounts...)
	if err != nil {
		t.Fatal(err)
	}
	return h, seen
}

// No statement of daily work reads a table whole: everything is done once on
// tables of some size, every statement that it took is explained, and the plans
// are searched for sequential scans of the tables that grow. The server's own
// count of scans is compared besides, which covers the plans that were in use.
func TestNoHotStatementScansATable(t *testing.T) {
	t.Parallel()
	const rows = 20_000
	h, seen := recorded(t, bouncetest.Tiny(100_000_000))
	url, pool := h.URL, h.Pool
	bouncetest.Fill(t, pool, 0, rows)
	fillMore(t, url)
	before := scans(t, url)
	seen.mu.Lock()
	clear(seen.statements)
	seen.mu.Unlock()
	for round := range 8 { // plans for all arguments are made at the sixth
		dailyWork(t, h, round)
	}
	explained := 0
	for sql, args := range seen.statements {
		if explain(t, url, sql, args) {
			explained++
		}
	}
	if explained < 20 {
		t.Errorf("only %d statements were explained", explained)
	}
	pool.Close() // sessions hand in their counts at their end
	for table, n := range scans(t, url) {
		if n != before[table] {
			t.Errorf("%s was scanned %d times", table, n-before[table])
		}
	}
}

// fillMore gives every transfer a sighting and a row of the revenue history, and
// every registration a proof, in a session of its own, whose scans are counted
// when it ends.
func fillMore(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // the statements' own errors count
	for _, sql := range []string{
		`INSERT INTO sightings SELECT account_id, 'camt.054', bank_ref, transfer_id, content_hash, 'CHF:' || transfer_id % 1000, received::date, '{}' FROM transfers`,
		`INSERT INTO revenue (account_id, transfer_id, row_id) SELECT account_id, transfer_id, row_number() OVER () FROM transfers`,
		`UPDATE accounts SET last_revenue_id = (SELECT max(row_id) FROM revenue)`,
		`INSERT INTO proofs SELECT account_id, authorization_pub, 1, 1 FROM registrations`,
		`ANALYZE sightings, revenue, proofs`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// growing are the tables that must not be read whole.
var growing = []string{"registrations", "mappings", "transfers", "history", "payments", "sightings", "revenue", "proofs"}

func scans(t *testing.T, url string) map[string]int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // only reading
	rows, err := conn.Query(t.Context(), `SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY($1)`, growing)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	var table string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&table, &n}, func() error { counts[table] = n; return nil }); err != nil {
		t.Fatal(err)
	}
	return counts
}

// dailyWork does everything that wallets, bank, exchange and sweeper do.
func dailyWork(t *testing.T, h *bouncetest.House, round int) {
	t.Helper()
	a := h.Account(t, "tiny")
	w, gone := bouncetest.NewWallet(fmt.Sprint("daily ", round)), bouncetest.NewWallet(fmt.Sprint("gone ", round))
	remittance := bouncetest.Remittance(h.Register(t, "tiny", w).Subjects[0])
	h.Register(t, "tiny", w)
	h.Map(t, "tiny", w, bouncetest.Reserve(fmt.Sprint("daily ", round)), time.Now())
	h.Receive(t, "tiny",
		bouncetest.Incoming(fmt.Sprint("credited ", round), "CHF:5", remittance),
		bouncetest.Incoming(fmt.Sprint("held ", round), "CHF:5", remittance),
		bouncetest.Incoming(fmt.Sprint("legacy ", round), "CHF:5", text(bouncetest.Reserve(fmt.Sprint("legacy ", round)).AccountPub.String())),
		bouncetest.Incoming(fmt.Sprint("bounced ", round), "CHF:5", text("for the cat")),
		bouncetest.Incoming("FILL7", "CHF:5", text("for the cat")))
	h.Map(t, "tiny", w, bouncetest.Reserve(fmt.Sprint("released ", round)), time.Now().Add(time.Second))
	h.Receive(t, "tiny", bouncetest.Incoming(fmt.Sprint("late ", round), "CHF:5", remittance))
	h.Receive(t, "tiny", told("camt.053", []bounce.Transfer{bouncetest.Incoming(fmt.Sprint("told ", round), "CHF:5", remittance)})...)
	h.Exec(t, `UPDATE transfers SET hold_until = now() WHERE account_id = $1 AND bank_ref = $2`, a.ID(), fmt.Sprint("late ", round))
	goneTo := bouncetest.Remittance(h.Register(t, "tiny", gone).Subjects[0])
	h.Receive(t, "tiny", bouncetest.Incoming(fmt.Sprint("returned ", round), "CHF:5", goneTo))
	doAll(t, map[string]func() error{
		"sweep":  func() error { _, err := h.Desk.Sweep(t.Context()); return err },
		"retain": func() error { _, err := h.Desk.Retain(t.Context()); return err },
		"unregister": func() error {
			_, err := h.Registry.Unregister(t.Context(), a, gone.Unregistration(a, time.Now()))
			return err
		},
		"status": func() error { _, err := h.Registry.Status(t.Context(), a, w.Pub); return err },
		"history": func() error {
			_, err := h.Desk.History(t.Context(), a, bounce.Page{Limit: 100, Offset: 5000, HasOffset: true})
			return err
		},
		"newest":   func() error { _, err := h.Desk.History(t.Context(), a, bounce.Page{Limit: -100}); return err },
		"payments": func() error { _, err := h.Desk.Payments(t.Context(), a, bounce.PaymentQuery{Limit: 20}); return err },
		"mappings of a key": func() error {
			_, err := h.Registry.Mappings(t.Context(), a, subjects.MappingQuery{AuthorizationPub: &w.Pub, Limit: 20})
			return err
		},
		"mapping of a reserve": func() error {
			target := bouncetest.Reserve(fmt.Sprint("daily ", round))
			_, err := h.Registry.Mappings(t.Context(), a, subjects.MappingQuery{AccountPub: &target.AccountPub, Limit: 20})
			return err
		},
	})
	dailyPayouts(t, h, round)
	dailyTaler(t, h, round)
	recycleOne(t, h, round)
}

// doAll does everything, in any order.
func doAll(t *testing.T, work map[string]func() error) {
	t.Helper()
	for what, do := range work {
		if err := do(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// dailyPayouts does what the exchange, the bank's words about payments and the
// operator ask for.
func dailyPayouts(t *testing.T, h *bouncetest.House, round int) {
	t.Helper()
	ctx, a := t.Context(), h.Account(t, "tiny")
	asked, err := h.Desk.Transfer(ctx, a, order(round))
	if err != nil {
		t.Fatal(err)
	}
	taken, err := h.Desk.Payments(ctx, a, bounce.PaymentQuery{Limit: 20})
	if err != nil || len(taken) == 0 {
		t.Fatalf("%d payments, %v", len(taken), err)
	}
	deposit := bouncetest.Incoming(fmt.Sprint("deposit ", round), "CHF:5", text("counter"))
	deposit.Debtor = nil
	h.Receive(t, "tiny", deposit)
	decision := bounce.Decision{Operator: "o", Reason: "r"}
	doAll(t, map[string]func() error{
		"report": func() error {
			_, err := h.Desk.Report(ctx, a, []bounce.Word{{EndToEndID: taken[0].EndToEndID, Status: bounce.PaymentSent}, {MessageID: taken[0].MessageID, Status: bounce.PaymentSent}})
			return err
		},
		"confirm": func() error {
			_, err := h.Desk.Confirm(ctx, a, bounce.Confirmation{ID: asked.ID, Status: bounce.PaymentSuccess})
			return err
		},
		"order": func() error { _, err := h.Desk.OrderOf(ctx, a, asked.ID); return err },
		"orders": func() error {
			_, err := h.Desk.Transfers(ctx, a, bounce.OrderQuery{Page: bounce.Page{Limit: 20}})
			return err
		},
		"pending": func() error {
			_, err := h.Desk.Transfers(ctx, a, bounce.OrderQuery{Page: bounce.Page{Limit: 20}, Status: bounce.PaymentPending})
			return err
		},
		"outgoing": func() error { _, err := h.Desk.OutgoingHistory(ctx, a, bounce.Page{Limit: 20}); return err },
		"backlogs": func() error { _, err := h.Desk.Backlogs(ctx); return err },
		"case": func() error {
			found, err := h.Desk.Cases(ctx, bounce.CaseQuery{Account: "tiny", Limit: 1})
			if err == nil {
				_, err = h.Desk.CreditCase(ctx, found[0].ID, decision, bouncetest.Reserve(fmt.Sprint("case ", round)))
			}
			return err
		},
		"log": func() error { _, err := h.Desk.Log(ctx, bounce.CaseQuery{Limit: 20}); return err },
	})
}

// dailyTaler does what GNU Taler's wallets and merchants ask for.
func dailyTaler(t *testing.T, h *bouncetest.House, round int) {
	t.Helper()
	ctx, a, w := t.Context(), h.Account(t, "tiny"), bouncetest.NewWallet(fmt.Sprint("taler ", round))
	for _, do := range []func() error{
		func() error {
			_, err := h.Registry.Prepare(ctx, a, w.Preparation(bouncetest.Reserve(fmt.Sprint("taler ", round)), false))
			return err
		},
		func() error { return h.Registry.EndPrepared(ctx, a, w.Ending(time.Now())) },
		func() error { _, err := h.Desk.Revenue(ctx, a, bounce.Page{Limit: 20}); return err },
		func() error { return h.Desk.NumberAll(ctx) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
}

// recycleOne takes a subject whose quarantine is over, as when the first lap is.
func recycleOne(t *testing.T, h *bouncetest.House, round int) {
	t.Helper()
	plan := explainText(t, h.URL, `
		SELECT account_id, authorization_pub FROM registrations
		WHERE account_id = $1 AND generation_id = $2 AND due_day < ((now() - $3 * interval '1 second') AT TIME ZONE 'UTC')::date
		ORDER BY due_day LIMIT 1 FOR UPDATE SKIP LOCKED`, []any{h.Account(t, "tiny").ID(), 1, float64(round)})
	if scanned := wholeScans(plan); len(scanned) > 0 {
		t.Errorf("recycling reads %v whole", scanned)
	}
}

// explain looks at the plan of one statement, and tells whether it has one.
func explain(t *testing.T, url, sql string, args []any) bool {
	t.Helper()
	verb, _, _ := strings.Cut(strings.TrimSpace(sql), " ")
	if !slices.Contains([]string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}, strings.ToUpper(strings.TrimSpace(strings.SplitN(verb, "\n", 2)[0]))) {
		return false
	}
	if scanned := wholeScans(explainText(t, url, sql, args)); len(scanned) > 0 {
		t.Errorf("%v read whole by\n%s", scanned, sql)
	}
	return true
}

func explainText(t *testing.T, url, sql string, args []any) []byte {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // only reading
	var plan []byte
	if err := conn.QueryRow(t.Context(), "EXPLAIN (FORMAT JSON) "+sql, args...).Scan(&plan); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return plan
}

// wholeScans finds sequential scans of growing tables in a plan.
func wholeScans(plan []byte) (found []string) {
	var walk func(any)
	walk = func(v any) {
		switch node := v.(type) {
		case map[string]any:
			table, _ := node["Relation Name"].(string)
			if node["Node Type"] == "Seq Scan" && slices.Contains(growing, table) {
				found = append(found, table)
			}
			for _, inner := range node {
				walk(inner)
			}
		case []any:
			for _, inner := range node {
				walk(inner)
			}
		}
	}
	var tree any
	if json.Unmarshal(plan, &tree) == nil {
		walk(tree)
	}
	return found
}
