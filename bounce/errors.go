package bounce

import "errors"

// The sentinels of this room. gateway/problem.go translates them.
var (
	ErrConflict       = errors.New("this bank reference was reported before with other content")
	ErrInvalid        = errors.New("the transfer cannot be stored as it is")
	ErrUnknownPayment = errors.New("no payment of this number")
	ErrPaymentFinal   = errors.New("the payment has reached another final state")
	ErrLeaseLost      = errors.New("the payment was handed out again since")

	ErrUnknownCase = errors.New("no transfer of this number waits for an operator")
	ErrCaseSettled = errors.New("the transfer is decided about already")
	ErrNoCreditor  = errors.New("there is no account that the money could be sent to")

	ErrRequestUIDReused = errors.New("this request_uid was used for another transfer")
	ErrWtidReused       = errors.New("this wtid was used by another transfer")
	ErrUnknownTransfer  = errors.New("no transfer of the exchange has this number")
)
