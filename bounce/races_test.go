package bounce_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/subjects"
)

// rounds of each race; `make races` wants 1,000.
func rounds(t *testing.T) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("SHORTWIRE_ROUNDS")); err == nil {
		return n
	}
	return 60
}

// together runs functions at the same time and waits for all.
func together(do ...func()) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for _, f := range do {
		group.Go(func() { <-start; f() })
	}
	close(start)
	group.Wait()
}

// noTorn looks for bounces without a payment, payments without a bounce, and
// credits that the history does not have.
func noTorn(t *testing.T, h *bouncetest.House) {
	t.Helper()
	for what, sql := range map[string]string{
		"bounced without a payment, or paid without being bounced":  `SELECT count(*) FROM transfers t WHERE (state = 'bounced') <> EXISTS (SELECT FROM payments p WHERE p.transfer_id = t.transfer_id)`,
		"credited without history, or in it without being credited": `SELECT count(*) FROM transfers t WHERE (state = 'credited') <> EXISTS (SELECT FROM history p WHERE p.transfer_id = t.transfer_id)`,
		"waiting for their numbers":                                 `SELECT count(*) FROM history_queue`,
		"used by a mapping without being credited by it":            `SELECT count(*) FROM mappings m JOIN transfers t USING (transfer_id) WHERE t.state <> 'credited' OR t.account_pub <> m.account_pub`,
	} {
		if n := h.Count(t, sql); n != 0 {
			t.Errorf("%d transfers are %s", n, what)
		}
	}
}

