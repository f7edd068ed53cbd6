package pow

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
)

// testParams make one evaluation cost some microseconds.
func testParams(k uint8) Params { return Params{MemoryKiB: minMemoryKiB, Time: 1, SubProofs: k} }

// noise is a proof of random bytes whose nonces are in order.
func noise(random *rand.Rand, k uint8) Proof {
	p := Proof{SubProofs: make([]SubProof, k), Seal: random.Uint64()}
	for i := range p.SubProofs {
		p.SubProofs[i].Nonce = random.Uint64()
		for j := range p.SubProofs[i].Tag {
			p.SubProofs[i].Tag[j] = byte(random.Uint32())
		}
	}
	slices.SortFunc(p.SubProofs, byNonce)
	return p
}

func byNonce(a, b SubProof) int { return cmp.Compare(a.Nonce, b.Nonce) }

// forged is a proof with invented tags that passes every cheap check.
func forged(random *rand.Rand, c Challenge, sealBits int) Proof {
	p := noise(random, c.SubProofs)
	digest := c.Digest()
	for i := range p.SubProofs {
		for sub := &p.SubProofs[i]; !meets(&digest, sub, c.share()); {
			sub.Tag[random.IntN(len(sub.Tag))]++
		}
	}
	p, err := Seal(context.Background(), c, p.SubProofs, sealBits, nil)
	if err != nil {
		panic(err)
	}
	return p
}
