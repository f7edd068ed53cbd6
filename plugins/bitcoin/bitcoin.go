// Package bitcoin is the wire method bitcoin: the subject is the address of one
// more output of the payer's transaction, which pays the smallest amount that is
// relayed to nobody.
//
//	marker | slot | check
//	8        8      4 bytes
//
// These 20 bytes are the program of a version 0 witness address, where others
// have the hash of their key. The check is the beginning of SHA-256 over the 16
// bytes before it. Beside it, bech32 reveals any four wrong characters of an
// address. What is sent to such an address is lost, 294 satoshi at least.
//
// Wallets that know nothing of short subjects put a whole reserve key into two
// such outputs; see legacy.go.
package bitcoin

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// Name is the name of this method in configurations.
const Name = "bitcoin"

const (
	marker       = "SHORTWIR" // 8 bytes
	slotBytes    = 8
	checkBytes   = 4
	programBytes = len(marker) + slotBytes + checkBytes
	size         = 1 << 62
	fixedSymbols = 1 + len(marker)*8/5 // the version and the whole symbols of the marker
)

// Factory makes the method from a Bitcoin account. It has no parameters.
func Factory() wire.Factory { return wire.Factory{Name: Name, New: newMethod} }

// method is immutable.
type method struct {
	account taler.Payto
	hrp     string // network of the account
}

var (
	_ wire.Method        = method{}
	_ wire.Presenter     = method{}
	_ wire.LegacyScanner = method{}
)

func newMethod(s wire.Settings) (wire.Method, error) {
	if err := s.CheckParameters(); err != nil {
		return nil, err
	}
	if s.Payto.Kind() != taler.KindBitcoin {
		return nil, s.Refuse("payto must be a Bitcoin address: payto://bitcoin/ADDRESS")
	}
	return method{account: s.Payto, hrp: network(s.Payto.Account())}, nil
}

// network returns the human-readable part of the segwit addresses of the network
// to which an address belongs.
func network(address string) string {
	switch {
	case strings.HasPrefix(address, "bcrt1"):
		return "bcrt"
	case strings.HasPrefix(address, "bc1"), address[0] == '1', address[0] == '3':
		return "bc"
	}
	return "tb"
}

// Spec returns the constants of the method.
func (m method) Spec() wire.Spec {
	first := wire.Segwit(m.hrp, program(0))
	return wire.Spec{
		Name:     Name,
		Formats:  []string{"SIMPLE"},
		Size:     size,
		Prefix:   first[:len(m.hrp)+1+fixedSymbols],
		Alphabet: "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
	}
}

// Encode returns the address of a slot in capitals, which QR codes hold best.
func (m method) Encode(slot wire.Slot) (wire.Reference, error) {
	if slot.Index >= size {
		return "", wire.ErrSlotRange
	}
	return wire.Reference(wire.Segwit(m.hrp, program(slot.Index))), nil
}

func program(index uint64) (p [programBytes]byte) {
	copy(p[:], marker)
	binary.BigEndian.PutUint64(p[len(marker):], index)
	check := sha256.Sum256(p[:len(marker)+slotBytes])
	copy(p[len(marker)+slotBytes:], check[:])
	return p
}

// Scan returns the subjects among the addresses in a remittance.
func (m method) Scan(r wire.Remittance) []wire.Candidate { return r.SearchText(m.text) }

func (m method) text(lines ...string) []wire.Candidate {
	return m.addresses(m.read, lines...)
}

// addresses finds what read knows among the segwit addresses of the network.
func (m method) addresses(read func(window []byte) (wire.Reference, bool), lines ...string) []wire.Candidate {
	return wire.ReadText(lines...).References(wire.SegwitSymbols(m.hrp), strings.ToUpper(m.hrp)[0], read)
}

// read tells whether an address is one that Encode may have given.
func (m method) read(window []byte) (wire.Reference, bool) {
	p, ok := wire.ReadSegwit(m.hrp, window)
	if !ok || !bytes.HasPrefix(p[:], []byte(marker)) {
		return "", false
	}
	index := binary.BigEndian.Uint64(p[len(marker):])
	return wire.Reference(window), index < size && p == program(index)
}

// Present returns the address as wallets show it.
func (m method) Present(reference wire.Reference, in wire.Instruction) []wire.Subject {
	return []wire.Subject{{
		Type:          "SIMPLE",
		CreditAccount: m.account.String(),
		CreditAmount:  in.CreditAmount,
		Subject:       strings.ToLower(string(reference)),
	}}
}
