package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

const (
	minSecret     = 16       // characters: 64 bits when random hexadecimal digits
	maxSecretFile = 64 << 10 // bytes
)

// secret is what a token says of its secret.
type secret struct{ text, file, hexHash string }

func (s *secret) settings() []setting {
	return []setting{
		textSetting("secret", &s.text),
		textSetting("secret_file", &s.file),
		textSetting("secret_sha256", &s.hexHash),
	}
}

// hash returns the SHA-256 of the secret, or the key to blame and why. resolve
// finds the file.
func (s *secret) hash(resolve func(string) string) (key string, hash [32]byte, err error) {
	switch {
	case s.text != "" && s.file == "" && s.hexHash == "":
		hash, err = hashSecret(s.text)
		return "secret", hash, err
	case s.text == "" && s.file != "" && s.hexHash == "":
		content, err := readSecretFile(resolve(s.file))
		if err == nil {
			hash, err = hashSecret(content)
		}
		return "secret_file", hash, err
	case s.text == "" && s.file == "" && s.hexHash != "":
		hash, err = parseHash(s.hexHash)
		return "secret_sha256", hash, err
	}
	return "secret", hash, errors.New("give exactly one of secret, secret_file and secret_sha256")
}

// readSecretFile returns the content of a file without the line ends at its
// end. It refuses files that everybody may read or write. What is no plain
// file is refused before it is opened, since opening a pipe may wait for ever.
func readSecretFile(name string) (string, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no file %s; write the secret into it and give it mode 0600", name)
	case err != nil:
		return "", fmt.Errorf("see whether this user may reach the file: %w", err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no plain file; name a file that holds the secret and nothing else", name)
	case info.Mode().Perm()&0o007 != 0:
		return "", fmt.Errorf("everybody on this machine may use %s; take that right away with: chmod o= %s", name, name)
	case info.Size() > maxSecretFile:
		return "", fmt.Errorf("%s is larger than 64 KiB; name a file that holds the secret and nothing else", name)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("see whether this user may read the file: %w", err)
	}
	secret := strings.TrimRight(string(content), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("%s is empty; write the secret into it", name)
	}
	return secret, nil
}

// hashSecret refuses secrets that are short or cannot travel in an HTTP header
// (RFC 9110 section 5.5).
func hashSecret(secret string) ([32]byte, error) {
	for i := range len(secret) {
		if secret[i] <= ' ' || secret[i] > '~' {
			return [32]byte{}, errors.New("the secret must be printable ASCII without blanks; make one with: openssl rand -hex 20")
		}
	}
	if len(secret) < minSecret {
		return [32]byte{}, fmt.Errorf("the secret must have %d characters at least; make one with: openssl rand -hex 20", minSecret)
	}
	return sha256.Sum256([]byte(secret)), nil
}

func parseHash(s string) (hash [32]byte, err error) {
	decoded, err := hex.DecodeString(s)
	if err != nil || len(decoded) != len(hash) {
		return hash, errors.New("write the 64 hexadecimal digits that this prints: printf %s SECRET | sha256sum")
	}
	copy(hash[:], decoded)
	return hash, nil
}
