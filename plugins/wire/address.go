package wire

import (
	"strings"
	"unicode/utf8"
)

// Address is where the holder of an account lives, as a Swiss QR-bill shows it
// (structured address: SIX, Implementation Guidelines for the QR-bill v2.3,
// section 4.2.2).
type Address struct {
	Street   string // optional
	House    string // optional
	Postcode string // without country
	Town     string
	Country  string // two letters (ISO 3166-1)
}

// AddressParameters are the names of the parameters that Settings.Address reads.
var AddressParameters = []string{"street", "house_number", "postcode", "town", "country"}

// BillParameters are AddressParameters for an account of which a QR-bill can be
// drawn, else none.
func (s Settings) BillParameters() []string {
	if !IsSwissIBAN(s.Payto.IBAN()) {
		return nil
	}
	return AddressParameters
}

// The longest elements of an address, and the longest name.
const (
	maxStreet = 70
	maxHouse  = 16
	maxTown   = 35
	maxHolder = 70
)

// Address returns the address of the holder, nil when no parameter gives one, or
// an error that says what to change.
func (s Settings) Address() (*Address, error) {
	p := s.Parameters
	a := Address{p["street"], p["house_number"], p["postcode"], p["town"], p["country"]}
	if a == (Address{}) {
		return nil, nil
	}
	switch {
	case a.Postcode == "" || a.Town == "" || a.Country == "":
		return nil, s.Refuse("set postcode, town and country as well, or none of the address")
	case len(a.Country) != 2 || strings.Trim(a.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		return nil, s.Refuse("country must be two capital letters, such as CH")
	case !fitsBill(a.Street, maxStreet), !fitsBill(a.House, maxHouse), !fitsBill(a.Postcode, maxHouse), !fitsBill(a.Town, maxTown):
		return nil, s.Refuse("an address on a QR-bill has up to %d characters in street, %d in house_number and postcode and %d in town, all of them Latin", maxStreet, maxHouse, maxTown)
	case !fitsBill(s.Payto.ReceiverName(), maxHolder):
		return nil, s.Refuse("receiver-name on a QR-bill has up to %d characters, all of them Latin", maxHolder)
	}
	return &a, nil
}

// fitsBill tells that a text has no more than limit characters, all of them in
// the set of the guidelines (section 4.1.1), and no blanks around it.
func fitsBill(s string, limit int) bool {
	for _, r := range s {
		switch {
		case r >= 0x20 && r <= 0x7E, r >= 0xA0 && r <= 0x17F, r >= 0x218 && r <= 0x21B, r == 0x20AC:
		default:
			return false
		}
	}
	return utf8.RuneCountInString(s) <= limit && strings.TrimSpace(s) == s
}
