package wire

import (
	"strings"
	"testing"
)

// The vectors of the specification of this code over Crockford's alphabet.
func TestReedSolomonVectors(t *testing.T) {
	t.Parallel()
	for data, check := range map[string]string{
		"0123456789|1": "R",
		"0123456789|2": "HJ",
		"TAER000001|2": "X5",
		"012345678|3":  "MDC",
	} {
		symbols, k, _ := strings.Cut(data, "|")
		values, _ := CrockfordValues(nil, []byte(symbols))
		got := string(CrockfordText(nil, ReedSolomon(values, int(k[0]-'0'))...))
		if got != check {
			t.Errorf("ReedSolomon(%s, %s) = %s, want %s", symbols, k, got, check)
		}
	}
}
