// Package picture draws what a payer scans: the payment part of a Swiss QR-bill,
// and for other accounts a card with the QR code that banking apps of the country
// read (EPC069-12, SPAYD, BR Code) or, where there is none, a payto URI.
//
// It turns the subjects of a registration into a payload and this into SVG, PNG,
// PDF or blocks for a terminal. It has no state, no clock and no I/O, and the
// same input gives the same bytes. All measures are millimetres from the top left
// corner, sizes of type are points.
package picture
