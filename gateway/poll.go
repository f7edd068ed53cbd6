package gateway

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/subjects"
)

// maxPage is the largest page; a wish for more gets this much. The import
// daemon of GNU Taler's exchange asks for 1024 rows.
const maxPage = 1024

// pollSlack is what a long poll may take beyond its waiting time.
const pollSlack = 10 * time.Second

// pollTimeout reads how long the client wants to wait, at most the ceiling. A
// wish beyond every number is one for ever, as GNUnet's 2^64-1 is.
func (s *Server) pollTimeout(c *fiber.Ctx) (time.Duration, error) {
	text := query(c, "timeout_ms", "long_poll_ms")
	if text == "" {
		return 0, nil
	}
	ms, err := strconv.ParseUint(text, 10, 64) // the highest number where it is out of range
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, because(errMalformed, "timeout_ms: write a whole number from 0")
	}
	const most = math.MaxInt64 / uint64(time.Millisecond)
	return min(time.Duration(min(ms, most))*time.Millisecond, s.config.LongPollLimit), nil
}

// poll calls a reader that may wait. Where no place to wait is left it reads
// without waiting, and says so if there is nothing: a client told "nothing" too
// early would ask again at once, and so in circles.
func poll[T any](s *Server, account *subjects.Account, wait time.Duration, read func(context.Context, time.Duration) ([]T, error)) ([]T, error) {
	if wait <= 0 {
		ctx, cancel := within(s.base, s.config.RoomLimit)
		defer cancel()
		return read(ctx, 0)
	}
	if !s.waiting.enter(account.Name) {
		rows, err := poll(s, account, 0, read)
		if err == nil && len(rows) == 0 {
			err = errTooManyPolls
		}
		return rows, err
	}
	defer s.waiting.leave(account.Name)
	s.metrics.polls.Inc()
	defer s.metrics.polls.Dec()
	ctx, cancel := within(s.polls, wait+pollSlack)
	defer cancel()
	rows, err := read(ctx, wait)
	if errors.Is(err, context.Canceled) && s.stopping.Load() {
		return nil, nil // shutdown: nothing so far is the truth
	}
	return rows, err
}
