package bitcoin

import (
	"slices"

	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

// halfBytes is half a key.
const halfBytes = 16

// maxHalves bounds how many addresses of one text are compared with each other.
const maxHalves = 64

// half is half a key as an address holds it: the first four bytes of the key,
// the top bit of which tells the half instead, then the half.
type half struct {
	pair  [programBytes - halfBytes]byte // equal in both halves: the top bit cleared
	later bool                           // the second half
	bytes [halfBytes]byte
}

// ScanLegacy returns the reserve keys in two addresses, as Taler wallets write
// them for an exchange on Bitcoin. The order of the addresses does not matter.
// It gives nothing when more than MaxCandidates pairs of them may be keys.
func (m method) ScanLegacy(r wire.Remittance) (found []wire.Candidate) {
	if len(r.StructuredReferences()) > 0 {
		return nil
	}
	halves, pairs := m.halves(r.Unstructured), 0
	for _, first := range halves {
		for _, second := range halves {
			key, ok := join(first, second)
			if !ok {
				continue
			}
			if pairs++; pairs > wire.MaxCandidates {
				return nil
			}
			if key.Valid() {
				found = wire.AddCandidates(found, wire.Candidate{Kind: wire.KindReserve, Key: key})
			}
		}
	}
	return found
}

// halves reads every address as half a key, none when there are too many.
func (m method) halves(lines []string) (found []half) {
	read := 0
	m.addresses(func(window []byte) (wire.Reference, bool) {
		if read > maxHalves {
			return "", false
		}
		if p, ok := wire.ReadSegwit(m.hrp, window); ok {
			read++
			found = addHalf(found, p)
		}
		return "", false
	}, lines...)
	if read > maxHalves {
		return nil
	}
	return found
}

// addHalf appends the half key that a program holds, once.
func addHalf(found []half, p [programBytes]byte) []half {
	h := half{later: p[0]&0x80 != 0, bytes: [halfBytes]byte(p[programBytes-halfBytes:])}
	copy(h.pair[:], p[:])
	h.pair[0] &= 0x7F
	if slices.Contains(found, h) {
		return found
	}
	return append(found, h)
}

// join returns the key of two halves. It is false unless they belong together.
// The key may be one that nobody can hold.
func join(first, second half) (key taler.EddsaPublicKey, ok bool) {
	if first.later || !second.later || first.pair != second.pair {
		return key, false
	}
	copy(key[:], first.bytes[:])
	copy(key[halfBytes:], second.bytes[:])
	head := [programBytes - halfBytes]byte(key[:])
	head[0] &= 0x7F
	return key, head == first.pair
}
