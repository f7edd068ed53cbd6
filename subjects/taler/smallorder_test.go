package taler

import (
	"crypto/ed25519"
	"encoding/binary"
	"testing"
)

// A key of small order fits a signature that anybody can write down: R the
// neutral element and S zero pass for every message whose hash is a multiple of
// the order, one in eight at least. Each refused key is shown to be of that
// kind, so that the list cannot be wrong unnoticed.
func TestSmallOrderKeysAreRefused(t *testing.T) {
	t.Parallel()
	var forged EddsaSignature
	forged[0] = 1
	for _, y := range smallOrderY {
		for _, sign := range []byte{0, 0x80} {
			key := y
			key[31] |= sign
			if key.Valid() {
				t.Errorf("%s is accepted", key)
			}
			if sign == 0 && !forgeable(key, forged) {
				t.Errorf("%s is refused, but its order is not small", key)
			}
		}
	}
}

func forgeable(key EddsaPublicKey, forged EddsaSignature) bool {
	for i := range uint64(500) {
		if ed25519.Verify(key[:], binary.BigEndian.AppendUint64(nil, i), forged[:]) {
			return true
		}
	}
	return false
}
