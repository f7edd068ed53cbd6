package taler

import (
	"strconv"
	"strings"
)

const (
	maxHost        = 253 // characters of a domain name, RFC 1035 section 2.3.4 without the root
	maxAccountName = 126 // characters of a user name at a Taler bank
)

// readTalerBank reads HOST[:PORT]/ACCOUNT. The port, when given, means that the
// bank speaks plain HTTP, so it belongs to the canonical form.
func (p *Payto) readTalerBank(path []string) error {
	if len(path) != 2 {
		return paytoError("write payto://x-taler-bank/HOST/ACCOUNT or payto://x-taler-bank/HOST:PORT/ACCOUNT")
	}
	host, port, withPort := strings.Cut(strings.ToLower(path[0]), ":")
	if !isHost(host) {
		return paytoError("the host of the bank must be a domain name")
	}
	p.host = host
	if withPort {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return paytoError("the port of the bank must be a number from 1 to 65535")
		}
		p.host += ":" + strconv.FormatUint(n, 10)
	}
	if !isAccountName(path[1]) {
		return paytoError("the account must consist of letters, digits, '-', '.', '_' and '~'")
	}
	p.account = path[1]
	return nil
}

// isHost accepts names and IPv4 addresses, in lower case.
func isHost(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !isAlphanumeric(label[i]) && label[i] != '-' {
				return false
			}
		}
	}
	return len(s) <= maxHost
}

// isAccountName accepts the unreserved characters of RFC 3986 section 2.3,
// which need no percent-encoding.
func isAccountName(s string) bool {
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && strings.IndexByte("-._~", s[i]) < 0 {
			return false
		}
	}
	return s != "" && len(s) <= maxAccountName
}
