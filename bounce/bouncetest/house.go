// Package bouncetest builds the inner rooms, registry and receiving desk, on a
// fresh real database for tests, and moves time by moving what is stored: the
// deadlines are judged by the clock of the database, which no test may set.
package bouncetest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/bounce"
	"github.com/shortwire/shortwire/migrations/testdb"
	"github.com/shortwire/shortwire/plugins"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects"
	"github.com/shortwire/shortwire/subjects/postgres"
	"github.com/shortwire/shortwire/subjects/taler"
)

// House is one gateway without its door.
type House struct {
	URL      string
	Pool     *pgxpool.Pool
	Registry *subjects.Registry
	Desk     *bounce.Desk
}

// New opens a house with the given accounts on a database of its own.
func New(t testing.TB, accounts ...subjects.Account) *House {
	t.Helper()
	return Open(t, testdb.New(t), accounts...)
}

// Open opens a house on an existing database: another replica, or the same
// gateway after a restart.
func Open(t testing.TB, url string, accounts ...subjects.Account) *House {
	t.Helper()
	h, err := TryOpen(t, url, accounts...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TryOpen is Open for tests that expect a refusal.
func TryOpen(t testing.TB, url string, accounts ...subjects.Account) (*House, error) {
	t.Helper()
	return TryOpenWith(t, postgres.Config{URL: url, MaxConns: 20}, accounts...)
}

// TryOpenWith is TryOpen with settings of the connection.
func TryOpenWith(t testing.TB, config postgres.Config, accounts ...subjects.Account) (*House, error) {
	t.Helper()
	pool, err := postgres.Open(t.Context(), config)
	if err != nil {
		return nil, err
	}
	t.Cleanup(pool.Close)
	return OpenOn(t, config.URL, pool, accounts...)
}

// OpenOn opens a house on a pool of the caller's.
func OpenOn(t testing.TB, url string, pool *pgxpool.Pool, accounts ...subjects.Account) (*House, error) {
	t.Helper()
	h := &House{URL: url, Pool: pool}
	var err error
	h.Registry, h.Desk, err = openRooms(t.Context(), h.Pool, accounts, time.Now)
	if err != nil {
		return nil, err
	}
	t.Cleanup(h.Registry.Close)
	t.Cleanup(h.Desk.Close)
	return h, nil
}

// Account returns an opened account.
func (h *House) Account(t testing.TB, name string) *subjects.Account {
	t.Helper()
	a, err := h.Registry.Account(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Exec runs SQL against the house's database: the hand of time, or of fate.
func (h *House) Exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := h.Pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// Count runs a SELECT of one number.
func (h *House) Count(t testing.TB, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := h.Pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Age makes a registration look as if it had been made, and had expired, this
// much earlier; its mapping ages with it.
func (h *House) Age(t testing.TB, pub taler.EddsaPublicKey, by time.Duration) {
	t.Helper()
	h.Exec(t, `UPDATE registrations SET since = since - $2 * interval '1 second', expiration = expiration - $2 * interval '1 second',
		due_day = ((expiration - $2 * interval '1 second') AT TIME ZONE 'UTC')::date WHERE authorization_pub = $1`, pub[:], by.Seconds())
	h.Exec(t, `UPDATE mappings SET stored = stored - $2 * interval '1 second' WHERE authorization_pub = $1`, pub[:], by.Seconds())
}

// EndHold makes the hold delay of a transfer pass.
func (h *House) EndHold(t testing.TB, bankRef string) {
	t.Helper()
	h.Exec(t, `UPDATE transfers SET hold_until = now() - interval '1 second' WHERE bank_ref = $1`, bankRef)
}

// Day is 24 hours.
const Day = 24 * time.Hour

// Retention is that of every house.
const Retention = 100 * Day

// Base is an account with the default rules and no method yet.
func Base(name, currency, payto string) subjects.Account {
	p, err := taler.ParsePayto(payto)
	if err != nil {
		panic(err)
	}
	return subjects.Account{
		Name: name, Currency: currency, Payto: p,
		RegistrationLifetime: 90 * Day, Quarantine: 30 * Day, HoldDelay: 7 * Day,
		MinimumExtensionAmount: taler.Amount{Currency: currency, Value: 1}, LegacySubjects: true,
	}
}

func withMethod(a subjects.Account, method string, parameters map[string]string) subjects.Account {
	m, err := plugins.New(method, wire.Settings{Account: a.Name, Payto: a.Payto, Currency: a.Currency, Parameters: parameters})
	if err != nil {
		panic(err)
	}
	a.Method = m
	return a
}

// CH is a Swiss account with QR references.
func CH() subjects.Account {
	return withMethod(Base("ch", "CHF", "payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange"),
		"ch-qrr", map[string]string{"qr_iban": "CH4431999123000889012"})
}

// NZ is a New Zealand account.
func NZ() subjects.Account {
	return withMethod(Base("nz", "NZD", "payto://x-nz-account/01-0902-0068389-00?receiver-name=Example%20Exchange"), "nz-pcr", nil)
}

// BR is a Brazilian account, whose subjects hold the amount.
func BR() subjects.Account {
	return withMethod(Base("br", "BRL", "payto://iban/BR1800360305000010009795493C1?receiver-name=Example%20Exchange"),
		"pix", map[string]string{"pix_key": "pay@example.com", "city": "BRASILIA"})
}

// X is an account whose subjects are the keys themselves.
func X() subjects.Account {
	return withMethod(Base("x", "EUR", "payto://iban/DE89370400440532013000?receiver-name=Example%20Exchange"), "plain-key", nil)
}

// Tiny is an account with a space of the given size, for exhaustion.
func Tiny(size uint64) subjects.Account {
	a := Base("tiny", "CHF", "payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange")
	a.Method = tinyMethod(size)
	return a
}

// tinyMethod writes the slot as T and ten digits; real in every respect but
// its check, which it does not have.
type tinyMethod uint64

func (m tinyMethod) Spec() wire.Spec {
	return wire.Spec{Name: "tiny", Formats: []string{"SIMPLE"}, Size: uint64(m), Prefix: "T", Alphabet: "0123456789"}
}

func (m tinyMethod) Encode(s wire.Slot) (wire.Reference, error) {
	if s.Index >= uint64(m) {
		return "", wire.ErrSlotRange
	}
	return wire.Reference(fmt.Sprintf("T%010d", s.Index)), nil
}

func (m tinyMethod) Scan(r wire.Remittance) []wire.Candidate {
	for _, text := range r.Unstructured {
		if len(text) == 11 && text[0] == 'T' {
			if n, err := strconv.ParseUint(text[1:], 10, 64); err == nil && n < uint64(m) {
				return []wire.Candidate{{Kind: wire.KindReference, Reference: wire.Reference(text)}}
			}
		}
	}
	return nil
}

// Wallet owns an authorization key.
type Wallet struct {
	Pub  taler.EddsaPublicKey
	priv ed25519.PrivateKey
}

// NewWallet derives a wallet from a name, the same one every time.
func NewWallet(name string) Wallet {
	seed := sha256.Sum256([]byte(name))
	w := Wallet{priv: ed25519.NewKeyFromSeed(seed[:])}
	copy(w.Pub[:], w.priv.Public().(ed25519.PublicKey))
	return w
}

// Mapping signs a mapping of the wallet's key.
func (w Wallet) Mapping(a *subjects.Account, target subjects.Target, timestamp time.Time) subjects.Mapping {
	m := subjects.Mapping{AuthorizationPub: w.Pub, Target: target, Timestamp: timestamp}
	copy(m.Signature[:], ed25519.Sign(w.priv, a.MappingText(target, timestamp)))
	return m
}

// Unregistration signs the end of the wallet's registration.
func (w Wallet) Unregistration(a *subjects.Account, timestamp time.Time) subjects.Unregistration {
	u := subjects.Unregistration{AuthorizationPub: w.Pub, Timestamp: timestamp}
	copy(u.Signature[:], ed25519.Sign(w.priv, a.UnregistrationText(w.Pub, timestamp)))
	return u
}

// Preparation signs a registration in Taler's dialect.
func (w Wallet) Preparation(target subjects.Target, oneShot bool) subjects.Preparation {
	p := subjects.Preparation{Request: subjects.Request{AuthorizationPub: w.Pub, OneShot: oneShot}, Target: target, BareKey: true}
	copy(p.Signature[:], ed25519.Sign(w.priv, subjects.PreparationText(target.AccountPub)))
	return p
}

// Ending signs the end of a registration in Taler's dialect.
func (w Wallet) Ending(at time.Time) subjects.Ending {
	e := subjects.Ending{AuthorizationPub: w.Pub, Stamp: at.UTC().Format(time.RFC3339), Time: at}
	copy(e.Signature[:], ed25519.Sign(w.priv, subjects.EndingText(e.Stamp)))
	return e
}

// Reserve is a mapping target with a key derived from a name.
func Reserve(name string) subjects.Target {
	return subjects.Target{Type: subjects.CreditReserve, AccountPub: NewWallet("reserve " + name).Pub}
}

// KYC is a mapping target of type kyc.
func KYC(name string) subjects.Target {
	return subjects.Target{Type: subjects.CreditKYC, AccountPub: NewWallet("kyc " + name).Pub}
}

// Register registers the wallet and returns the grant.
func (h *House) Register(t testing.TB, account string, w Wallet) subjects.Grant {
	t.Helper()
	g, err := h.Registry.Register(t.Context(), h.Account(t, account), subjects.Request{AuthorizationPub: w.Pub})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Map maps the wallet's key and returns how many transfers that credited.
func (h *House) Map(t testing.TB, account string, w Wallet, target subjects.Target, timestamp time.Time) int {
	t.Helper()
	a := h.Account(t, account)
	done, err := h.Registry.Map(t.Context(), a, w.Mapping(a, target, timestamp))
	if err != nil {
		t.Fatal(err)
	}
	return done.Credited
}

// Debtor is a payer that can be paid back.
var Debtor = func() *taler.Payto {
	p, err := taler.ParsePayto("payto://iban/CH5109000000250092291?receiver-name=Maria%20Bernasconi")
	if err != nil {
		panic(err)
	}
	return &p
}()

// Remittance writes a granted subject the way a bank reports it.
func Remittance(s wire.Subject) wire.Remittance {
	switch s.Type {
	case "CH_QR_BILL":
		return wire.Remittance{Structured: []string{s.QRReference}}
	case "RF":
		return wire.Remittance{Structured: []string{s.Reference}}
	case "NZ_SBI":
		return wire.Remittance{Particulars: s.Particulars, Code: s.Code, Reference: s.Reference}
	}
	return wire.Remittance{Unstructured: []string{s.Subject}}
}

// Incoming is a transfer with the given remittance.
func Incoming(bankRef, amount string, r wire.Remittance) bounce.Transfer {
	parsed, err := taler.ParseAmount(amount)
	if err != nil {
		panic(err)
	}
	return bounce.Transfer{BankRef: bankRef, Amount: parsed, Debtor: Debtor, Remittance: r}
}

// Receive posts transfers and returns the results.
func (h *House) Receive(t testing.TB, account string, transfers ...bounce.Transfer) []bounce.Result {
	t.Helper()
	results, err := h.Desk.Receive(t.Context(), h.Account(t, account), transfers)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// History returns the whole history of an account.
func (h *House) History(t testing.TB, account string) []bounce.Credit {
	t.Helper()
	credits, err := h.Desk.History(t.Context(), h.Account(t, account), bounce.Page{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return credits
}
