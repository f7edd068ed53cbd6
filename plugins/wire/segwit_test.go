package wire

import (
	"encoding/hex"
	"testing"
)

// The addresses are examples of BIP 173.
func TestSegwit(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct{ hrp, program string }{
		"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4": {"bc", "751e76e8199196d454941c45d1b3a323f1433bd6"},
		"TB1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KXPJZSX": {"tb", "751e76e8199196d454941c45d1b3a323f1433bd6"},
	} {
		program, ok := ReadSegwit(want.hrp, []byte(address))
		if !ok {
			t.Fatalf("%s is not read", address)
		}
		if got := hex.EncodeToString(program[:]); got != want.program {
			t.Errorf("%s holds %s, want %s", address, got, want.program)
		}
		if got := Segwit(want.hrp, program); got != address {
			t.Errorf("%s became %s", address, got)
		}
	}
	for _, wrong := range []string{
		"", "BC1Q", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "TB1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KXPJZSX",
		"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T5", "BC1PW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3TB",
	} {
		if _, ok := ReadSegwit("bc", []byte(wrong)); ok {
			t.Errorf("%q is read", wrong)
		}
	}
}
