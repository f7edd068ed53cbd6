package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// BenchmarkGateway is `make bench`: what issue and design ask to be measured,
// one line per operation and number of clients.
func BenchmarkGateway(b *testing.B) {
	s := newBench(b)
	for _, clients := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("register/clients=%d", clients), func(b *testing.B) { s.benchRegister(b, clients) })
	}
	for _, clients := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("reregister/clients=%d", clients), func(b *testing.B) { s.benchReregister(b, clients) })
	}
	for _, clients := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("map/clients=%d", clients), func(b *testing.B) { s.benchMap(b, clients) })
	}
	for _, batch := range []int{1, 10, 100, 1000} {
		for _, clients := range []int{1, 4} {
			b.Run(fmt.Sprintf("ingest/batch=%d/clients=%d", batch, clients), func(b *testing.B) { s.benchIngest(b, batch, clients) })
		}
	}
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprintf("history/page=100/clients=%d", clients), func(b *testing.B) { s.benchHistory(b, clients) })
	}
}

// randomKey is a key that passes as one: a real point, cheaply made by trying.
func randomKey() taler.EddsaPublicKey {
	var k taler.EddsaPublicKey
	for {
		_, _ = rand.Read(k[:])
		k[31] &= 0x7f
		if k.Valid() {
			return k
		}
	}
}

func randomKeys(n int) []taler.EddsaPublicKey {
	keys := make([]taler.EddsaPublicKey, n)
	for i := range keys {
		keys[i] = randomKey()
	}
	return keys
}

func registrationJSON(k taler.EddsaPublicKey) []byte {
	return []byte(`{"authorization_pub":"` + k.String() + `","alg":"EdDSA"}`)
}

const rawRegister = `
	INSERT INTO registrations (account_id, authorization_pub, generation_id, slot, subject, recurrent, since, expiration, due_day)
	VALUES (1, $1, 1, $2, $3, true, now(), now() + interval '90 days', current_date + 90)`

func (s *bench) benchRegister(b *testing.B, clients int) {
	var keys []taler.EddsaPublicKey
	prepare := func(n int) int { keys = randomKeys(n); return n }
	ours := side{prepare: prepare, items: 1, op: func(n int) error {
		_, err := s.call("POST", "/accounts/ch/registrations", "", registrationJSON(keys[n]), 200)
		return err
	}}
	raw := side{prepare: prepare, items: 1, op: func(n int) error {
		slot := s.serial.Add(1)
		_, err := s.raw.Exec(context.Background(), rawRegister, keys[n][:], slot, rawSubject(slot))
		return err
	}}
	s.compare(b, clients, ours, raw)
}

// rawSubject is as long and as random as a QR reference.
func rawSubject(slot int64) string {
	var random [8]byte
	_, _ = rand.Read(random[:])
	return fmt.Sprintf("%020d%07d", binary.BigEndian.Uint64(random[:]), slot%10_000_000)
}

// benchReregister asks again for keys that are live, as wallets do.
func (s *bench) benchReregister(b *testing.B, clients int) {
	keys := randomKeys(2000)
	bodies := make([][]byte, len(keys))
	for i, k := range keys {
		bodies[i] = registrationJSON(k)
		if _, err := s.call("POST", "/accounts/ch/registrations", "", bodies[i], 200); err != nil {
			b.Fatal(err)
		}
		slot := s.serial.Add(1)
		if _, err := s.raw.Exec(b.Context(), rawRegister, k[:], slot, rawSubject(slot)); err != nil {
			b.Fatal(err)
		}
	}
	ours := side{items: 1, op: func(n int) error {
		_, err := s.call("POST", "/accounts/ch/registrations", "", bodies[n%len(bodies)], 200)
		return err
	}}
	raw := side{items: 1, op: func(n int) error {
		var subject string
		var expiration time.Time
		return s.raw.QueryRow(context.Background(), `SELECT subject, expiration FROM registrations WHERE account_id = 1 AND authorization_pub = $1`,
			keys[n%len(keys)][:]).Scan(&subject, &expiration)
	}}
	s.compare(b, clients, ours, raw)
}

// signer is a registered wallet of the benchmark.
type signer struct {
	pub  taler.EddsaPublicKey
	priv ed25519.PrivateKey
}

func newSigners(n int) []signer {
	signers := make([]signer, n)
	for i := range signers {
		pub, priv, _ := ed25519.GenerateKey(rand.Reader)
		signers[i] = signer{taler.EddsaPublicKey(pub), priv}
	}
	return signers
}

