package pow

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/blake2b"
)

// Label begins the text of every challenge and is the salt of Argon2id, which
// in libsodium must have exactly 16 bytes.
const Label = "WireSubjectPoW-1"

// Bounds of what the arithmetic and the verifier's memory allow.
const (
	MaxDifficulty = 1 << 52   // so that no step of the arithmetic overflows
	MaxSubProofs  = 32        // a body of 4 KiB holds as many
	MaxSealBits   = 40        // far more than any server would ask for
	maxMemoryKiB  = 64 * 1024 // 64 MiB
	minMemoryKiB  = 8         // RFC 9106 section 3.1: 8 * parallelism
	maxTime       = 16
)

// MaxAskedSealBits is what a server may ask for, be it under a flood: 2^22
// hashes, two seconds of a wallet in a browser.
const MaxAskedSealBits = 22

// The cost that wallets pay unless an operator chooses otherwise.
const (
	DefaultMemoryKiB = 1024
	DefaultTime      = 1
	DefaultSubProofs = 8
	DefaultSealBits  = 18
)

// Params are what one evaluation costs and how many sub-proofs there are. They
// belong to a server and never come from a proof.
type Params struct {
	MemoryKiB uint32 // of Argon2id
	Time      uint32 // passes of Argon2id
	SubProofs uint8  // k
}

// DefaultParams are the parameters of the published vector: 1 MiB, one pass,
// eight sub-proofs.
func DefaultParams() Params {
	return Params{MemoryKiB: DefaultMemoryKiB, Time: DefaultTime, SubProofs: DefaultSubProofs}
}

// Validate tells whether the parameters can be used.
func (p Params) Validate() error {
	switch {
	case p.MemoryKiB < minMemoryKiB || p.MemoryKiB > maxMemoryKiB:
		return fmt.Errorf("memory: write %d to %d KiB", minMemoryKiB, maxMemoryKiB)
	case p.Time < 1 || p.Time > maxTime:
		return fmt.Errorf("time: write 1 to %d passes", maxTime)
	case p.SubProofs < 1 || p.SubProofs > MaxSubProofs:
		return fmt.Errorf("sub-proofs: write 1 to %d", MaxSubProofs)
	}
	return nil
}

// Realm says where a proof counts: one service, one account, its wire method
// and currency.
type Realm [32]byte

// RealmOf is BLAKE2b-256 of the four texts, each followed by a newline, after
// the line "shortwire-realm-1". None of them may hold a newline.
func RealmOf(service, account, method, currency string) Realm {
	return blake2b.Sum256([]byte("shortwire-realm-1\n" + service + "\n" + account + "\n" + method + "\n" + currency + "\n"))
}

// Salt is drawn anew for every epoch, so that nobody can work ahead for longer.
type Salt [16]byte

// SaltOf derives the salt of an epoch from a secret of the service (16 to 64
// bytes): the first 16 bytes of BLAKE2b-256, keyed with the secret, of the realm
// and the epoch as four bytes, big-endian.
func SaltOf(secret []byte, realm Realm, epoch uint32) Salt {
	mac, err := blake2b.New256(secret)
	if err != nil {
		panic(fmt.Sprintf("pow: secret of %d bytes", len(secret))) // ours, not a client's
	}
	mac.Write(realm[:])
	mac.Write(binary.BigEndian.AppendUint32(nil, epoch))
	return Salt(mac.Sum(nil)[:16])
}

// Challenge is everything that a proof is bound to.
type Challenge struct {
	Params
	Realm            Realm
	Epoch            uint32 // days since 1970, UTC
	Salt             Salt   // of the epoch
	AuthorizationPub [32]byte
	Difficulty       uint64 // D that the proof claims: 1 to MaxDifficulty
}

// ErrChallenge means a challenge that no proof can fit.
var ErrChallenge = errors.New("the difficulty must be a whole number from 1 to 2^52")

// Validate tells whether a proof of the challenge can exist.
func (c *Challenge) Validate() error {
	if c.Difficulty < 1 || c.Difficulty > MaxDifficulty {
		return ErrChallenge
	}
	return c.Params.Validate()
}

// Digest is C: BLAKE2b-256 of 120 bytes.
func (c *Challenge) Digest() [32]byte { return blake2b.Sum256(c.text()) }

// text is what C is the digest of; numbers are big-endian.
func (c *Challenge) text() []byte {
	text := make([]byte, 0, 120)
	text = append(text, Label...)
	text = binary.BigEndian.AppendUint32(text, c.MemoryKiB)
	text = binary.BigEndian.AppendUint32(text, c.Time)
	text = append(text, c.SubProofs, 0, 0, 0) // k, the algorithm (0: Argon2id), reserved
	text = append(text, c.Realm[:]...)
	text = binary.BigEndian.AppendUint32(text, c.Epoch)
	text = append(text, c.Salt[:]...)
	text = append(text, c.AuthorizationPub[:]...)
	return binary.BigEndian.AppendUint64(text, c.Difficulty)
}

// share is ceil(D/k): what one sub-proof takes on average.
func (c *Challenge) share() uint64 {
	k := uint64(c.SubProofs)
	return (c.Difficulty + k - 1) / k
}

// Tag is the output of Argon2id, as short as libsodium gives it.
type Tag [16]byte

// tag does the work of one nonce. It takes p.MemoryKiB of memory.
func (p Params) tag(digest *[32]byte, nonce uint64) Tag {
	var password [40]byte
	copy(password[:], digest[:])
	binary.BigEndian.PutUint64(password[32:], nonce)
	return Tag(argon2.IDKey(password[:], []byte(Label), p.Time, p.MemoryKiB, 1, 16))
}
