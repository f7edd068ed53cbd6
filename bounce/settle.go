package bounce

import (
	"bytes"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
)

// decide settles the items in the order in which they were posted. Each one
// sees what the ones before it used up.
func (b *batch) decide() {
	b.valid(func(i int, it *item) {
		if b.ledger != nil && b.recognise(i, it) {
			return
		}
		if known, ok := b.stored[it.transfer.BankRef]; ok {
			b.results[i] = known.replay(it.hash)
			return
		}
		it.id, b.ids = b.ids[0], b.ids[1:]
		it.fresh = true
		f := b.findings(it.candidates)
		f.Returned = b.sent[it.transfer.Remittance.EndToEndID]
		f.Doubtful = b.ledger.doubts(it)
		it.outcome = Decide(*it.transfer, b.account.Currency, f)
		b.consume(it)
		b.results[i] = b.result(it)
		b.stored[it.transfer.BankRef] = storedTransfer{id: it.id, hash: it.hash, result: b.results[i]}
		b.ledger.keep(it, b.stored[it.transfer.BankRef])
	})
}

// replay is the answer to a transfer that was reported before (T1).
func (s storedTransfer) replay(hash []byte) Result {
	if !bytes.Equal(hash, s.hash) {
		return Result{BankRef: s.result.BankRef, Err: ErrConflict}
	}
	r := s.result
	r.Replay = true
	return r
}

// findings joins the candidates of one transfer with what is known about them.
func (b *batch) findings(candidates []wire.Candidate) Findings {
	var f Findings
	for _, c := range candidates {
		switch c.Kind {
		case wire.KindReference, wire.KindAuthorization:
			f.WellFormed = true
			f.addMatch(b.matches[matchKey(c)])
		case wire.KindReserve:
			f.addClaim(Claim{Type: subjects.CreditReserve, Key: c.Key, Taken: b.taken[c.Key]})
		case wire.KindKYC:
			f.addClaim(Claim{Type: subjects.CreditKYC, Key: c.Key})
		}
	}
	for i := range f.Matches {
		if p := f.Matches[i].Pending; p != nil && p.Target.Type == subjects.CreditReserve {
			f.Matches[i].Taken = b.taken[p.Target.AccountPub]
		}
	}
	return f
}

func (f *Findings) addMatch(m *subjects.Match) {
	if m == nil {
		return
	}
	for i := range f.Matches {
		if f.Matches[i].AuthorizationPub == m.AuthorizationPub {
			return
		}
	}
	f.Matches = append(f.Matches, *m)
}

func (f *Findings) addClaim(c Claim) {
	for i := range f.Legacy {
		if f.Legacy[i] == c {
			return
		}
	}
	f.Legacy = append(f.Legacy, c)
}

// consume marks what the item used, for the items after it.
func (b *batch) consume(it *item) {
	if it.outcome.State != Credited {
		return
	}
	if it.outcome.Target.Type == subjects.CreditReserve {
		b.taken[it.outcome.Target.AccountPub] = true
	}
	if it.outcome.Match == nil {
		return
	}
	for _, c := range it.candidates {
		m := b.matches[matchKey(c)]
		if m != nil && m.AuthorizationPub == it.outcome.Match.AuthorizationPub {
			m.Pending, m.Used = nil, true
		}
	}
}

// matchKey is where the match of a candidate stands in batch.matches.
func matchKey(c wire.Candidate) string {
	if c.Kind == wire.KindReference {
		return string(c.Reference)
	}
	return string(c.Key[:])
}
