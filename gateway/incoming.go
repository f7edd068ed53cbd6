package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

const (
	// chunk is the number of transfers that go to the desk at once.
	chunk = 1000
	// maxItems bounds one upload, so that a body of empty items cannot ask for
	// an answer many times its size.
	maxItems = 250_000
)

// The outcomes beside the states of a stored transfer.
const (
	outcomePaid    = "paid"    // of bank files: a payment of ours left the account
	outcomeIgnored = "ignored" // of bank files: no incoming money of this account
	outcomeError   = "error"   // not stored
)

// resultBody is what the bank job is told about one item.
type resultBody struct {
	BankRef   string           `json:"bank_ref"`
	Outcome   string           `json:"outcome"`
	RowID     int64            `json:"row_id,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	HoldUntil *taler.Timestamp `json:"hold_until,omitempty"`
	Replay    bool             `json:"replay,omitempty"`
	PaymentID int64            `json:"payment_id,omitempty"` // outcome paid
	Error     *errorBody       `json:"error,omitempty"`
}

// postIncoming checks the form of the whole upload first and stores then, so
// that of a damaged upload nothing is stored.
func (s *Server) postIncoming(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	kind, err := mediaType(c)
	if err != nil {
		return err
	}
	ingest := map[string]func(*fiber.Ctx, *batch) error{
		typeJSON:    s.ingestJSON,
		typeNDJSON:  s.ingestNDJSON,
		typeXML:     s.ingestXML,
		typeTextXML: s.ingestXML,
		typeCSV:     s.ingestCSV,
		typeMT940:   s.ingestMT940,
		typeBgMax:   s.ingestBgMax,
	}[kind]
	if ingest == nil {
		return errMediaType
	}
	if err := s.takeUploadPlace(c.UserContext()); err != nil {
		return err
	}
	defer func() { <-s.uploads }()
	b := &batch{s: s, ctx: c.UserContext(), account: account}
	if err := ingest(c, b); err != nil {
		return err
	}
	if err := b.flush(); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(b.finish())
}

// takeUploadPlace waits until this upload may use memory.
func (s *Server) takeUploadPlace(ctx context.Context) error {
	select {
	case s.uploads <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errBusy
	case <-s.polls.Done():
		return errStopping
	}
}

// batch gathers the items of one upload and writes a result for each, in
// order. Transfers go to the desk in chunks.
type batch struct {
	s       *Server
	ctx     context.Context
	account *subjects.Account

	transfers []bounce.Transfer
	places    []int // of the transfers, in results
	debits    []bounce.Word
	drafts    []int        // places of the debits, in results
	results   []resultBody // of the chunk at work
	answer    bytes.Buffer
	written   int
}

// transfer adds a transfer to be stored.
func (b *batch) transfer(t bounce.Transfer) error {
	b.transfers = append(b.transfers, t)
	b.places = append(b.places, len(b.results))
	return b.result(resultBody{})
}

// debit adds money that left the account under an end-to-end id: if that is
// ours, the payment is confirmed, else the item is ignored as it stands.
func (b *batch) debit(r resultBody, endToEndID string) error {
	b.debits = append(b.debits, bounce.Word{EndToEndID: endToEndID, Status: bounce.PaymentSuccess, Detail: "booked as " + r.BankRef})
	b.drafts = append(b.drafts, len(b.results))
	return b.result(r)
}

// refuse adds an item that cannot be stored.
func (b *batch) refuse(bankRef string, err error) error {
	_, body := b.s.describe(err)
	return b.result(resultBody{BankRef: bankRef, Outcome: outcomeError, Error: body})
}

// result adds a result that is known already.
func (b *batch) result(r resultBody) error {
	b.results = append(b.results, r)
	if len(b.results) < chunk {
		return nil
	}
	return b.flush()
}

// flush stores what has been gathered. After an error the job posts the whole
// upload again; what was stored by then answers as a replay (T1).
func (b *batch) flush() error {
	if len(b.transfers) > 0 {
		results, err := b.s.desk.Receive(b.ctx, b.account, b.transfers)
		if err != nil {
			return err
		}
		if len(results) != len(b.places) {
			return fmt.Errorf("%d results for %d transfers", len(results), len(b.places))
		}
		for i, place := range b.places {
			b.results[place] = b.s.bodyOfResult(&results[i])
		}
	}
	if err := b.confirmDebits(); err != nil {
		return err
	}
	err := b.write()
	b.transfers, b.places, b.results = b.transfers[:0], b.places[:0], b.results[:0]
	b.debits, b.drafts = b.debits[:0], b.drafts[:0]
	return err
}

// confirmDebits tells the desk which of its payments were booked.
func (b *batch) confirmDebits() error {
	if len(b.debits) == 0 {
		return nil
	}
	told, err := b.s.desk.Report(b.ctx, b.account, b.debits)
	if err != nil {
		return err
	}
	for i := range told {
		result := &b.results[b.drafts[told[i].Word]]
		switch {
		case errors.Is(told[i].Err, bounce.ErrUnknownPayment):
		case told[i].Err != nil:
			result.Outcome, result.Reason = outcomeError, ""
			_, result.Error = b.s.describe(told[i].Err)
		default:
			result.Outcome, result.Reason, result.PaymentID = outcomePaid, "", told[i].Payment.ID
		}
	}
	return nil
}

// write appends the results to the answer, one per line.
func (b *batch) write() error {
	encoder := json.NewEncoder(&b.answer)
	encoder.SetEscapeHTML(false)
	for i := range b.results {
		if b.written > 0 {
			b.answer.WriteByte(',')
		} else {
			b.answer.WriteString(`{"results":[`)
		}
		if err := encoder.Encode(&b.results[i]); err != nil {
			return fmt.Errorf("writing a result: %w", err)
		}
		b.written++
		b.s.metrics.items.WithLabelValues(b.account.Name, b.results[i].Outcome).Inc()
	}
	return nil
}

// finish returns the whole answer.
func (b *batch) finish() []byte {
	if b.written == 0 {
		return []byte(`{"results":[]}` + "\n")
	}
	b.answer.WriteString("]}\n")
	return b.answer.Bytes()
}

func (s *Server) bodyOfResult(r *bounce.Result) resultBody {
	body := resultBody{
		BankRef: r.BankRef,
		Outcome: string(r.State),
		RowID:   r.RowID,
		Reason:  string(r.Reason),
		Replay:  r.Replay,
	}
	if r.Err != nil {
		body.Outcome = outcomeError
		_, body.Error = s.describe(r.Err)
	}
	if !r.HoldUntil.IsZero() {
		until := timestamp(r.HoldUntil)
		body.HoldUntil = &until
	}
	return body
}
