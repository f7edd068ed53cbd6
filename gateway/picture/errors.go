package picture

import "errors"

// The sentinels of this package.
var (
	// ErrAmount answers an amount that cannot stand in the code: another
	// currency, zero, fractions of a cent, or more than the form has room for.
	ErrAmount = errors.New("the amount cannot be put into a QR code")
	// ErrLanguage answers a language other than de, fr, it and en.
	ErrLanguage = errors.New("there is no picture in this language")
	// ErrNoAddress answers Swiss accounts whose holder's address is unknown,
	// which every QR-bill must show.
	ErrNoAddress = errors.New("the address of the account's holder is not configured")
	// ErrTooLong answers payloads that do not fit.
	ErrTooLong = errors.New("the data of the payment do not fit into a QR code")
)
