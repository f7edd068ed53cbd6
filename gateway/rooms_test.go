package gateway

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/taler"
)

// The rooms that the door is made for.
var (
	_ Registrar = (*subjects.Registry)(nil)
	_ Desk      = (*bounce.Desk)(nil)
)

// The rooms of these tests know no rules: they say what a test puts in their
// mouth and remember what they were asked. How the door works with the real
// rooms is tested where the rooms are joined.
type fakeRooms struct {
	mu       sync.Mutex
	err      error
	accounts []*subjects.Account

	grant    subjects.Grant
	offer    *subjects.Offer
	market   subjects.Market
	terms    []subjects.Terms
	status   subjects.Status
	mapped   subjects.Mapped
	records  []subjects.MappingRecord
	credits  []bounce.Credit
	receipts []bounce.Receipt
	used     map[taler.EddsaPublicKey]bool
	payments []bounce.Payment
	orders   []bounce.Outgoing
	receive  func([]bounce.Transfer) ([]bounce.Result, error)
	panics   bool

	requests  []subjects.Request
	mappings  []subjects.Mapping
	ended     []subjects.Unregistration
	prepared  []subjects.Preparation
	endings   []subjects.Ending
	selection subjects.MappingQuery
	pages     []bounce.Page
	asked     bounce.PaymentQuery
	batches   [][]bounce.Transfer
	confirmed []string
	cases     []bounce.Case
	log       []bounce.Entry
	caseQuery bounce.CaseQuery
	decisions []string
	words     []bounce.Word
	told      []bounce.Told
	ordered   []bounce.Order
	wanted    bounce.OrderQuery
	waits     chan struct{} // gets one element for each poll that waits
	entered   func()        // called when a handler looks for its account
}

func (f *fakeRooms) Accounts() []*subjects.Account { return f.accounts }

func (f *fakeRooms) Account(name string) (*subjects.Account, error) {
	if f.entered != nil {
		f.entered()
	}
	for _, account := range f.accounts {
		if account.Name == name {
			return account, nil
		}
	}
	return nil, subjects.ErrUnknownAccount
}

func (f *fakeRooms) Register(_ context.Context, _ *subjects.Account, r subjects.Request) (subjects.Grant, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r)
	grant := f.grant
	grant.AuthorizationPub, grant.Recurrent = r.AuthorizationPub, !r.OneShot
	return grant, f.err
}

func (f *fakeRooms) Offer(context.Context, *subjects.Account) (*subjects.Offer, error) {
	return f.offer, f.err
}

func (f *fakeRooms) Market(_ context.Context, a *subjects.Account) (subjects.Market, error) {
	m := f.market
	m.Account = a
	return m, f.err
}

func (f *fakeRooms) SetTerms(_ context.Context, _ *subjects.Account, t subjects.Terms) error {
	f.terms = append(f.terms, t)
	return f.err
}

func (f *fakeRooms) Status(context.Context, *subjects.Account, taler.EddsaPublicKey) (subjects.Status, error) {
	if f.panics {
		panic("the room is on fire")
	}
	return f.status, f.err
}

func (f *fakeRooms) Map(_ context.Context, _ *subjects.Account, m subjects.Mapping) (subjects.Mapped, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mappings = append(f.mappings, m)
	return f.mapped, f.err
}

func (f *fakeRooms) Unregister(_ context.Context, _ *subjects.Account, u subjects.Unregistration) (subjects.Unregistered, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = append(f.ended, u)
	return subjects.Unregistered{Returned: f.status.Held}, f.err
}

func (f *fakeRooms) Prepare(_ context.Context, _ *subjects.Account, p subjects.Preparation) (subjects.Grant, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.prepared = append(f.prepared, p)
	return f.grant, f.err
}

func (f *fakeRooms) EndPrepared(_ context.Context, _ *subjects.Account, e subjects.Ending) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.endings = append(f.endings, e)
	return f.err
}

func (f *fakeRooms) Mappings(_ context.Context, _ *subjects.Account, q subjects.MappingQuery) ([]subjects.MappingRecord, error) {
	f.selection = q
	return f.records, f.err
}

func (f *fakeRooms) Receive(_ context.Context, _ *subjects.Account, t []bounce.Transfer) ([]bounce.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.batches = append(f.batches, append([]bounce.Transfer(nil), t...))
	if f.receive != nil {
		return f.receive(t)
	}
	results := make([]bounce.Result, len(t))
	for i := range t {
		results[i] = bounce.Result{BankRef: t[i].BankRef, State: bounce.Credited, RowID: int64(i + 1)}
	}
	return results, f.err
}

func (f *fakeRooms) History(ctx context.Context, _ *subjects.Account, p bounce.Page) ([]bounce.Credit, error) {
	f.mu.Lock()
	f.pages = append(f.pages, p)
	f.mu.Unlock()
	if len(f.credits) == 0 && p.Timeout > 0 {
		f.waits <- struct{}{}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(p.Timeout):
		}
	}
	return f.credits, f.err
}

