package config

import (
	"time"

	"github.com/shortwire/shortwire/gateway/camt"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Account is one credit account of the exchange: a table [[account]].
type Account struct {
	// Name (`name`) is the name of the account in URLs and in the database: 1
	// to 32 of a-z, 0-9 and hyphen, no hyphen in front. It must never change
	// once subjects were given out. Required.
	Name string

	// Method (`method`) is the wire method, which decides how subjects look:
	// "ch-qrr", "nz-pcr", "plain-key" ... `shortwire config check` lists
	// them. Required.
	Method string

	// Currency (`currency`) is the one currency of the account, such as
	// "CHF". Transfers in another currency wait for an operator. Required.
	Currency string

	// Payto (`payto`) is the account as a full payto URI, receiver-name
	// included, since payers must type that name into their bank's form. No
	// two accounts may stand for one account at the bank. Required.
	Payto taler.Payto

	// RegistrationLifetime (`registration_lifetime`) is how long a subject
	// lives without being used; every credit under it starts the time anew.
	// Default "2160h" (90 days), never below minimum_registration_lifetime.
	RegistrationLifetime time.Duration

	// MinimumExtensionAmount (`minimum_extension_amount`) is the smallest
	// credit that starts that time anew, so that nobody keeps a subject for
	// ever for a cent. Default: one unit of the currency, such as "CHF:1".
	MinimumExtensionAmount taler.Amount

	// Quarantine (`quarantine`) is how long a subject stays blocked after its
	// end before somebody else may get it: money that was sent late bounces
	// meanwhile and reaches no stranger. Default "720h" (30 days).
	Quarantine time.Duration

	// CrowdedLifetime (`crowded_lifetime`) is how long a registration that is
	// made while more than half of the space is blocked lives until its first
	// credit. Never below minimum_registration_lifetime, never above
	// registration_lifetime. Default "336h" (14 days); "0s" for no difference,
	// as DD80 has it.
	CrowdedLifetime time.Duration

	// UnusedQuarantine (`unused_quarantine`) is the quarantine of such a
	// registration if it ends without a credit: nobody has paid under it, so
	// little can come late. Default "336h" (14 days); "0s" for no difference, as
	// DD80 has it.
	UnusedQuarantine time.Duration

	// HoldDelay (`hold_delay`) is how long a transfer waits for its wallet to
	// say what it is for, before it is sent back. Default "168h" (7 days), at
	// most 30 days.
	HoldDelay time.Duration

	// LegacySubjects (`legacy_subjects`) overrides the key of the same name
	// at the top level for this account.
	LegacySubjects bool

	// BankCSV (`bank_csv`) is the bank whose account exports as CSV are read for
	// this account: "nz-anz", "nz-asb", "nz-bnz" or "nz-kiwibank". Default "":
	// CSV is refused. It needs csv_whole_days.
	BankCSV string

	// CSVWholeDays (`csv_whole_days`) is your promise that every CSV file that
	// is posted holds all entries of each of its days, or of the last one all so
	// far. The references of payments rest on it, since the exports have none:
	// a file that begins within a day may lose a payment (docs/bank.md).
	// Default false.
	CSVWholeDays bool

	// MT940Account (`mt940_account`) is what stands in :25: of the bank's MT940
	// for this account, where that is neither an IBAN nor a German bank code and
	// account number. Default "".
	MT940Account string

	// MT940Reference (`mt940_reference`) is what identifies a payment in MT940:
	// "bank" is the bank's reference behind //, and entries without one are
	// refused; "statement-position" is the number of the statement and the place
	// in it, for banks that give no reference and never make a statement anew
	// with other entries. Never change it. Default "bank".
	MT940Reference string

	// BankCharset (`bank_charset`) is the character set of the bank's CSV and
	// MT940 files: "utf-8", "iso-8859-1" or "windows-1252". Default "utf-8".
	BankCharset string

	// PaymentOrder (`payment_order`) is the form of the payment orders that the
	// bank takes: "pain.001.001.09", "pain.001.001.03", or "nz-bnz" for direct
	// credit files of BNZ, which hold bounces only. Default "pain.001.001.09".
	PaymentOrder string

	// CreditMessages (`credit_messages`) lists the kinds of bank messages whose
	// credits count: "camt.052", "camt.053", "camt.054". With more than one, the
	// same payment in several of them is one; what may be the same and may not
	// waits for an operator. Only list messages in which the bank tells payer and
	// text of each payment. Change it in all gateways at once. Debits are read
	// from all three. Default ["camt.054"].
	CreditMessages []string

	// Quirks (`quirks`) lists what is particular about the bank's messages:
	// "statement_totals" (camt.052 and camt.053 hold totals of what the camt.054
	// tells singly; they are ignored) and "entry_amounts" (a transaction that is
	// alone in its entry has an amount of zero; that of the entry counts).
	// Default: none, which is strict.
	Quirks []string

	// ProofOfWork is the table [account.proof_of_work], whose keys are those of
	// [proof_of_work] and override them for this account.
	ProofOfWork ProofOfWork

	// Parameters are all other keys of the table, such as `qr_iban` of ch-qrr
	// or `prefix`. They belong to the wire method, which explains them and
	// refuses those it does not know. Their values are strings.
	Parameters map[string]string
}

// defaultAccount returns an account before its table is read.
func defaultAccount(c *Config) Account {
	return Account{
		RegistrationLifetime: 90 * day,
		Quarantine:           30 * day,
		HoldDelay:            7 * day,
		CrowdedLifetime:      14 * day,
		UnusedQuarantine:     14 * day,
		LegacySubjects:       c.LegacySubjects,
		MT940Reference:       "bank",
		BankCharset:          "utf-8",
		PaymentOrder:         "pain.001.001.09",
		CreditMessages:       []string{camt.Notification},
		ProofOfWork:          c.ProofOfWork,
	}
}
