package wire

import "errors"

// The sentinels of wire methods.
var (
	// ErrSlotRange answers Encode of an index outside [0, Spec().Size), and
	// every Encode of a method that stores nothing.
	ErrSlotRange = errors.New("the slot lies outside the space of the wire method")
	// ErrAmount answers CheckAmount of an amount that subjects cannot hold.
	ErrAmount = errors.New("the subject cannot hold the amount")
	// ErrSettings answers Factory.New.
	ErrSettings = errors.New("the settings of the account do not fit its wire method")
)
