package taler

import "crypto/ed25519"

// wadIDSize is the length of a wad identifier in bytes. The protocol texts at
// hand do not confirm it; a correction is this one line.
const wadIDSize = 24

// EddsaPublicKey is an Ed25519 public key (RFC 8032 section 5.1.5): a reserve
// key, an account key or an authorization key.
type EddsaPublicKey [32]byte

// EddsaSignature is an Ed25519 signature (RFC 8032 section 5.1.6).
type EddsaSignature [64]byte

// HashCode is a 64-byte hash, or an identifier of that size (request_uid).
type HashCode [64]byte

// ShortHashCode is a 32-byte hash, or an identifier of that size (wtid).
type ShortHashCode [32]byte

// WadID identifies a wad, a transfer between two exchanges.
type WadID [wadIDSize]byte

// ParseEddsaPublicKey reads 52 base32 symbols. It returns ErrBase32, or
// ErrKeyInvalid when the bytes are no point of the curve.
func ParseEddsaPublicKey(s string) (EddsaPublicKey, error) {
	var k EddsaPublicKey
	if err := decodeBase32(k[:], s); err != nil {
		return EddsaPublicKey{}, err
	}
	if !k.Valid() {
		return EddsaPublicKey{}, ErrKeyInvalid
	}
	return k, nil
}

// Verify tells whether sig is a signature of message by the owner of k. A key
// that is no point of the curve verifies nothing.
func (k EddsaPublicKey) Verify(message []byte, sig EddsaSignature) bool {
	return ed25519.Verify(k[:], message, sig[:])
}

// IsZero tells that the key was never set. 32 zero bytes are a point of the
// curve, but one of small order, which no honest key is.
func (k EddsaPublicKey) IsZero() bool { return k == EddsaPublicKey{} }

// String returns the 52 base32 symbols of the key.
func (k EddsaPublicKey) String() string { return EncodeBase32(k[:]) }

// MarshalText is String for encoders.
func (k EddsaPublicKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText is ParseEddsaPublicKey for decoders.
func (k *EddsaPublicKey) UnmarshalText(text []byte) (err error) {
	*k, err = ParseEddsaPublicKey(string(text))
	return err
}

// ParseEddsaSignature reads 103 base32 symbols, or returns ErrBase32.
func ParseEddsaSignature(s string) (EddsaSignature, error) {
	var sig EddsaSignature
	if err := decodeBase32(sig[:], s); err != nil {
		return EddsaSignature{}, err
	}
	return sig, nil
}

// IsZero tells that the signature was never set.
func (s EddsaSignature) IsZero() bool { return s == EddsaSignature{} }

// String returns the 103 base32 symbols of the signature.
func (s EddsaSignature) String() string { return EncodeBase32(s[:]) }

// MarshalText is String for encoders.
func (s EddsaSignature) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is ParseEddsaSignature for decoders.
func (s *EddsaSignature) UnmarshalText(text []byte) (err error) {
	*s, err = ParseEddsaSignature(string(text))
	return err
}

// ParseHashCode reads 103 base32 symbols, or returns ErrBase32.
func ParseHashCode(s string) (HashCode, error) {
	var h HashCode
	if err := decodeBase32(h[:], s); err != nil {
		return HashCode{}, err
	}
	return h, nil
}

// IsZero tells that the hash was never set.
func (h HashCode) IsZero() bool { return h == HashCode{} }

// String returns the 103 base32 symbols of the hash.
func (h HashCode) String() string { return EncodeBase32(h[:]) }

// MarshalText is String for encoders.
func (h HashCode) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is ParseHashCode for decoders.
func (h *HashCode) UnmarshalText(text []byte) (err error) {
	*h, err = ParseHashCode(string(text))
	return err
}

// ParseShortHashCode reads 52 base32 symbols, or returns ErrBase32.
func ParseShortHashCode(s string) (ShortHashCode, error) {
	var h ShortHashCode
	if err := decodeBase32(h[:], s); err != nil {
		return ShortHashCode{}, err
	}
	return h, nil
}

// IsZero tells that the hash was never set.
func (h ShortHashCode) IsZero() bool { return h == ShortHashCode{} }

// String returns the 52 base32 symbols of the hash.
func (h ShortHashCode) String() string { return EncodeBase32(h[:]) }

// MarshalText is String for encoders.
func (h ShortHashCode) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is ParseShortHashCode for decoders.
func (h *ShortHashCode) UnmarshalText(text []byte) (err error) {
	*h, err = ParseShortHashCode(string(text))
	return err
}

// ParseWadID reads the base32 symbols of a wad identifier, or returns ErrBase32.
func ParseWadID(s string) (WadID, error) {
	var id WadID
	if err := decodeBase32(id[:], s); err != nil {
		return WadID{}, err
	}
	return id, nil
}

// IsZero tells that the identifier was never set.
func (id WadID) IsZero() bool { return id == WadID{} }

// String returns the base32 symbols of the identifier.
func (id WadID) String() string { return EncodeBase32(id[:]) }

// MarshalText is String for encoders.
func (id WadID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText is ParseWadID for decoders.
func (id *WadID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseWadID(string(text))
	return err
}
