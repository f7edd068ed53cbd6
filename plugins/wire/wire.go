// Package wire is the contract of a wire method: how subjects look and travel
// on one kind of bank account.
//
// A wire method is arithmetic. It turns a slot of its space into a reference
// that the payer's bank form accepts, and it finds references again in what
// the payee's bank reports. It has no clock, no I/O and no randomness, so the
// same input gives the same answer on every replica, for ever.
//
// The package also keeps what methods share: normalisation and bounded
// scanning of remittance text, checksums, and the reading of whole Taler keys
// (KYC, MAP and bare reserve keys) out of free text.
package wire

import "github.com/shortwire/shortwire/subjects/taler"

// Slot is an index into a method's space, already permuted. Generation names
// the secret permutation it came from; methods ignore it.
type Slot struct {
	Generation uint32
	Index      uint64
}

// Reference is the canonical form of a short subject: the one string that is
// stored and looked up. It is unique within an account, upper case, without
// separators. What a payer types is a presentation of it.
type Reference string

// Spec describes a method. All fields are constant for a configured method.
type Spec struct {
	Name     string   // registry name, e.g. "ch-qrr"; where one method has several layouts, a slash and the layout follow
	Formats  []string // types of the subjects it offers, e.g. "CH_QR_BILL", in order of preference
	Size     uint64   // number of slots; 0: the authorization key itself is the subject and nothing is stored
	Prefix   string   // fixed leading part of every reference ("" when there is none)
	Alphabet string   // symbols of the variable part
}

// Remittance is what the bank reported about the purpose of a transfer, as
// delivered. Which field counts first is the method's business (T3).
type Remittance struct {
	Structured   []string // creditor references: ISO 20022 RmtInf/Strd/CdtrRefInf/Ref
	Unstructured []string // free text lines: ISO 20022 RmtInf/Ustrd
	Particulars  string   // New Zealand: 12 characters each
	Code         string
	Reference    string
	EndToEndID   string
}

// Kind tells what a candidate is.
type Kind int

// The kinds of candidates.
const (
	// KindReference is a short reference of this method: look it up.
	KindReference Kind = iota + 1
	// KindAuthorization is an authorization key carried whole (S8).
	KindAuthorization
	// KindReserve is a bare reserve key, the legacy subject (T4).
	KindReserve
	// KindKYC is a KYC account key, the other legacy subject (T4).
	KindKYC
)

// Candidate is one well-formed subject found in a remittance.
type Candidate struct {
	Kind      Kind
	Reference Reference            // KindReference
	Key       taler.EddsaPublicKey // the other kinds
}

// MaxCandidates bounds what Scan returns, so that a hostile text costs the
// database no more than an honest one.
const MaxCandidates = 8

// Method is one wire method.
type Method interface {
	// Spec returns the constants of this configured method.
	Spec() Spec
	// Encode returns the reference of a slot. It is total and injective on
	// [0, Spec().Size); an index outside gives ErrSlotRange.
	Encode(Slot) (Reference, error)
	// Scan returns every well-formed reference in r, best first, at most
	// MaxCandidates. It never fails: garbage gives none. Two candidates that
	// differ are two different subjects; a failed check is never repaired.
	Scan(r Remittance) []Candidate
}

// KeyCarrier is implemented by methods whose subject is the authorization key
// itself (Spec().Size == 0, S8). Their Scan returns the authorization keys that
// ScanKeys finds, and nothing when it finds another key beside them.
type KeyCarrier interface {
	EncodeKey(taler.EddsaPublicKey) Reference
}

// Instruction is what a payer is asked to do, beside the reference.
type Instruction struct {
	CreditAmount *taler.Amount // the amount the payer intends to send; nil when open
}

// Subject is one way to write a reference down for a payer (TransferSubject of
// the HTTP contract): a type and the fields of that type, in the order in
// which a person meets them.
type Subject struct {
	Type          string // SIMPLE, URI, CH_QR_BILL, NZ_SBI, RF, NATIONAL
	CreditAccount string // full payto of the account this subject must be sent to
	CreditAmount  *taler.Amount
	Subject       string // SIMPLE
	URI           string // URI: payto URI with the message filled in
	QRReference   string // CH_QR_BILL: 27 digits
	Particulars   string // NZ_SBI
	Code          string // NZ_SBI
	Reference     string // NZ_SBI, RF, NATIONAL
	Scheme        string // NATIONAL

	// Address is that of the account's holder, for those who draw a QR-bill; nil
	// when it is unknown.
	Address *Address
}

// Presenter is implemented by methods that offer more than SIMPLE text.
type Presenter interface {
	// Present returns every form of ref a payer may use, best first. It is
	// called only with references that Encode or EncodeKey returned.
	Present(ref Reference, in Instruction) []Subject
}

// AmountChecker is implemented by methods whose subjects hold the amount in a form
// that not every amount fits.
type AmountChecker interface {
	// CheckAmount returns ErrAmount with what to write instead. Present leaves such
	// an amount to the payer.
	CheckAmount(taler.Amount) error
}

// Settings are the values of an account that a method may need.
type Settings struct {
	Account    string            // name of the account, for error messages
	Payto      taler.Payto       // credit account
	Currency   string            // e.g. "CHF"
	Parameters map[string]string // method's own keys of the [[account]] table, e.g. "qr_iban", "prefix"
}

// Factory makes a method from an account's settings. New has no side effects.
// It refuses settings that would produce subjects nobody can pay to, with an
// error that says what to change; unknown parameters are refused as well.
type Factory struct {
	Name string
	New  func(Settings) (Method, error)
}
