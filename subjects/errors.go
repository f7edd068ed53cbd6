package subjects

import (
	"errors"
	"time"
)

// The sentinels of this room. gateway/problem.go translates them.
var (
	ErrUnknownAccount      = errors.New("no account of this name")
	ErrUnknownRegistration = errors.New("the key is not registered")
	ErrExpired             = errors.New("the registration has expired")
	ErrBadSignature        = errors.New("the signature does not fit the key and the signed text")
	ErrOldTimestamp        = errors.New("the timestamp is not newer than what is stored for this key")
	ErrFutureTimestamp     = errors.New("the timestamp lies in the future")
	ErrReserveReused       = errors.New("this reserve key was credited before")
	ErrCurrency            = errors.New("the amount is not in the currency of the account")
	ErrSpaceExhausted      = errors.New("every subject of this account is taken")
	ErrContention          = errors.New("too many registrations at once") // this one lost every race it took part in
	ErrProofRequired       = errors.New("a proof of work is required")
	ErrProofInsufficient   = errors.New("the proof of work is not enough")
	ErrProofInvalid        = errors.New("the proof of work is invalid")
	ErrProofBusy           = errors.New("too many proofs of work at once")
	ErrFree                = errors.New("subjects of this account are free") // what is set has nothing to act on
)

// RetryLater wraps an error that will pass by itself.
type RetryLater struct {
	Err   error
	After time.Duration
}

func (e *RetryLater) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *RetryLater) Unwrap() error { return e.Err }