// registerAll registers signers in both databases without the clock, and
// returns how their transfers carry the subject.
func (s *bench) registerAll(signers []signer) []string {
	a := s.account("ch")
	references := make([]string, len(signers))
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for i := worker; i < len(signers); i += 16 {
				g, err := s.house.Registry.Register(context.Background(), a, subjects.Request{AuthorizationPub: signers[i].pub})
				if err != nil {
					panic(err)
				}
				references[i] = g.Subjects[0].QRReference
			}
		})
	}
	group.Wait()
	return references
}

func (s *bench) rawRegisterAll(signers []signer) {
	var pubs [][]byte
	var slots []int64
	var texts []string
	for i := range signers {
		slot := s.serial.Add(1)
		pubs, slots, texts = append(pubs, signers[i].pub[:]), append(slots, slot), append(texts, rawSubject(slot))
	}
	s.rawExec(`INSERT INTO registrations (account_id, authorization_pub, generation_id, slot, subject, recurrent, since, expiration, due_day)
		SELECT 1, *, true, now(), now() + interval '90 days', current_date + 90 FROM unnest($1::bytea[], $2::int[], $3::bigint[], $4::text[])`,
		pubs, make([]int32, len(pubs)), slots, texts)
}

func (s *bench) rawExec(sql string, args ...any) {
	if _, err := s.raw.Exec(context.Background(), sql, args...); err != nil {
		panic(err)
	}
}

func (s *bench) mappingJSON(w signer, timestamp time.Time) []byte {
	target := subjects.Target{Type: subjects.CreditReserve, AccountPub: randomKey()}
	signature := taler.EddsaSignature(ed25519.Sign(w.priv, s.account("ch").MappingText(target, timestamp)))
	return fmt.Appendf(nil, `{"authorization_pub":"%s","type":"reserve","account_pub":"%s","timestamp":{"t_s":%d},"authorization_sig":"%s"}`,
		w.pub, target.AccountPub, timestamp.Unix(), signature)
}

const rawMap = `
	INSERT INTO mappings (account_id, authorization_pub, type, account_pub, mapped, authorization_sig, stored)
	VALUES (1, $1, 'reserve', $2, $3, $4, now())
	ON CONFLICT (account_id, authorization_pub) DO UPDATE SET account_pub = excluded.account_pub, mapped = excluded.mapped,
		authorization_sig = excluded.authorization_sig, stored = excluded.stored, transfer_id = NULL`

func (s *bench) benchMap(b *testing.B, clients int) {
	var signers []signer
	var bodies [][]byte
	ours := side{items: 1, prepare: func(n int) int {
		n = min(n, 15_000) // signing is slow
		signers = newSigners(n)
		s.registerAll(signers)
		bodies = make([][]byte, n)
		for i := range bodies {
			bodies[i] = s.mappingJSON(signers[i], time.Now())
		}
		return n
	}, op: func(n int) error {
		_, err := s.call("POST", "/accounts/ch/mappings", "", bodies[n], 200)
		return err
	}}
	raw := side{items: 1, prepare: func(n int) int {
		signers = make([]signer, n)
		for i := range signers {
			signers[i].pub = taler.EddsaPublicKey(randomBytes())
		}
		s.rawRegisterAll(signers)
		return n
	}, op: func(n int) error {
		var key [32]byte
		_, _ = rand.Read(key[:])
		_, err := s.raw.Exec(context.Background(), rawMap, signers[n].pub[:], key[:], int64(n), make([]byte, 64))
		return err
	}}
	s.compare(b, clients, ours, raw)
}

// The mix of an ordinary day: of ten transfers eight are mapped and credited,
// one is held, one bounces.
func dayMix(i int) (mapped, known bool) { return i%10 < 8, i%10 < 9 }

func (s *bench) benchIngest(b *testing.B, batch, clients int) {
	var bodies [][]byte
	ours := side{items: batch, prepare: func(n int) int { bodies = s.statements(n, batch); return len(bodies) }, op: func(n int) error {
		_, err := s.call("POST", "/accounts/ch/bank/incoming", benchToken+"-bank", bodies[n], 200)
		return err
	}}
	var rows []rawStatement
	raw := side{items: batch, prepare: func(n int) int { rows = s.rawStatements(n, batch); return len(rows) }, op: func(n int) error {
		return rows[n].store(s.raw)
	}}
	s.compare(b, clients, ours, raw)
}

// benchRows is how many transfers a round has at most.
const benchRows = 40_000

