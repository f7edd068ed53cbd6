package bounce

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/shortwire/shortwire/subjects"
)

// reportChunk is how many payments one transaction confirms: more would hold
// their locks too long.
const reportChunk = 500

// Word is what a bank says about one payment, or about all payments of a
// message that the same report does not name.
type Word struct {
	EndToEndID string // "" for the rest of the message
	MessageID  string // "" when the bank does not say
	Status     PaymentStatus
	Detail     string
}

// Told is what became of one word for one payment. A word about a whole message
// gives one for each of its payments.
type Told struct {
	Word    int     // index of the word
	Payment Payment // as it stands now; zero with ErrUnknownPayment
	Stale   bool    // the word says less than what is known, or is about a lease that was lost; nothing was changed
	Err     error   // ErrUnknownPayment, ErrPaymentFinal
}

// Report stores what a bank says about payments. It is Confirm for many, found
// by end-to-end id: what is known already is a replay; a word that says less
// than what is known changes nothing and is no error. An error means that the
// same report must be posted again.
func (d *Desk) Report(ctx context.Context, a *subjects.Account, words []Word) ([]Told, error) {
	told, said, err := d.resolveWords(ctx, a, words)
	if err != nil {
		return nil, err
	}
	for start := 0; start < len(told); start += reportChunk {
		end := min(start+reportChunk, len(told))
		if err := d.reportChunk(ctx, a, told[start:end], said[start:end]); err != nil {
			return nil, err
		}
	}
	return told, nil
}

// reportChunk confirms what was resolved and fills in how it stands.
func (d *Desk) reportChunk(ctx context.Context, a *subjects.Account, told []Told, said []Confirmation) error {
	var known []Confirmation
	var ids []int64
	for i := range told {
		if told[i].Err == nil {
			known, ids = append(known, said[i]), append(ids, said[i].ID)
		}
	}
	if len(known) == 0 {
		return nil
	}
	confirmed, err := d.confirm(ctx, a, known)
	if err != nil {
		return err
	}
	rows, err := d.db.Query(ctx, `SELECT `+paymentSQL+` FROM payments WHERE account_id = $1 AND payment_id = ANY($2)`, a.ID(), ids)
	if err != nil {
		return err
	}
	payments, err := pgx.CollectRows(rows, scanPayment)
	if err != nil {
		return err
	}
	now := make(map[int64]Payment, len(payments))
	for _, p := range payments {
		now[p.ID] = p
	}
	for i := range told {
		if told[i].Err != nil {
			continue
		}
		told[i].Payment = now[said[i].ID]
		if _, done := confirmed[said[i].ID]; !done {
			told[i].Stale, told[i].Err = notTaken(told[i].Payment.Status, said[i].Status)
		}
	}
	return nil
}

// notTaken tells why a word changed nothing.
func notTaken(now, said PaymentStatus) (stale bool, err error) {
	if now.final() && said.final() && now != said {
		return false, ErrPaymentFinal
	}
	return true, nil
}

// resolveWords finds the payments that words are about. Of two words about one
// payment the last one counts.
func (d *Desk) resolveWords(ctx context.Context, a *subjects.Account, words []Word) ([]Told, []Confirmation, error) {
	byID, byMessage, err := d.findPayments(ctx, a, words)
	if err != nil {
		return nil, nil, err
	}
	var told []Told
	var said []Confirmation
	at := map[int64]int{} // place of the payment in told
	add := func(i int, id int64) {
		place, again := at[id]
		if !again {
			place = len(told)
			told, said = append(told, Told{}), append(said, Confirmation{})
			at[id] = place
		}
		told[place] = Told{Word: i}
		said[place] = Confirmation{ID: id, Status: words[i].Status, Detail: words[i].Detail, MessageID: ownMessage(words[i].MessageID)}
	}
	for i, w := range words {
		ids := byMessage[w.MessageID]
		if w.EndToEndID != "" {
			ids = byID[w.EndToEndID]
		}
		if len(ids) == 0 {
			told, said = append(told, Told{Word: i, Err: ErrUnknownPayment}), append(said, Confirmation{})
		}
		for _, id := range ids {
			add(i, id)
		}
	}
	return told, said, nil
}

// ownMessage is the name of a lease, "" for a message that a job has named
// itself: only ours tell whether the lease is still the same.
func ownMessage(id string) string {
	if isOwnID(id) {
		return id
	}
	return ""
}

// isOwnID tells whether an id has the form of our end-to-end and message ids.
func isOwnID(id string) bool {
	if len(id) != 34 || id[:2] != "SW" {
		return false
	}
	for i := 2; i < len(id); i++ {
		if c := id[i]; (c < '0' || c > '9') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// findPayments looks payments up by end-to-end id and by message. What the
// words name one by one is left out of the messages.
func (d *Desk) findPayments(ctx context.Context, a *subjects.Account, words []Word) (byID, byMessage map[string][]int64, err error) {
	ids, messages := []string{}, []string{} // not nil: nothing is different from NULL
	for _, w := range words {
		if w.EndToEndID != "" && storable(w.EndToEndID) {
			ids = append(ids, w.EndToEndID)
		}
		if w.EndToEndID == "" && storable(w.MessageID) {
			messages = append(messages, w.MessageID)
		}
	}
	byID, byMessage = map[string][]int64{}, map[string][]int64{}
	b := &pgx.Batch{}
	collect := func(into map[string][]int64) func(pgx.Rows) error {
		return func(rows pgx.Rows) error {
			var key string
			var id int64
			_, err := pgx.ForEachRow(rows, []any{&key, &id}, func() error {
				into[key] = append(into[key], id)
				return nil
			})
			return err
		}
	}
	b.Queue(`
		SELECT end_to_end_id, payment_id FROM payments
		WHERE account_id = $1 AND end_to_end_id = ANY($2)`, a.ID(), ids).Query(collect(byID))
	b.Queue(`
		SELECT message_id, payment_id FROM payments
		WHERE account_id = $1 AND message_id = ANY($2) AND end_to_end_id <> ALL($3)
		ORDER BY payment_id`, a.ID(), messages, ids).Query(collect(byMessage))
	err = d.db.SendBatch(ctx, b).Close()
	return byID, byMessage, err
}
