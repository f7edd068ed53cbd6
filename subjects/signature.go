package subjects

import (
	"strconv"
	"strings"
	"time"

	"github.com/shortwire/shortwire/subjects/taler"
)

// The purposes begin every signed text, so that a signature made for something
// else can never be read as one.
const (
	mappingPurpose        = "shortwire-mapping-1"
	unregistrationPurpose = "shortwire-unregistration-1"
)

// MappingText is what the owner of an authorization key signs (M1): purpose,
// canonical payto of the credit account, type, account key and timestamp in
// seconds, joined by newlines. For a wad the fourth line is the wad id, a
// space and the URL of the origin exchange.
func (a *Account) MappingText(t Target, timestamp time.Time) []byte {
	key := t.AccountPub.String()
	if t.Type == CreditWAD {
		key = t.WadID.String() + " " + t.OriginExchangeURL
	}
	return []byte(strings.Join([]string{
		mappingPurpose, a.Payto.Canonical(), string(t.Type), key, strconv.FormatInt(timestamp.Unix(), 10),
	}, "\n"))
}

// UnregistrationText is what the owner of an authorization key signs to end its
// registration: purpose, canonical payto of the credit account, authorization
// key and timestamp in seconds, joined by newlines.
func (a *Account) UnregistrationText(pub taler.EddsaPublicKey, timestamp time.Time) []byte {
	return []byte(strings.Join([]string{
		unregistrationPurpose, a.Payto.Canonical(), pub.String(), strconv.FormatInt(timestamp.Unix(), 10),
	}, "\n"))
}

// PreparationText is what the owner of an authorization key signs in Taler's
// dialect: the 32 bytes of the account key, and nothing else. UNCONFIRMED: Taler's
// texts only say "over the account_pub"; correct it here.
func PreparationText(accountPub taler.EddsaPublicKey) []byte { return accountPub[:] }

// EndingText is what the owner of an authorization key signs to end a
// registration in Taler's dialect: the point in time, in the words that are sent.
// UNCONFIRMED: Taler's texts only say "over the timestamp"; correct it here.
func EndingText(stamp string) []byte { return []byte(stamp) }
