package bounce

import "errors"

// The sentinels of this room. gateway/problem.go translates them.
var (
	ErrConflict       = errors.New("this bank reference was reported before with other content")
	ErrInvalid        = errors.New("the transfer cannot be stored as it is")
	ErrUnknownPayment = errors.New("no payment of this number")
	ErrPaymentFinal   = errors.New("the payment has reached another final state")
)
