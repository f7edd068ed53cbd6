package wire

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Refuse returns an ErrSettings that names the account and says what to change.
func (s Settings) Refuse(advice string, args ...any) error {
	return fmt.Errorf("%w: account %q: %s", ErrSettings, s.Account, fmt.Sprintf(advice, args...))
}

// CheckParameters refuses parameters that are not among known, which are
// typing errors more often than wishes.
func (s Settings) CheckParameters(known ...string) error {
	for _, name := range slices.Sorted(maps.Keys(s.Parameters)) {
		if slices.Contains(known, name) {
			continue
		}
		if len(known) == 0 {
			return s.Refuse("remove the parameter %q, this method has none", name)
		}
		return s.Refuse("remove the parameter %q, this method knows %s", name, strings.Join(known, ", "))
	}
	return nil
}

// IsQRIBAN tells whether a valid IBAN in electronic form is a QR-IBAN: Swiss or
// Liechtenstein, with an institution id (positions 5 to 9) of 30000 to 31999.
// Payments to one must carry a QR reference and nothing else (SIX, Technical
// information about the QR-IID and QR-IBAN, v1.0).
func IsQRIBAN(iban string) bool {
	return IsSwissIBAN(iban) && iban[4] == '3' && (iban[5] == '0' || iban[5] == '1')
}

// IsSwissIBAN tells whether a valid IBAN in electronic form belongs to the
// Swiss payment area: CH or LI and 21 characters (SIX, Implementation
// Guidelines for the QR-bill v2.3, section 4.2.2).
func IsSwissIBAN(iban string) bool {
	return len(iban) == 21 && (iban[:2] == "CH" || iban[:2] == "LI")
}
