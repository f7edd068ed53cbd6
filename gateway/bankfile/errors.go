package bankfile

import (
	"errors"
	"fmt"
)

// The reasons for refusing a whole file. Every error of a reader wraps one of
// these, apart from the errors of the file itself and of emit.
var (
	ErrForm      = errors.New("this is no file of the form that is set for this account")
	ErrEncoding  = errors.New("the file is not in the character set that is set for this account")
	ErrTruncated = errors.New("the file ends early; fetch it from the bank again")
	ErrTooLarge  = errors.New("a part of the file is larger than any bank writes it")
	ErrStructure = errors.New("the file contradicts its own form")
	ErrAmount    = errors.New("an amount is missing or malformed")
	ErrDate      = errors.New("a date is missing or malformed")
	ErrAccount   = errors.New("the file does not say, or says wrongly, whose account it is about")
	ErrReference = errors.New("a payment has no usable bank reference")
	ErrBalance   = errors.New("the entries do not add up to what the file says")
)

// Errors lists them all.
var Errors = []error{
	ErrForm, ErrEncoding, ErrTruncated, ErrTooLarge, ErrStructure, ErrAmount, ErrDate, ErrAccount, ErrReference, ErrBalance,
}

// At says where in the file err was found. Texts name columns and fields, never
// what stands in them: account numbers and subjects do not belong into logs.
func At(line int, err error, format string, args ...any) error {
	return fmt.Errorf("line %d: %w: %s", line, err, fmt.Sprintf(format, args...))
}