// statements prepares bank statements whose transfers are decided as dayMix
// says: the wallets are registered and mapped beforehand, by plain SQL.
func (s *bench) statements(n, batch int) [][]byte {
	n = max(1, min(n, benchRows/batch))
	keys := randomKeys(n * batch)
	references := s.seedRegistrations(keys)
	s.mapAll(keys)
	bodies := make([][]byte, n)
	for i := range bodies {
		var body bytes.Buffer
		body.WriteString(`{"transfers":[`)
		for j := range batch {
			if j > 0 {
				body.WriteByte(',')
			}
			reference := references[i*batch+j]
			if _, known := dayMix(i*batch + j); !known {
				reference = "not a reference"
			}
			fmt.Fprintf(&body, `{"bank_ref":"B%015d","amount":"CHF:12.5","debtor":"payto://iban/CH5109000000250092291?receiver-name=Maria%%20Bernasconi","value_date":"2026-11-22","remittance":{"structured":["%s"]}}`, s.serial.Add(1), reference)
		}
		body.WriteString(`]}`)
		bodies[i] = body.Bytes()
	}
	return bodies
}

// seedRegistrations stores keys with subjects of slots that no cursor reaches.
func (s *bench) seedRegistrations(keys []taler.EddsaPublicKey) []string {
	var pubs [][]byte
	var slots []int64
	references := make([]string, len(keys))
	for i := range keys {
		slot := 1_000_000_000 + s.serial.Add(1)
		reference, err := s.account("ch").Method.Encode(wire.Slot{Index: uint64(slot) * 900_000_007})
		if err != nil {
			panic(err)
		}
		pubs, slots, references[i] = append(pubs, keys[i][:]), append(slots, slot), string(reference)
	}
	_, err := s.pool.Exec(context.Background(), `
		INSERT INTO registrations (account_id, authorization_pub, generation_id, slot, subject, recurrent, since, expiration, due_day)
		SELECT g.account_id, pub, g.generation_id, slot, subject, true, now(), now() + interval '90 days', current_date + 90
		FROM unnest($1::bytea[], $2::bigint[], $3::text[]) AS t (pub, slot, subject), generations g`, pubs, slots, references)
	if err != nil {
		panic(err)
	}
	return references
}

// mapAll maps four of five keys with plain SQL: signatures are measured by map.
func (s *bench) mapAll(wallets []taler.EddsaPublicKey) {
	var pubs, keys [][]byte
	for i := range wallets {
		if mapped, _ := dayMix(i); mapped {
			key := randomBytes()
			pubs, keys = append(pubs, wallets[i][:]), append(keys, key)
		}
	}
	_, err := s.pool.Exec(context.Background(), `
		INSERT INTO mappings (account_id, authorization_pub, type, account_pub, mapped, authorization_sig, stored)
		SELECT (SELECT account_id FROM accounts WHERE name = 'ch'), pub, 'reserve', key, 1, $3, clock_timestamp()
		FROM unnest($1::bytea[], $2::bytea[]) AS t (pub, key)`, pubs, keys, make([]byte, 64))
	if err != nil {
		panic(err)
	}
}

func randomBytes() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return b
}

// rawStatement is a statement as the rows it becomes.
type rawStatement struct {
	ids                 []int64
	refs                []string
	states              []string
	pubs, keys          [][]byte
	usedPubs            [][]byte
	usedIDs, bouncedIDs []int64
}

func (s *bench) rawStatements(n, batch int) []rawStatement {
	n = max(1, min(n, benchRows/batch))
	signers := make([]signer, n*batch)
	for i := range signers {
		signers[i].pub = taler.EddsaPublicKey(randomBytes())
	}
	s.rawRegisterAll(signers)
	statements := make([]rawStatement, n)
	var mapPubs, mapKeys [][]byte
	for i := range statements {
		st := &statements[i]
		for j := range batch {
			w := &signers[i*batch+j]
			id := s.serial.Add(1)
			mapped, known := dayMix(i*batch + j)
			st.ids, st.refs = append(st.ids, id), append(st.refs, fmt.Sprintf("B%015d", id))
			key := randomBytes()
			switch {
			case mapped:
				mapPubs, mapKeys = append(mapPubs, w.pub[:]), append(mapKeys, key)
				st.usedPubs, st.usedIDs = append(st.usedPubs, w.pub[:]), append(st.usedIDs, id)
				st.states, st.pubs, st.keys = append(st.states, "credited"), append(st.pubs, w.pub[:]), append(st.keys, key)
			case known:
				st.states, st.pubs, st.keys = append(st.states, "held"), append(st.pubs, w.pub[:]), append(st.keys, nil)
			default:
				st.bouncedIDs = append(st.bouncedIDs, id)
				st.states, st.pubs, st.keys = append(st.states, "bounced"), append(st.pubs, nil), append(st.keys, nil)
			}
		}
	}
	s.rawExec(`INSERT INTO mappings (account_id, authorization_pub, type, account_pub, mapped, authorization_sig, stored)
		SELECT 1, pub, 'reserve', key, 1, $3, now() FROM unnest($1::bytea[], $2::bytea[]) AS t (pub, key)`, mapPubs, mapKeys, make([]byte, 64))
	return statements
}

