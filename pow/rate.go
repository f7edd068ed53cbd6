package pow

import (
	"context"
	"crypto/rand"
	"sync"
	"sync/atomic"
	"time"
)

// Rate measures how many evaluations per second this machine does on so many
// goroutines. It takes as long as it is told to, or one evaluation if that is
// longer.
func Rate(p Params, workers int, during time.Duration) float64 {
	ctx, cancel := context.WithTimeout(context.Background(), during)
	defer cancel()
	var digest [32]byte
	_, _ = rand.Read(digest[:]) // never fails (crypto/rand)
	var count atomic.Uint64
	var group sync.WaitGroup
	start := time.Now()
	for lane := range uint64(max(1, workers)) {
		group.Go(func() {
			for nonce := lane; ; nonce += uint64(max(1, workers)) {
				p.tag(&digest, nonce)
				count.Add(1)
				if ctx.Err() != nil {
					return
				}
			}
		})
	}
	group.Wait()
	return float64(count.Load()) / time.Since(start).Seconds()
}
