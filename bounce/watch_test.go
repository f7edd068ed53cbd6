package bounce

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// shelf stands for a book: rows that only grow, and how often it was looked at.
type shelf struct {
	mu    sync.Mutex
	rows  []int64
	looks int
	down  bool
}

var errDown = errors.New("the database is down")

func (s *shelf) read(r pageRequest) pageAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, _ := slices.BinarySearch(s.rows, r.page.Offset+1)
	rows := slices.Clone(s.rows[first:min(len(s.rows), first+r.page.Limit)])
	return pageAnswer{rows: rows, found: len(rows)}
}

func (s *shelf) look(_ int32, requests []pageRequest) ([]pageAnswer, error) {
	s.mu.Lock()
	s.looks++
	down := s.down
	s.mu.Unlock()
	if down {
		return nil, errDown
	}
	answers := make([]pageAnswer, len(requests))
	for i, r := range requests {
		answers[i] = s.read(r)
	}
	return answers, nil
}

func (s *shelf) add() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, int64(len(s.rows)+1))
}

func after(offset int64) pageRequest {
	return pageRequest{accountID: 1, page: Page{Limit: 3, Offset: offset, HasOffset: true}}
}

func isReady(s *seat) bool {
	select {
	case <-s.ready:
		return true
	default:
		return false
	}
}

// Everybody who waits for a page shares one look at it, and who waits for
// something else is not woken.
func TestWatch_OneLookForAll(t *testing.T) {
	t.Parallel()
	book := &shelf{}
	w := newWatch(book.look)
	var same []*seat
	for range 1000 {
		same = append(same, w.take(after(0)))
	}
	far, elsewhere := w.take(after(1000)), w.take(pageRequest{accountID: 2, page: Page{Limit: 3}})
	book.add()
	w.wake(1)
	for _, s := range same {
		<-s.ready
		if s.answer.found != 1 {
			t.Fatalf("%+v", s.answer)
		}
		w.leave(s)
	}
	w.looks.Wait()
	if isReady(far) || isReady(elsewhere) || book.looks != 1 {
		t.Errorf("woken: %t, %t; %d looks", isReady(far), isReady(elsewhere), book.looks)
	}
	w.wakeAll()
	w.looks.Wait()
	if isReady(far) || !isReady(elsewhere) {
		t.Error("wakeAll wakes those for whom there is something")
	}
	w.leave(far)
	w.leave(elsewhere)
	if looks := book.looks; len(w.seats) > 0 || len(w.looking) > 0 {
		t.Errorf("left over: %v %v", w.seats, w.looking)
	} else if w.wake(1); book.looks != looks {
		t.Error("nobody waits, and yet somebody looks")
	}
	w.close()
}

// When a look fails, all read for themselves, and learn why.
func TestWatch_FailedLook(t *testing.T) {
	t.Parallel()
	book := &shelf{down: true}
	w := newWatch(book.look)
	s := w.take(after(0))
	w.wake(1)
	<-s.ready
	if s.answer.found != 0 {
		t.Errorf("%+v", s.answer)
	}
	if fresh := w.take(after(0)); fresh == s {
		t.Error("a seat that is ready is taken again")
	}
	w.close()
	if w.wake(1); len(w.looking) > 0 {
		t.Error("a look after the end")
	}
}

// T6: readers who ask for "after the last row I saw" see every row in order, and
// none of them sleeps while there is one, however takes, reads, looks and credits
// fall together. A reader never gets less than what was there when he came.
func TestT6_WaitingReadersMissNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		readers, rows := rapid.IntRange(1, 8).Draw(t, "readers"), rapid.IntRange(1, 30).Draw(t, "rows")
		book := &shelf{}
		w := newWatch(book.look)
		var group sync.WaitGroup
		var wrong atomic.Int32
		for range readers {
			group.Go(func() {
				for last := int64(0); last < int64(rows); {
					known := int64(book.read(after(last)).found)
					answer := waitFor(book, w, last)
					got := answer.rows.([]int64)
					if len(got) == 0 || got[0] != last+1 || int64(len(got)) < known {
						wrong.Add(1)
						return
					}
					last = got[len(got)-1]
				}
			})
		}
		for range rows {
			book.add()
			w.wake(1)
		}
		done := make(chan struct{})
		go func() { group.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatal("a reader sleeps while there are rows")
		}
		w.close()
		if wrong.Load() > 0 || len(w.seats) > 0 {
			t.Fatalf("%d readers saw something wrong; %d seats are left", wrong.Load(), len(w.seats))
		}
	})
}

// waitFor is feed.sit without a clock.
func waitFor(book *shelf, w *watch, last int64) pageAnswer {
	for {
		s := w.take(after(last))
		answer := book.read(after(last))
		if answer.found == 0 {
			<-s.ready
			answer = s.answer
		}
		w.leave(s)
		if answer.found > 0 {
			return answer
		}
	}
}
