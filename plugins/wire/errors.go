package wire

import "errors"

// The sentinels of wire methods.
var (
	// ErrSlotRange answers Encode of an index outside [0, Spec().Size), and
	// every Encode of a method that stores nothing.
	ErrSlotRange = errors.New("the slot lies outside the space of the wire method")
	// ErrSettings answers Factory.New.
	ErrSettings = errors.New("the settings of the account do not fit its wire method")
)
