package taler

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestValidIBAN(t *testing.T) {
	t.Parallel()
	valid := []string{
		"CH4431999123000889012", "CH6431961000004421557", "CH7730000001250094239", // QR-IBANs
		"CH5204835012345671000", "CH5800791123000889012", "CH9300762011623852957", "CH2909000000250094239",
		"NO9386011117947",                 // 15 characters, the shortest
		"MT84MALT011000012345MTLCAST001S", // 31, letters inside
		"FR7630006000011234567890189", "DE75512108001245126199", "GB33BUKB20201555555555",
	}
	for _, iban := range valid {
		if !ValidIBAN(iban) {
			t.Errorf("%s is refused", iban)
		}
	}
	invalid := []string{
		"", "CH", "CH93", "NO938601111794", "CH9300762011623852958", "HC9300762011623852957",
		"ch9300762011623852957", "CH93 0076 2011 6238 5295 7", "CH93-0762011623852957",
		"9300762011623852957CH", "C19300762011623852957", "CHX300762011623852957",
		"CH9300762011623852957" + strings.Repeat("0", 14),
		"CH93007620116238529\u00e9", "CH930076201162385295\x00",
	}
	for _, iban := range invalid {
		if ValidIBAN(iban) {
			t.Errorf("%q is accepted", iban)
		}
	}
}

// ibanWith computes check digits by the definition of ISO 13616: 98 minus the
// remainder of the whole number, which math/big holds.
func ibanWith(country, account string) string {
	digits := ""
	for _, c := range account + country + "00" {
		if c >= 'A' {
			digits += fmt.Sprint(c - 'A' + 10)
			continue
		}
		digits += string(c)
	}
	n, _ := new(big.Int).SetString(digits, 10)
	return fmt.Sprintf("%s%02d%s", country, 98-n.Mod(n, big.NewInt(97)).Int64(), account)
}

func TestValidIBANFindsTypingErrors(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		iban := ibanWith(rapid.StringMatching(`[A-Z]{2}`).Draw(t, "country"), rapid.StringMatching(`[0-9A-Z]{11,30}`).Draw(t, "account"))
		if !ValidIBAN(iban) {
			t.Fatalf("%s is refused", iban)
		}
		i := rapid.IntRange(2, len(iban)-1).Draw(t, "position")
		typed := []byte(iban)
		if typed[i] >= '0' && typed[i] <= '9' { // a digit read as another digit
			typed[i] = '0' + (typed[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "shift")))%10
		} else { // a letter read as another letter
			typed[i] = 'A' + (typed[i]-'A'+byte(rapid.IntRange(1, 25).Draw(t, "shift")))%26
		}
		if ValidIBAN(string(typed)) {
			t.Fatalf("%s is accepted for %s", typed, iban)
		}
	})
}

func TestIsBIC(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"POFICHBE": true, "POFICHBEXXX": true, "SANDBOXX": true, "1234CH5X": true,
		"": false, "POFICHB": false, "POFICHBEX": false, "POFICHBEXXXX": false, "POFI1HBE": false,
		"pofichbe": false, "POFIC-BE": false,
	} {
		if isBIC(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}
