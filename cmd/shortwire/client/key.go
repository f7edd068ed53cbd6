package client

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/shortwire/shortwire/subjects/taler"
)

// ErrKeyFile means that a file holds no key pair.
var ErrKeyFile = errors.New("this is no key file: make one with `shortwire wallet keygen`")

// Key is a key pair: an authorization key, or a reserve key.
type Key struct {
	Pub     taler.EddsaPublicKey
	private ed25519.PrivateKey
}

// keyFile is how a key lies on disk: the public key and the 32 bytes of the
// seed (RFC 8032 section 5.1.5), both in base32.
type keyFile struct {
	Pub  string `json:"pub"`
	Priv string `json:"priv"`
}

// NewKey draws a key pair.
func NewKey(random io.Reader) (Key, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return Key{}, fmt.Errorf("drawing a key: %w", err)
	}
	return keyOf(seed), nil
}

func keyOf(seed []byte) Key {
	private := ed25519.NewKeyFromSeed(seed)
	return Key{Pub: taler.EddsaPublicKey(private.Public().(ed25519.PublicKey)), private: private}
}

// Private is what signs mappings.
func (k Key) Private() ed25519.PrivateKey { return k.private }

// Save writes the key pair to a new file that only its owner may read. It never
// replaces a file, because money may hang on the key in it.
func (k Key) Save(path string) error {
	text, err := json.MarshalIndent(keyFile{k.Pub.String(), taler.EncodeBase32(k.private.Seed())}, "", "  ")
	if err != nil {
		return fmt.Errorf("writing a key: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already and may hold a key in use: name another file", path)
	}
	if err != nil {
		return fmt.Errorf("writing a key: %w", err)
	}
	_, err = file.Write(append(text, '\n'))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("writing a key: %w", err)
	}
	return nil
}

// LoadKey reads what Save wrote. Errors: ErrKeyFile.
func LoadKey(path string) (Key, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, fmt.Errorf("there is no key %s: make one with `shortwire wallet keygen -o %s`", path, path)
	}
	if err != nil {
		return Key{}, fmt.Errorf("reading a key: %w", err)
	}
	var file keyFile
	if json.Unmarshal(text, &file) != nil { // its errors may quote the key
		return Key{}, fmt.Errorf("%s: %w", path, ErrKeyFile)
	}
	seed, err := taler.DecodeBase32(file.Priv, ed25519.SeedSize)
	if err != nil {
		return Key{}, fmt.Errorf("%s: %w", path, ErrKeyFile)
	}
	key := keyOf(seed)
	if key.Pub.String() != file.Pub {
		return Key{}, fmt.Errorf("%s: %w (its two halves do not fit)", path, ErrKeyFile)
	}
	return key, nil
}
