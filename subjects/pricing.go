package subjects

import (
	"time"

	"github.com/shortwire/shortwire/pow"
)

// Pricing are the rules under which an account gives subjects out. Whatever is
// not in the configuration is in the database, so that all replicas ask the same
// price and a restart does not change it.
type Pricing struct {
	Params   pow.Params
	SealBits int // the least that a seal must have; operators can raise it at run time
	Law      pow.Law
	Grace    pow.Grace
	// Reuse is how long a key that was registered before may use its proof
	// again, counted from the epoch of the proof; 0: for ever, as in DD80.
	Reuse time.Duration
}

// Offer is what an account asks for a subject at present.
type Offer struct {
	Params     pow.Params
	SealBits   int
	Realm      pow.Realm
	Difficulty uint64 // 0: free
	Epochs     []EpochSalt

	lowest uint64    // that was published within the grace window
	now    time.Time // of the database, when it was read
	read   time.Time // of this process, at the same moment
}

// EpochSalt is a day on which a proof for a new key may have been begun.
type EpochSalt struct {
	Epoch      uint32
	Salt       pow.Salt
	ValidUntil time.Time // when proofs with this salt end to be taken for new keys
}

// Proof is what a wallet presents: the solution of the challenge that its
// account, its key, the epoch and the difficulty make.
type Proof struct {
	Epoch      uint32
	Difficulty uint64
	Solution   string // as pow.ParseProof reads it
}

// ProofError wraps ErrProofRequired or ErrProofInsufficient with what would be
// enough now.
type ProofError struct {
	Err    error
	Reason string // what is not enough, for the client's eyes; "" when there was no proof
	Offer  *Offer
}

func (e *ProofError) Error() string { return e.Err.Error() }

// Unwrap returns the sentinel.
func (e *ProofError) Unwrap() error { return e.Err }

// InvalidProof wraps ErrProofInvalid with what is wrong, one of the errors of
// package pow.
type InvalidProof struct{ Reason error }

func (e *InvalidProof) Error() string { return ErrProofInvalid.Error() + ": " + e.Reason.Error() }

// Unwrap returns the sentinel and the reason.
func (e *InvalidProof) Unwrap() []error { return []error{ErrProofInvalid, e.Reason} }

// Crowding are the rules for a space of which more than half is blocked: what
// nobody uses then blocks others for a shorter time. Both zero: as DD80 has it,
// one rule for all. They count for registrations that are made while the space
// is crowded; the first credit ends them.
type Crowding struct {
	FirstLife        time.Duration // of a registration before its first credit; 0: as any other
	UnusedQuarantine time.Duration // of a registration without a credit; 0: as any other
}

// realm is where proofs for this account count.
func (a *Account) realm(serviceID string) pow.Realm {
	return pow.RealmOf(serviceID, a.Name, a.Method.Spec().Name, a.Currency)
}

// firstLife is how long a registration lives while the space is crowded.
func (a *Account) firstLife() time.Duration {
	if a.Crowding.FirstLife <= 0 {
		return a.RegistrationLifetime
	}
	return min(a.Crowding.FirstLife, a.RegistrationLifetime)
}

// earlier is by how much the quarantine of an unused registration, made while
// the space is crowded, is shorter.
func (a *Account) earlier() time.Duration {
	if a.Crowding.UnusedQuarantine <= 0 {
		return 0
	}
	return max(0, a.Quarantine-a.Crowding.UnusedQuarantine)
}

// challenge is what the proof must have solved.
func (a *Account) challenge(r *Registry, q *Request) pow.Challenge {
	realm := a.realm(r.serviceID)
	return pow.Challenge{
		Params:           a.Pricing.Params,
		Realm:            realm,
		Epoch:            q.Proof.Epoch,
		Salt:             pow.SaltOf(r.powSecret, realm, q.Proof.Epoch),
		AuthorizationPub: q.AuthorizationPub,
		Difficulty:       q.Proof.Difficulty,
	}
}
