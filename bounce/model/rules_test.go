package model_test

import (
	"errors"
	"slices"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/bounce/bouncetest"
	"github.com/shortwire/shortwire/subjects"
)

const day = int64(24 * 60 * 60)

// world is everything the rules speak of, in seconds since 1970.
type world struct {
	now      int64
	accounts map[string]*account
	credited map[int]bool // reserve keys, over all accounts (M3)
}

// account is one credit account.
type account struct {
	world     *world
	name      string
	size      int // of the space; 0: the key is the subject (S8)
	life      int64
	hold      int64
	quarant   int64
	rows      map[int]*registration // by wallet
	mappings  map[int]*mapping
	floor     int64 // newest timestamp of forgotten mappings (M1)
	transfers map[string]*transfer
	order     []string // bank references as they were stored
	history   []*transfer
}

type registration struct {
	subject           string
	recurrent, used   bool
	since, expiration int64
	due               int64 // day from which the quarantine counts
	ended             int64 // timestamp of the last unregistration
}

type mapping struct {
	target subjects.Target
	number int // of the reserve key
	stamp  int64
	stored int64 // 0: void
	used   bool
}

type transfer struct {
	ref     string
	content content
	state   bounce.State
	reason  bounce.Reason
	wallet  int // held, and credited by a mapping
	until   int64
	target  subjects.Target
	row     int
}

// content is what a transfer says.
type content struct {
	currency string
	small    bool // below the minimum that extends (S3)
	debtor   bool
	subject  string // "" when there is none
	wallet   int    // the key in the text (S8), or -1
	reserve  int    // legacy reserve key in the text (T4), or -1
	spelling int    // makes equal contents different
}

func newWorld(now int64, accounts ...subjects.Account) *world {
	w := &world{now: now, accounts: map[string]*account{}, credited: map[int]bool{}}
	for _, a := range accounts {
		w.accounts[a.Name] = &account{
			world: w, name: a.Name, size: int(a.Method.Spec().Size), floor: -1,
			life: int64(a.RegistrationLifetime.Seconds()), hold: int64(a.HoldDelay.Seconds()), quarant: int64(a.Quarantine.Seconds()),
			rows: map[int]*registration{}, mappings: map[int]*mapping{}, transfers: map[string]*transfer{},
		}
	}
	return w
}

func (a *account) live(wallet int) bool {
	r := a.rows[wallet]
	return r != nil && r.expiration > a.world.now
}

// begin starts a life.
func (a *account) begin(r *registration, recurrent bool) {
	now := a.world.now
	r.recurrent, r.used, r.since, r.expiration, r.due = recurrent, false, now, now+a.life, (now+a.life)/day
}

func (r *registration) extend(now, life int64) {
	r.expiration, r.due = max(r.expiration, now+life), max(r.due, (now+life)/day)
}

// register returns what must come of it: the subject if it is certain, else
// those that it may be.
func (a *account) register(wallet int, oneShot bool) (subject string, choice []string, err error) {
	if a.size == 0 {
		return "", nil, nil
	}
	if r := a.rows[wallet]; r != nil {
		if !a.live(wallet) {
			a.begin(r, !oneShot)
		}
		return r.subject, nil, nil
	}
	if len(a.rows) < a.size {
		return "", nil, nil // any that is free
	}
	oldest := int64(1 << 62)
	for _, r := range a.rows {
		switch free := r.due < (a.world.now-a.quarant)/day; {
		case !free || r.due > oldest:
		case r.due < oldest:
			oldest, choice = r.due, []string{r.subject}
		default:
			choice = append(choice, r.subject)
		}
	}
	if choice == nil {
		return "", nil, subjects.ErrSpaceExhausted
	}
	return "", choice, nil
}

// granted stores the subject that the house chose.
func (a *account) granted(wallet int, subject string, oneShot bool) {
	if a.size == 0 || a.rows[wallet] != nil {
		return
	}
	for other, r := range a.rows {
		if r.subject == subject {
			delete(a.rows, other)
		}
	}
	r := &registration{subject: subject, ended: -1}
	a.rows[wallet] = r
	a.begin(r, !oneShot)
}

