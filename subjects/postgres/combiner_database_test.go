package postgres

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/migrations/testdb"
)

// counters is a set-based statement as the rooms write them: rows are locked in
// the order of their keys, results come in the order of the items.
func counters(pool *pgxpool.Pool) func(context.Context, []string) ([]int, error) {
	return func(ctx context.Context, keys []string) ([]int, error) {
		out := make([]int, len(keys))
		err := Retry(ctx, func() error {
			rows, err := pool.Query(ctx, `
				WITH given AS (SELECT key, place FROM unnest($1::text[]) WITH ORDINALITY AS g (key, place)),
				stored AS (
					INSERT INTO counters AS c (key, n) SELECT key, 1 FROM given ORDER BY key
					ON CONFLICT (key) DO UPDATE SET n = c.n + 1 RETURNING key, n)
				SELECT place, n FROM stored JOIN given USING (key)`, keys)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var place, n int
				if err := rows.Scan(&place, &n); err != nil {
					return err
				}
				out[place-1] = n
			}
			return rows.Err()
		})
		return out, err
	}
}

// Many callers of few keys: each count is handed out once, nothing is lost.
func TestCombinerWithDatabase(t *testing.T) {
	t.Parallel()
	pool := open(t, Config{URL: testdb.Empty(t)})
	execute(t, pool, `CREATE TABLE counters (key text PRIMARY KEY, n int NOT NULL)`)
	c := NewCombiner(CombinerConfig{Workers: 4}, func(key string) string { return key }, counters(pool))
	defer c.Close()
	const callers, keys, rounds = 32, 5, 20
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for r := range rounds {
				key := fmt.Sprint((i + r) % keys)
				n, err := c.Do(t.Context(), key)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if ticket := fmt.Sprintf("%s/%d", key, n); seen[ticket] {
					t.Errorf("%s was given out twice", ticket)
				} else {
					seen[ticket] = true
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	var total int
	if err := pool.QueryRow(t.Context(), `SELECT sum(n) FROM counters`).Scan(&total); err != nil || total != callers*rounds {
		t.Errorf("total %d, %v; want %d", total, err, callers*rounds)
	}
}

func BenchmarkCombiner(b *testing.B) {
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			pool := open(b, Config{URL: testdb.Empty(b)})
			execute(b, pool, `CREATE TABLE counters (key text PRIMARY KEY, n int NOT NULL)`)
			c := NewCombiner(CombinerConfig{Workers: 2}, func(key string) string { return key }, counters(pool))
			defer c.Close()
			var next int
			var mu sync.Mutex
			b.ResetTimer()
			b.SetParallelism(max(1, clients/2)) // times GOMAXPROCS
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					mu.Lock()
					next++
					key := fmt.Sprint(next)
					mu.Unlock()
					if _, err := c.Do(b.Context(), key); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
