package camt

import (
	"errors"
	"fmt"
)

// The reasons for refusing a whole file. Every error of Read and Validate
// wraps one of these, apart from the errors of the reader, which are wrapped,
// and of emit, which come back as they are.
var (
	ErrNotXML      = errors.New("the file is not well-formed XML")
	ErrTruncated   = errors.New("the file ends early; fetch it from the bank again")
	ErrDoctype     = errors.New("document type and entity declarations are not accepted")
	ErrEncoding    = errors.New("the file must be UTF-8")
	ErrTooLarge    = errors.New("a part of the file is larger than any bank writes it")
	ErrNotMessage  = errors.New("this is no ISO 20022 bank-to-customer message; post a camt.054.001.08 or camt.054.001.04")
	ErrMessageType = errors.New("messages of this type are not read here")
	ErrVersion     = errors.New("this version of the message is not read here; post version .08 or .04 of it")
	ErrStructure   = errors.New("the message contradicts its own definition")
	ErrAmount      = errors.New("an amount is missing or malformed")
	ErrReference   = errors.New("a transaction has no usable bank reference; ask the bank to fill AcctSvcrRef")
)

// ErrNotListed is the ErrMessageType of a message whose credits are not read for
// the account, while ReadDebits takes it.
var ErrNotListed = fmt.Errorf("%w", ErrMessageType)

// at says where in the file err was found and what was found there. Texts
// name elements, never their content: account numbers and subjects do not
// belong into logs.
func at(p Position, err error, what string) error {
	return fmt.Errorf("%s: %w: %s", p, err, what)
}