// anchor is the row of a key that is its own subject (S8).
func (a *account) anchor(wallet int, extend bool) {
	if a.rows[wallet] == nil {
		a.rows[wallet] = &registration{ended: -1, recurrent: true}
	}
	r := a.rows[wallet]
	switch {
	case !a.live(wallet):
		a.begin(r, true)
	case extend:
		r.extend(a.world.now, a.life)
	}
}

// pending returns the unused mapping of the present life.
func (a *account) pending(wallet int) *mapping {
	m, r := a.mappings[wallet], a.rows[wallet]
	if m == nil || r == nil || m.used || m.stored < r.since {
		return nil
	}
	return m
}

func (a *account) taken(m *mapping) bool {
	return m.target.Type == subjects.CreditReserve && a.world.credited[m.number]
}

// mapTo is M1, M2 and M4.
func (a *account) mapTo(wallet int, m mapping) (credited int, err error) {
	if m.stamp > a.world.now+day {
		return 0, subjects.ErrFutureTimestamp
	}
	if a.size == 0 {
		a.anchor(wallet, true)
	}
	known := a.mappings[wallet]
	last := a.floor
	if known != nil {
		last = known.stamp
	}
	same := known != nil && a.rows[wallet] != nil && known.stamp == m.stamp && known.target == m.target && known.stored >= a.rows[wallet].since
	wasUsed := known != nil && known.used
	switch {
	case a.rows[wallet] == nil:
		err = subjects.ErrUnknownRegistration
	case !a.live(wallet):
		err = subjects.ErrExpired
	case last < m.stamp && !a.taken(&m):
		m.stored = a.world.now
		a.mappings[wallet] = &m
	case same:
		if wasUsed {
			credited = 1
		}
	case a.taken(&m):
		err = subjects.ErrReserveReused
	default:
		err = subjects.ErrOldTimestamp
	}
	if a.release(wallet) {
		credited = 1
	}
	return credited, err
}

// release credits the oldest held transfer of a key with a mapping (M4).
func (a *account) release(wallet int) bool {
	r, m := a.rows[wallet], a.pending(wallet)
	if m == nil || !a.live(wallet) || a.taken(m) || (!r.recurrent && r.used) {
		return false
	}
	for _, ref := range a.order {
		t := a.transfers[ref]
		if t.state == bounce.Held && t.wallet == wallet && t.until > a.world.now {
			a.credit(t, r, m)
			a.spend(wallet, r)
			return true
		}
	}
	return false
}

func (a *account) credit(t *transfer, r *registration, m *mapping) {
	t.state, t.reason, t.target = bounce.Credited, "", m.target
	m.used, r.used = true, true
	if m.target.Type == subjects.CreditReserve {
		a.world.credited[m.number] = true
	}
	if !t.content.small {
		r.extend(a.world.now, a.life)
	}
	a.enter(t)
}

// spend ends the wait of what a used one-shot registration cannot serve.
func (a *account) spend(wallet int, r *registration) {
	for _, t := range a.transfers {
		if !r.recurrent && t.state == bounce.Held && t.wallet == wallet && t.until > a.world.now {
			a.settle(t, bounce.ReasonReused)
		}
	}
}

// enter puts a credit into the exchange's history.
func (a *account) enter(t *transfer) {
	a.history = append(a.history, t)
	t.row = len(a.history)
}

// settle sends a transfer back, or to a person.
func (a *account) settle(t *transfer, reason bounce.Reason) {
	t.state, t.reason = bounce.Bounced, reason
	if !t.content.debtor {
		t.state = bounce.Manual
	}
}

// view is a transfer as every reader must see it now (C1).
func (a *account) view(t *transfer) (bounce.State, bounce.Reason) {
	if t.state == bounce.Held && t.until <= a.world.now {
		late := *t
		a.settle(&late, bounce.ReasonUnmapped)
		return late.state, late.reason
	}
	return t.state, t.reason
}

// errConflict is the only error of an item here.
var errConflict = errors.New("conflict")

// receive is T1 and T2 for one transfer.
func (a *account) receive(ref string, c content) (t *transfer, replay bool, err error) {
	if a.size == 0 && c.wallet >= 0 {
		a.anchor(c.wallet, false)
	}
	if known := a.transfers[ref]; known != nil {
		if known.content != c {
			return nil, false, errConflict
		}
		return known, true, nil
	}
	t = &transfer{ref: ref, content: c, wallet: -1}
	a.transfers[ref], a.order = t, append(a.order, ref)
	a.decide(t)
	return t, false, nil
}

