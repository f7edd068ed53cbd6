package subjects

import (
	"time"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Account is one credit account of the exchange with the rules of its
// registrations. Everything but id and generation comes from the
// configuration and never changes while the gateway runs.
type Account struct {
	Name     string      // as in the URL
	Currency string      // ISO 4217 or Taler currency, upper case
	Payto    taler.Payto // full payto of the credit account
	Method   wire.Method

	RegistrationLifetime   time.Duration // S3: from now, at registration and at every extension
	MinimumExtensionAmount taler.Amount  // S3: a smaller credit does not extend
	Quarantine             time.Duration // S5: expired subjects stay blocked this long
	HoldDelay              time.Duration // T2: a transfer waits this long for its mapping
	LegacySubjects         bool          // T4: bare reserve keys and KYC keys credit directly
	Pricing                *Pricing      // S9: what a subject costs; nil: nothing
	Crowding               Crowding      // what changes when the space runs out

	id         int32
	generation generation
}

// ID is the number of the account in the database.
func (a *Account) ID() int32 { return a.id }

// StoresNothing tells that the method's subject is the key itself (S8).
func (a *Account) StoresNothing() bool { return a.Method.Spec().Size == 0 }

// Request asks for a subject.
type Request struct {
	AuthorizationPub taler.EddsaPublicKey
	CreditAmount     *taler.Amount // what the payer intends to send; shown, never enforced
	OneShot          bool          // recurrent: false
	Proof            *Proof        // nil: none
}

// Grant is what a registration answers (S1).
type Grant struct {
	AuthorizationPub taler.EddsaPublicKey
	Subjects         []wire.Subject
	Expiration       time.Time // zero: never (S8)
	Recurrent        bool
	Created          bool // false when the key was live already (S2)
}

// MappingState tells what became of the newest mapping of a key.
type MappingState string

// The states of a mapping as the HTTP contract spells them.
const (
	MappingNone    MappingState = "none"
	MappingPending MappingState = "pending"
	MappingUsed    MappingState = "used"
)

// Status is a grant with what happened under it.
type Status struct {
	Grant
	Mapping MappingState
	Held    int // transfers that wait for a mapping now
}

// CreditType is what a mapped key is to the exchange.
type CreditType string

// The credit types as the native API spells them.
const (
	CreditReserve CreditType = "reserve"
	CreditKYC     CreditType = "kyc"
	CreditWAD     CreditType = "wad"
)

// Target is what the exchange is told about a credited transfer: a reserve key,
// a KYC account key, or a wad.
type Target struct {
	Type              CreditType
	AccountPub        taler.EddsaPublicKey // reserve, kyc
	WadID             taler.WadID          // wad
	OriginExchangeURL string               // wad
}

// Mapping says what the next transfer of a key is to become (M1, M2).
type Mapping struct {
	AuthorizationPub taler.EddsaPublicKey
	Target           Target
	Timestamp        time.Time            // whole seconds; newer replaces older
	Signature        taler.EddsaSignature // over MappingText, by AuthorizationPub
}

// Mapped is what a stored mapping answers.
type Mapped struct {
	Expiration time.Time // when an unused mapping ends; zero: never
	Credited   int       // transfers that this mapping has credited: 0 or 1 (M4)
}

// Match is one candidate of a remittance together with what is known about
// it at this moment, its registration row being locked.
type Match struct {
	AuthorizationPub taler.EddsaPublicKey
	Expired          bool // by database time, whether or not the sweeper ran (C1)
	Recurrent        bool
	Used             bool     // a transfer was credited under it
	Pending          *Mapping // unused mapping, nil when there is none
	Taken            bool     // the reserve key of Pending was credited before (M3)
}

// MappingQuery selects mappings (GET /accounts/{account}/mappings).
type MappingQuery struct {
	AuthorizationPub *taler.EddsaPublicKey
	AccountPub       *taler.EddsaPublicKey
	State            MappingState // "" for all
	Limit, Offset    int
}

// MappingRecord is one mapping with what used it.
type MappingRecord struct {
	AuthorizationPub taler.EddsaPublicKey
	Target           Target
	Timestamp        time.Time
	State            MappingState
	RowID            int64  // history row of the credit, 0 when pending
	BankRef          string // bank reference of the transfer that used it
}
