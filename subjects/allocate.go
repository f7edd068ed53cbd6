package subjects

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/plugins/wire"
)

// gapSearchSize bounds the spaces in which lost slots are searched. In larger
// ones a block more or less does not matter, and the search would take long.
const gapSearchSize = 100_000

// gapSearchPause keeps a full space from being searched at every request.
const gapSearchPause = 10 * time.Minute

// slotPool hands out the slots of one generation in linear order (S4). It
// reserves them in blocks; what it lends and gets back is the only state in
// memory, and losing it costs at most a block of slots until the gaps are
// filled after the first lap.
type slotPool struct {
	db      *pgxpool.Pool
	account *Account
	now     func() time.Time

	mu       sync.Mutex
	free     []uint64
	lapOver  bool
	searched time.Time
}

// slot is a reserved index with the reference it stands for.
type slot struct {
	index     uint64
	reference wire.Reference
}

// take returns n slots, or fewer when the first lap is over.
func (p *slotPool) take(ctx context.Context, n int) ([]slot, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < n && !p.lapOver {
		if err := p.reserve(ctx, int64(n-len(p.free))); err != nil {
			return nil, err
		}
	}
	n = min(n, len(p.free))
	taken, err := p.encode(p.free[:n])
	if err != nil {
		return nil, err
	}
	p.free = p.free[n:]
	return taken, nil
}

func (p *slotPool) encode(indexes []uint64) ([]slot, error) {
	slots := make([]slot, 0, len(indexes))
	g := p.account.generation
	for _, index := range indexes {
		ref, err := p.account.Method.Encode(wire.Slot{Generation: uint32(g.id), Index: g.permutation.apply(index)})
		if err != nil {
			return nil, err
		}
		slots = append(slots, slot{index, ref})
	}
	return slots, nil
}

// giveBack returns slots that were not used.
func (p *slotPool) giveBack(slots ...slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range slots {
		p.free = append(p.free, s.index)
	}
}

// reserve moves the cursor of the generation.
func (p *slotPool) reserve(ctx context.Context, n int64) error {
	var from, to int64
	g := p.account.generation
	err := p.db.QueryRow(ctx, `
		UPDATE generations g SET cursor = least(g.size, g.cursor + $2)
		FROM (SELECT generation_id, cursor FROM generations WHERE generation_id = $1 FOR UPDATE) old
		WHERE g.generation_id = old.generation_id
		RETURNING old.cursor, g.cursor`, g.id, max(n, g.block())).Scan(&from, &to)
	if err != nil {
		return err
	}
	for i := from; i < to; i++ {
		p.free = append(p.free, uint64(i))
	}
	p.lapOver = uint64(to) == g.size
	return nil
}

// fillGaps finds slots that were reserved once and lost with their process. It
// reports whether there are any to take now.
func (p *slotPool) fillGaps(ctx context.Context) (bool, error) {
	if found, search := p.searchGaps(); !search {
		return found, nil
	}
	// In any order: replicas that search at the same time find the same gaps,
	// and should not fight over each of them in turn.
	g := p.account.generation
	rows, err := p.db.Query(ctx, `
		SELECT slot FROM (
			SELECT slot FROM generate_series(0, $2::bigint - 1) AS slot
			EXCEPT SELECT slot FROM registrations WHERE generation_id = $1) AS gaps
		ORDER BY random()`, g.id, int64(g.size))
	if err != nil {
		return false, err
	}
	indexes, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, index := range indexes {
		p.free = append(p.free, uint64(index))
	}
	return len(p.free) > 0, err
}

// searchGaps tells whether there are slots to take, and if not, whether the
// caller is the one who shall search.
func (p *slotPool) searchGaps() (found, search bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) > 0 {
		return true, false
	}
	if p.account.generation.size > gapSearchSize || p.now().Sub(p.searched) < gapSearchPause {
		return false, false
	}
	p.searched = p.now()
	return false, true
}
