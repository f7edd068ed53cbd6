package gateway

import "sync"

// waiting counts the requests that wait on each account.
type waiting struct {
	limit int
	mu    sync.Mutex
	count map[string]int
}

func newWaiting(limit int) *waiting {
	return &waiting{limit: limit, count: make(map[string]int)}
}

// enter takes a place on the account; it tells whether there was one.
func (w *waiting) enter(account string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count[account] >= w.limit {
		return false
	}
	w.count[account]++
	return true
}

// leave gives the place back.
func (w *waiting) leave(account string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count[account]--
}
