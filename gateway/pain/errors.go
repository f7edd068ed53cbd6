package pain

import (
	"errors"
	"fmt"
)

// The reasons why an order cannot be written.
var (
	ErrEmpty   = errors.New("there is nothing to pay")
	ErrAccount = errors.New("payment orders are for accounts with an IBAN or a New Zealand account number")
	ErrAmount  = errors.New("the amount cannot be written in a payment order")
)

// The reasons for refusing a whole report.
var (
	ErrNotXML    = errors.New("the report is not well-formed XML in UTF-8")
	ErrNotReport = errors.New("this is no payment status report; post a pain.002.001.03 or pain.002.001.10")
	ErrVersion   = errors.New("this version of the report is not read here; post pain.002.001.03 or pain.002.001.10")
	ErrStructure = errors.New("the report contradicts its own definition")
	ErrTooLarge  = errors.New("a part of the report is larger than any bank writes it")
)

// at says where in the report err was found. Texts name elements, never what
// stands in them.
func at(line int, err error, format string, args ...any) error {
	return fmt.Errorf("line %d: %w: %s", line, err, fmt.Sprintf(format, args...))
}
