package bounce

import "sync"

// watch keeps the readers who wait for a page of a book. When the account has
// news, each different page is looked at once, whoever waits for it, and only
// those readers are woken for whom there is something.
//
// A reader takes a seat first, reads then, and waits at the seat only if he has
// found nothing. So he misses nothing: what was committed before he read, he has
// read, and what comes later wakes the seat. Nor is he given anything old: a look
// that began before he read would have found no more than he did, which is
// nothing.
type watch struct {
	look func(account int32, requests []pageRequest) ([]pageAnswer, error)

	mu      sync.Mutex
	seats   map[int32]map[pageKey]*seat
	looking map[int32]bool // by account with a look under way: news came meanwhile
	closed  bool
	looks   sync.WaitGroup
}

// pageKey tells the pages of an account apart.
type pageKey struct {
	page    Page
	columns string
}

// seat is where all wait who want the same page.
type seat struct {
	request pageRequest
	readers int
	ready   chan struct{} // closed when the answer is final; nobody comes to this seat any more
	answer  pageAnswer    // without rows: the look failed, and everybody reads for himself
}

func newWatch(look func(int32, []pageRequest) ([]pageAnswer, error)) *watch {
	return &watch{look: look, seats: map[int32]map[pageKey]*seat{}, looking: map[int32]bool{}}
}

// take returns the seat for a page. The reader reads then, and leaves in the end.
func (w *watch) take(r pageRequest) *seat {
	w.mu.Lock()
	defer w.mu.Unlock()
	seats := w.seats[r.accountID]
	if seats == nil {
		seats = map[pageKey]*seat{}
		w.seats[r.accountID] = seats
	}
	s := seats[r.key()]
	if s == nil {
		s = &seat{request: r, ready: make(chan struct{})}
		seats[r.key()] = s
	}
	s.readers++
	return s
}

func (w *watch) leave(s *seat) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.readers--; s.readers == 0 {
		w.remove(s)
	}
}

// remove takes a seat away, unless another one stands in its place.
func (w *watch) remove(s *seat) {
	seats, key := w.seats[s.request.accountID], s.request.key()
	if seats[key] == s {
		delete(seats, key)
	}
	if len(seats) == 0 {
		delete(w.seats, s.request.accountID)
	}
}

// wake has the pages looked at for which somebody waits. It does not wait itself.
// News that come while a look is under way are seen by one more.
func (w *watch) wake(account int32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wakeLocked(account)
}

// wakeAll is wake for every account.
func (w *watch) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for account := range w.seats {
		w.wakeLocked(account)
	}
}

func (w *watch) wakeLocked(account int32) {
	if _, underWay := w.looking[account]; underWay {
		w.looking[account] = true
		return
	}
	if w.closed || len(w.seats[account]) == 0 {
		return
	}
	w.looking[account] = false
	w.looks.Add(1)
	go func() {
		defer w.looks.Done()
		for more := true; more; more = w.more(account) {
			seats, requests := w.waiting(account)
			answers, err := w.look(account, requests)
			w.deliver(seats, answers, err)
		}
	}()
}

// waiting returns the seats of an account and what they wait for.
func (w *watch) waiting(account int32) (seats []*seat, requests []pageRequest) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.seats[account] {
		seats, requests = append(seats, s), append(requests, s.request)
	}
	return seats, requests
}

// deliver wakes those for whom there is something.
func (w *watch) deliver(seats []*seat, answers []pageAnswer, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, s := range seats {
		switch {
		case err == nil && answers[i].found == 0:
			continue
		case err == nil:
			s.answer = answers[i]
		}
		if w.seats[s.request.accountID][s.request.key()] == s { // else all have left
			w.remove(s)
			close(s.ready)
		}
	}
}

// more tells whether news came during a look; else the look is over.
func (w *watch) more(account int32) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.looking[account] && !w.closed {
		w.looking[account] = false
		return true
	}
	delete(w.looking, account)
	return false
}

// close waits for looks that are under way, and lets none begin.
func (w *watch) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.looks.Wait()
}
