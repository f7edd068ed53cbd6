package config

// The roles of a token.
const (
	RoleExchange = "exchange"
	RoleBank     = "bank"
	RoleOperator = "operator"
)

// Token is one login: a table [[token]]. A caller shows the secret as
// `Authorization: Bearer SECRET`, or as the password of Basic with the name
// of the token as user.
type Token struct {
	// Name (`name`) is the user name and what logs call this login, of the
	// same form as the name of an account, and unique. Required.
	Name string

	// Role (`role`) is "exchange" (reads credits, sends money), "bank" (posts
	// statements, fetches payments) or "operator" (console; opens nothing
	// yet). Required.
	Role string

	// Account (`account`) limits the token to the account of this name.
	// Default "": all accounts.
	Account string

	// SecretSHA256 is what is kept of the secret, which is given by exactly
	// one of three keys. `secret_file` names a file that holds it and that
	// not everybody may read; line ends at its end do not count.
	// `secret` is the secret itself. `secret_sha256` is its SHA-256 in
	// hexadecimal (printf %s SECRET | sha256sum), for those who want no
	// secret on this machine; then nobody checks how good the secret is. A
	// secret is 16 printable ASCII characters or more, without blanks.
	SecretSHA256 [32]byte
}
