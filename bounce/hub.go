package bounce

import "sync"

// hub wakes waiters by account. A wake-up says "read again", nothing more, so
// it may come too often but never too seldom: take the channel first, then
// read, then wait on it.
type hub struct {
	mu      sync.Mutex
	signals map[int32]chan struct{}
}

func newHub() *hub { return &hub{signals: map[int32]chan struct{}{}} }

// next returns a channel that is closed at the next wake-up of the account.
func (h *hub) next(accountID int32) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.signals[accountID] == nil {
		h.signals[accountID] = make(chan struct{})
	}
	return h.signals[accountID]
}

func (h *hub) wake(accountID int32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if signal := h.signals[accountID]; signal != nil {
		close(signal)
		delete(h.signals, accountID)
	}
}

func (h *hub) wakeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, signal := range h.signals {
		close(signal)
		delete(h.signals, id)
	}
}