func (f *fakeRooms) Revenue(_ context.Context, _ *subjects.Account, p bounce.Page) ([]bounce.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages = append(f.pages, p)
	return f.receipts, f.err
}

func (f *fakeRooms) ReserveUsed(_ context.Context, key taler.EddsaPublicKey) (bool, error) {
	return f.used[key], f.err
}

func (f *fakeRooms) Payments(_ context.Context, _ *subjects.Account, q bounce.PaymentQuery) ([]bounce.Payment, error) {
	f.asked = q
	return f.payments, f.err
}

func (f *fakeRooms) Confirm(_ context.Context, _ *subjects.Account, c bounce.Confirmation) (bounce.Payment, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.confirmed = append(f.confirmed, string(c.Status)+" "+c.Detail)
	p := payment(c.ID)
	p.Status, p.Detail, p.MessageID = c.Status, c.Detail, c.MessageID
	return p, f.err
}

func (f *fakeRooms) Report(_ context.Context, _ *subjects.Account, words []bounce.Word) ([]bounce.Told, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.words = append(f.words, words...)
	if f.told != nil {
		return f.told, f.err
	}
	told := make([]bounce.Told, len(words))
	for i, w := range words {
		if told[i].Word = i; w.EndToEndID != "" {
			told[i].Err = bounce.ErrUnknownPayment
			continue
		}
		told[i].Payment = payment(int64(i + 1))
		told[i].Payment.Status = w.Status
	}
	return told, f.err
}

func (f *fakeRooms) Cases(_ context.Context, q bounce.CaseQuery) ([]bounce.Case, error) {
	f.caseQuery = q
	return f.cases, f.err
}

func (f *fakeRooms) Log(_ context.Context, q bounce.CaseQuery) ([]bounce.Entry, error) {
	f.caseQuery = q
	return f.log, f.err
}

func (f *fakeRooms) settle(id int64, d bounce.Decision, what string, state bounce.State) (bounce.Settled, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.decisions = append(f.decisions, fmt.Sprintf("%d %s by %s: %s", id, what, d.Operator, d.Reason))
	return bounce.Settled{ID: id, State: state}, f.err
}

func (f *fakeRooms) CreditCase(_ context.Context, id int64, d bounce.Decision, target subjects.Target) (bounce.Settled, error) {
	s, err := f.settle(id, d, string(target.Type)+" "+target.AccountPub.String(), bounce.Credited)
	s.RowID = 7
	return s, err
}

func (f *fakeRooms) BounceCase(_ context.Context, id int64, d bounce.Decision, creditor *taler.Payto) (bounce.Settled, error) {
	where := "the debtor"
	if creditor != nil {
		where = creditor.String()
	}
	s, err := f.settle(id, d, "to "+where, bounce.Bounced)
	s.PaymentID = 8
	return s, err
}

func (f *fakeRooms) WriteOffCase(_ context.Context, id int64, d bounce.Decision) (bounce.Settled, error) {
	return f.settle(id, d, "written off", bounce.Manual)
}

func (f *fakeRooms) Transfer(_ context.Context, _ *subjects.Account, o bounce.Order) (bounce.Outgoing, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ordered = append(f.ordered, o)
	return bounce.Outgoing{Payment: payment(5), Order: o}, f.err
}

func (f *fakeRooms) OrderOf(_ context.Context, _ *subjects.Account, id int64) (bounce.Outgoing, error) {
	for _, o := range f.orders {
		if o.ID == id {
			return o, f.err
		}
	}
	return bounce.Outgoing{}, bounce.ErrUnknownTransfer
}

func (f *fakeRooms) Transfers(_ context.Context, _ *subjects.Account, q bounce.OrderQuery) ([]bounce.Outgoing, error) {
	f.wanted = q
	return f.orders, f.err
}

func (f *fakeRooms) OutgoingHistory(_ context.Context, _ *subjects.Account, p bounce.Page) ([]bounce.Outgoing, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages = append(f.pages, p)
	var paid []bounce.Outgoing
	for _, o := range f.orders {
		if o.RowID > 0 {
			paid = append(paid, o)
		}
	}
	return paid, f.err
}

// fakeMethod has constants and no arithmetic: references begin with RF.
type fakeMethod struct{ wire.Method }

func (fakeMethod) Encode(wire.Slot) (wire.Reference, error) { return "RF18539007547034", nil }

func (fakeMethod) Scan(r wire.Remittance) []wire.Candidate {
	if len(r.Unstructured) == 1 && strings.HasPrefix(r.Unstructured[0], "RF") {
		return make([]wire.Candidate, 1)
	}
	return nil
}

func (fakeMethod) Present(ref wire.Reference, in wire.Instruction) []wire.Subject {
	return []wire.Subject{{Type: "CH_QR_BILL", CreditAccount: chPayto}, {Type: "RF", CreditAccount: chPayto, Reference: string(ref)}}
}

func (fakeMethod) Spec() wire.Spec {
	return wire.Spec{Name: "ch-qrr", Formats: []string{"CH_QR_BILL", "SIMPLE"}, Size: 1000}
}