func (a *account) currency() string {
	if a.size == 0 {
		return "EUR"
	}
	return "CHF"
}

func (a *account) decide(t *transfer) {
	c := t.content
	wallet := a.named(c)
	r := a.rows[wallet]
	switch {
	case c.currency != a.currency():
		t.state, t.reason = bounce.Manual, bounce.ReasonWrongCurrency
	case c.subject == "" && c.wallet < 0 && c.reserve < 0:
		a.settle(t, bounce.ReasonMalformed)
	case c.reserve >= 0:
		a.decideLegacy(t)
	case r == nil:
		a.settle(t, bounce.ReasonUnknown)
	case !a.live(wallet):
		a.settle(t, bounce.ReasonExpired)
	case !r.recurrent && r.used:
		a.settle(t, bounce.ReasonReused)
	case a.pending(wallet) == nil:
		t.state, t.wallet, t.until = bounce.Held, wallet, a.world.now+a.hold
	case a.taken(a.pending(wallet)):
		a.settle(t, bounce.ReasonReserveReused)
	default:
		t.wallet = wallet
		a.credit(t, r, a.pending(wallet))
	}
}

func (a *account) decideLegacy(t *transfer) {
	if a.world.credited[t.content.reserve] {
		a.settle(t, bounce.ReasonReserveReused)
		return
	}
	a.world.credited[t.content.reserve] = true
	t.state, t.target = bounce.Credited, bouncetest.Reserve(reserveName(t.content.reserve))
	a.enter(t)
}

// named finds whose subject a text holds, -1 for nobody's.
func (a *account) named(c content) int {
	if c.wallet >= 0 {
		return c.wallet
	}
	for wallet, r := range a.rows {
		if c.subject != "" && r.subject == c.subject {
			return wallet
		}
	}
	return -1
}

// unregister ends a life.
func (a *account) unregister(wallet int, stamp int64) (returned int, repeated bool, err error) {
	if stamp > a.world.now+day {
		return 0, false, subjects.ErrFutureTimestamp
	}
	if a.size == 0 && a.rows[wallet] == nil {
		a.rows[wallet] = &registration{ended: -1, recurrent: true, due: a.world.now / day}
	}
	r := a.rows[wallet]
	switch {
	case r == nil:
		return 0, false, subjects.ErrUnknownRegistration
	case !a.live(wallet) && r.ended == stamp:
		return 0, true, nil
	case !a.live(wallet) && a.size > 0:
		return 0, false, subjects.ErrExpired
	case stamp < r.since || stamp <= r.ended:
		return 0, false, subjects.ErrOldTimestamp
	}
	r.expiration, r.ended, r.due = r.since, stamp, max(a.world.now, stamp)/day
	if m := a.mappings[wallet]; m != nil && !m.used {
		m.stored = 0
	}
	return a.giveUp(wallet), false, nil
}

// giveUp returns everything that is held for a key, late ones as what they were
// told to be already; these are not counted.
func (a *account) giveUp(wallet int) (returned int) {
	for _, t := range a.transfers {
		if t.state != bounce.Held || t.wallet != wallet {
			continue
		}
		if t.until <= a.world.now {
			a.settle(t, bounce.ReasonUnmapped)
			continue
		}
		a.settle(t, bounce.ReasonUnregistered)
		returned++
	}
	return returned
}

// retain forgets what decides nothing: the answers of mapTo and unregister may
// differ by it, and nothing else.
func (a *account) retain(age time.Duration) {
	limit := a.world.now - int64(age.Seconds())
	for wallet, r := range a.rows {
		waits := slices.ContainsFunc(a.order, func(ref string) bool {
			t := a.transfers[ref]
			return t.state == bounce.Held && t.wallet == wallet
		})
		if a.size == 0 && r.due < limit/day && !waits {
			delete(a.rows, wallet)
		}
	}
	for wallet, m := range a.mappings {
		if m.stored < limit && m.stamp < limit && !a.live(wallet) {
			a.floor = max(a.floor, m.stamp)
			delete(a.mappings, wallet)
		}
	}
}

// sweep settles what is overdue; no reader notices.
func (a *account) sweep() {
	for _, t := range a.transfers {
		t.state, t.reason = a.view(t)
	}
}