// store writes the rows of a statement in one transaction and one round trip,
// with nothing looked up and nothing decided.
func (st *rawStatement) store(pool *pgxpool.Pool) error {
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO transfers (account_id, transfer_id, bank_ref, content_hash, currency, value, fraction, debtor, value_date,
			remittance, received, state, reason, hold_until, settled, authorization_pub, authorization_sig, credit_type, account_pub, mapped)
		SELECT 1, id, ref, '\x00112233445566778899aabbccddeeff', 'CHF', 12, 50000000, 'payto://iban/CH5109000000250092291?receiver-name=Maria%20Bernasconi', '2026-11-22',
			'{"structured":["000000123456789012345678901"]}', now(), state, CASE state WHEN 'bounced' THEN 'malformed' END,
			CASE state WHEN 'held' THEN now() END, now(), pub, CASE WHEN key IS NOT NULL THEN $6::bytea END,
			CASE WHEN key IS NOT NULL THEN 'reserve' END, key, CASE WHEN key IS NOT NULL THEN 1 END
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[], $5::bytea[]) AS t (id, ref, state, pub, key)`,
		st.ids, st.refs, st.states, st.pubs, st.keys, make([]byte, 64))
	if len(st.usedIDs) > 0 {
		b.Queue(`UPDATE mappings m SET transfer_id = id FROM unnest($1::bytea[], $2::bigint[]) AS t (pub, id)
			WHERE m.account_id = 1 AND m.authorization_pub = pub`, st.usedPubs, st.usedIDs)
		b.Queue(`UPDATE registrations r SET used = true, expiration = now() + interval '90 days', due_day = current_date + 90
			FROM unnest($1::bytea[]) AS pub WHERE r.account_id = 1 AND r.authorization_pub = pub`, st.usedPubs)
		b.Queue(`INSERT INTO history (transfer_id, account_id, row_id) SELECT id, 1, id FROM unnest($1::bigint[]) AS id`, st.usedIDs)
	}
	if len(st.bouncedIDs) > 0 {
		b.Queue(`INSERT INTO payments (account_id, kind, transfer_id, end_to_end_id, currency, value, fraction, creditor, subject)
			SELECT 1, 'bounce', id, 'SW' || md5(id::text), 'CHF', 12, 50000000, 'payto://iban/CH5109000000250092291?receiver-name=Maria%20Bernasconi', 'bounce malformed B' || id
			FROM unnest($1::bigint[]) AS id`, st.bouncedIDs)
	}
	return pool.SendBatch(context.Background(), b).Close()
}

// benchHistory reads a page of a hundred credits, beside the bare query.
func (s *bench) benchHistory(b *testing.B, clients int) {
	var rows int64
	if err := s.pool.QueryRow(b.Context(), `SELECT max(row_id) FROM history`).Scan(&rows); err != nil {
		b.Fatal(err)
	}
	ours := side{items: 1, op: func(n int) error {
		_, err := s.call("GET", fmt.Sprintf("/accounts/ch/taler-wire-gateway/history/incoming?limit=100&offset=%d", int64(n*7919)%(rows-100)), benchToken+"-exchange", nil, 200)
		return err
	}}
	raw := side{items: 1, op: func(n int) error {
		found, err := s.pool.Query(context.Background(), `
			SELECT h.row_id, t.settled, t.currency, t.value, t.fraction, t.debtor, t.credit_type, t.account_pub, t.authorization_pub, t.authorization_sig
			FROM history h JOIN transfers t USING (transfer_id)
			WHERE h.account_id = (SELECT account_id FROM accounts WHERE name = 'ch') AND h.row_id > $1 ORDER BY h.row_id LIMIT 100`, int64(n*7919)%(rows-100))
		if err != nil {
			return err
		}
		for found.Next() {
			if _, err := found.Values(); err != nil {
				return err
			}
		}
		return found.Err()
	}}
	s.compare(b, clients, ours, raw)
}