// Several sweepers in several replicas come upon the same overdue transfers:
// each transfer is bounced by one of them.
func TestC1_RaceOfSweepers(t *testing.T) {
	t.Parallel()
	const held = 5
	h := bouncetest.New(t, bouncetest.CH())
	other := bouncetest.Open(t, h.URL, bouncetest.CH())
	w := bouncetest.NewWallet("w")
	remittance := bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
	for round := range rounds(t) {
		var batch []bounce.Transfer
		for i := range held {
			batch = append(batch, bouncetest.Incoming(fmt.Sprint(round, "-", i), "CHF:1", remittance))
		}
		h.Receive(t, "ch", batch...)
		h.Exec(t, `UPDATE transfers SET hold_until = now() WHERE state = 'held'`)
		var swept [3]bounce.Swept
		sweep := func(house *bouncetest.House, into *bounce.Swept) func() {
			return func() {
				var err error
				if *into, err = house.Desk.Sweep(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
		together(sweep(h, &swept[0]), sweep(other, &swept[1]), sweep(other, &swept[2]))
		if n := swept[0].Unmapped + swept[1].Unmapped + swept[2].Unmapped; n != held {
			t.Fatalf("round %d: three sweepers moved %d transfers, want %d", round, n, held)
		}
	}
	noTorn(t, h)
}

// The last free subject of a space: one of many gets it, the others are told
// that there is none, and nobody gets one that is taken.
func TestS6_RaceForTheLastSlotManyTimes(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.Tiny(1))
	other := bouncetest.Open(t, h.URL, bouncetest.Tiny(1))
	for round := range rounds(t) {
		var granted [4]bool
		var tries []func()
		for i := range granted {
			house := []*bouncetest.House{h, other}[i%2]
			pub := bouncetest.NewWallet(fmt.Sprint(round, "-", i)).Pub
			tries = append(tries, func() {
				g, err := house.Registry.Register(t.Context(), house.Account(t, "tiny"), subjects.Request{AuthorizationPub: pub})
				granted[i] = err == nil && g.Created
				if err != nil && !errors.Is(err, subjects.ErrSpaceExhausted) {
					t.Error(err)
				}
			})
		}
		together(tries...)
		n := 0
		for _, got := range granted {
			if got {
				n++
			}
		}
		if n != 1 {
			t.Fatalf("round %d: %d of %d got the one subject", round, n, len(granted))
		}
		h.Exec(t, `UPDATE registrations SET since = now() - interval '200 days', expiration = now() - interval '100 days', due_day = (now() - interval '100 days')::date`)
	}
}

// A newer mapping replaces a pending one while a transfer takes it: the transfer
// is credited to one of the two, and the newer one is pending if it came late.
func TestM2_RaceOfReplacementAndTransfer(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	other := bouncetest.Open(t, h.URL, bouncetest.CH())
	b := other.Account(t, "ch")
	w := bouncetest.NewWallet("w")
	remittance := bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
	stamp := time.Now().Add(-time.Hour)
	late, early := 0, 0
	for round := range rounds(t) {
		first, second := bouncetest.Reserve(fmt.Sprint("first ", round)), bouncetest.Reserve(fmt.Sprint("second ", round))
		stamp = stamp.Add(2 * time.Second)
		h.Map(t, "ch", w, first, stamp)
		ref := fmt.Sprint(round)
		together(
			func() {
				if _, err := other.Registry.Map(t.Context(), b, w.Mapping(b, second, stamp.Add(time.Second))); err != nil {
					t.Error(err)
				}
			},
			func() { h.Receive(t, "ch", bouncetest.Incoming(ref, "CHF:1", remittance)) })
		var state string
		var pub []byte
		if err := h.Pool.QueryRow(t.Context(), `SELECT state, account_pub FROM transfers WHERE bank_ref = $1`, ref).Scan(&state, &pub); err != nil {
			t.Fatal(err)
		}
		pending := h.Count(t, `SELECT count(*) FROM mappings WHERE transfer_id IS NULL`)
		switch {
		case state == "credited" && string(pub) == string(second.AccountPub[:]) && pending == 0:
			early++
		case state == "credited" && string(pub) == string(first.AccountPub[:]) && pending == 1:
			late++
			// The newer mapping waits; another transfer takes it.
			if got := h.Receive(t, "ch", bouncetest.Incoming(ref+" next", "CHF:1", remittance)); got[0].State != bounce.Credited {
				t.Fatalf("round %d: the newer mapping credits nothing: %+v", round, got)
			}
		default:
			t.Fatalf("round %d: the transfer is %s, %d mappings are pending", round, state, pending)
		}
	}
	t.Logf("%d replaced before the transfer, %d after it", early, late)
	noTorn(t, h)
}

// The owner gives up while the mapping arrives and a sweeper comes by: each
// transfer ends once.
func TestT1_RaceOfMappingUnregistrationAndSweeper(t *testing.T) {
	t.Parallel()
	h := bouncetest.New(t, bouncetest.CH())
	other := bouncetest.Open(t, h.URL, bouncetest.CH())
	a, b := h.Account(t, "ch"), other.Account(t, "ch")
	for round := range rounds(t) {
		w := bouncetest.NewWallet(fmt.Sprint("w", round))
		remittance := bouncetest.Remittance(h.Register(t, "ch", w).Subjects[0])
		old, young := fmt.Sprint("old ", round), fmt.Sprint("young ", round)
		h.Receive(t, "ch", bouncetest.Incoming(old, "CHF:1", remittance), bouncetest.Incoming(young, "CHF:1", remittance))
		h.EndHold(t, old)
		together(
			func() {
				if _, err := h.Registry.Unregister(t.Context(), a, w.Unregistration(a, time.Now())); err != nil {
					t.Error(err)
				}
			},
			func() {
				_, err := other.Registry.Map(t.Context(), b, w.Mapping(b, bouncetest.Reserve(fmt.Sprint(round)), time.Now()))
				if err != nil && !errors.Is(err, subjects.ErrExpired) {
					t.Error(err)
				}
			},
			func() {
				if _, err := other.Desk.Sweep(t.Context()); err != nil {
					t.Error(err)
				}
			})
		if n := h.Count(t, `SELECT count(*) FROM transfers WHERE state = 'held'`); n != 0 {
			t.Fatalf("round %d: %d transfers are left waiting", round, n)
		}
	}
	noTorn(t, h)
}
