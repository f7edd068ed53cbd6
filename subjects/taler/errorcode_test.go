package taler

import (
	"encoding/json"
	"regexp"
	"testing"
)

// TestErrorSymbols holds numbers that other programs were seen to send or
// expect, and that no two codes share a symbol.
func TestErrorSymbols(t *testing.T) {
	t.Parallel()
	for number, want := range map[int]string{
		22: "GENERIC_JSON_INVALID", 26: "GENERIC_PARAMETER_MALFORMED", 30: "GENERIC_CURRENCY_MISMATCH",
		40: "GENERIC_UNAUTHORIZED", 44: "GENERIC_FORBIDDEN", 5112: "BANK_TRANSFER_REQUEST_UID_REUSED",
		5114: "BANK_DUPLICATE_RESERVE_PUB_SUBJECT", 5124: "BANK_UNKNOWN_CREDITOR", 5154: "BANK_TRANSFER_WTID_REUSED",
		1: "1", -7: "-7",
	} {
		if got := ErrorCode(number).String(); got != want {
			t.Errorf("%d is %s, want %s", number, got, want)
		}
	}
	shape := regexp.MustCompile(`^(NONE|END|(GENERIC|BANK)(_[A-Z]+)+)$`)
	codes := map[string]ErrorCode{}
	for code, symbol := range errorSymbols {
		if other, taken := codes[symbol]; taken || !shape.MatchString(symbol) {
			t.Errorf("%s: codes %d and %d", symbol, code, other)
		}
		codes[symbol] = code
	}
}

func TestErrorCodeIsANumberInJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(map[string]ErrorCode{"code": GenericJSONInvalid})
	if err != nil || string(text) != `{"code":22}` {
		t.Errorf("%s, %v", text, err)
	}
}
