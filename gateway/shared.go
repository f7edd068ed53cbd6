package gateway

import "sync/atomic"

// sharedAnswer keeps the answer that was written last. Everybody who waited for
// the same page of a history was given the same rows, which nobody changes; they
// are turned into JSON once.
type sharedAnswer struct {
	last atomic.Pointer[writtenRows]
}

// writtenRows are rows and their JSON. To know the rows again it keeps them: they
// are the same if the first of them lies at the same place in memory.
type writtenRows struct {
	first any // pointer to it
	count int
	text  []byte
}

// of returns the JSON of count rows, of which first points to the first. It may
// write them again when others were answered in between.
func (s *sharedAnswer) of(first any, count int, write func() ([]byte, error)) ([]byte, error) {
	if last := s.last.Load(); last != nil && last.first == first && last.count == count {
		return last.text, nil
	}
	text, err := write()
	if err == nil {
		s.last.Store(&writtenRows{first, count, text})
	}
	return text, err
}
