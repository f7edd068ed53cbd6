package taler

import "errors"

// The sentinels of this package.
var (
	ErrBase32         = errors.New("not base32 of the required length: use the digits and letters of Crockford's alphabet without separators")
	ErrKeyInvalid     = errors.New("not an Ed25519 public key: the bytes are no point of the curve")
	ErrAmountFormat   = errors.New("not an amount: write CURRENCY:VALUE or CURRENCY:VALUE.FRACTION, with 1 to 11 capital letters and 1 to 8 fraction digits")
	ErrAmountTooBig   = errors.New("the amount exceeds the largest value of the protocol, 4503599627370496")
	ErrAmountNegative = errors.New("the amount would fall below zero")
	ErrAmountCurrency = errors.New("the amounts are in different currencies")
	ErrPayto          = errors.New("not a supported payto URI")
	ErrTimestamp      = errors.New(`not a timestamp: write {"t_s": whole seconds since 1970} or {"t_s": "never"}`)
	ErrRelativeTime   = errors.New(`not a duration: write {"d_us": whole microseconds} or {"d_us": "forever"}`)
)
