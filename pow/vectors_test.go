package pow

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"math/bits"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/blake2b"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

// embedded lets cmp look into the challenge that a vector is about.
var embedded = cmp.AllowUnexported(tagVector{}, proofVector{})

const vectorsFile = "testdata/vectors.json"

// vectors is what testdata/vectors.json holds: complete proofs with everything
// that lies between the challenge and the solution. Bytes are hexadecimal,
// 64-bit numbers decimal texts, since a number of JavaScript loses bits.
type vectors struct {
	About  string         `json:"about"`
	Realms []realmVector  `json:"realms"`
	Tags   []tagVector    `json:"tags"`
	Proofs []*proofVector `json:"proofs"`
}

type realmVector struct {
	Service  string `json:"service"`
	Account  string `json:"account"`
	Method   string `json:"method"`
	Currency string `json:"currency"`
	Realm    string `json:"realm"`
}

type challengeVector struct {
	MemoryKiB        uint32 `json:"memory_kib"`
	Time             uint32 `json:"time"`
	SubProofs        uint8  `json:"sub_proofs"`
	Realm            string `json:"realm"`
	RealmBase32      string `json:"realm_base32"`
	Epoch            uint32 `json:"epoch"`
	Salt             string `json:"salt"`
	SaltBase32       string `json:"salt_base32"`
	AuthorizationPub string `json:"authorization_pub"`
	Difficulty       uint64 `json:"difficulty,string"`
	Digest           string `json:"digest"` // C
}

type tagVector struct {
	challengeVector
	Nonce uint64 `json:"nonce,string"`
	Tag   string `json:"tag"`
}

type proofVector struct {
	challengeVector
	SealBits int          `json:"seal_bits"`
	Share    uint64       `json:"share,string"` // ceil(D/k)
	Found    []*subVector `json:"found"`
	Inner    string       `json:"inner"` // BLAKE2b-256("seal" || C || nonces and tags)
	Seal     uint64       `json:"seal,string"`
	SealHash string       `json:"seal_hash"`
	Solution string       `json:"solution"`
}

type subVector struct {
	Nonce uint64 `json:"nonce,string"`
	Tag   string `json:"tag"`
	Luck  string `json:"luck"` // BLAKE2b-256(C || nonce || tag)
}

func readVectors(t testing.TB) (v vectors) {
	t.Helper()
	text, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v challengeVector) challenge(t testing.TB) Challenge {
	t.Helper()
	return Challenge{
		Params: Params{MemoryKiB: v.MemoryKiB, Time: v.Time, SubProofs: v.SubProofs},
		Realm:  Realm(unhex(t, v.Realm)), Epoch: v.Epoch, Salt: Salt(unhex(t, v.Salt)),
		AuthorizationPub: [32]byte(unhex(t, v.AuthorizationPub)), Difficulty: v.Difficulty,
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestVectorOfTheDesign is the one vector that was there before the code: Go and
// libsodium had agreed on it.
func TestVectorOfTheDesign(t *testing.T) {
	t.Parallel()
	c := designChallenge()
	digest := c.Digest()
	tag := c.tag(&digest, 7)
	if got := hex.EncodeToString(digest[:]); got != "f3e6279351be69f6e601e037e9f4991825f4c6c1f691916ead1b5c5c1ce0f3ce" {
		t.Error("C is", got)
	}
	if got := hex.EncodeToString(tag[:]); got != "8f39359c7ea690b9d4c91d0507a6d350" {
		t.Error("the tag of nonce 7 is", got)
	}
}

func designChallenge() Challenge {
	c := Challenge{Params: DefaultParams(), Epoch: 20600, Salt: Salt([]byte("0123456789abcdef")), Difficulty: 4096}
	for i := range c.Realm {
		c.Realm[i], c.AuthorizationPub[i] = byte(i), byte(255-i)
	}
	return c
}

// TestVectors holds the published file against this code, and its intermediate
// values against a second reading of the layout.
func TestVectors(t *testing.T) {
	t.Parallel()
	if *update {
		writeVectors(t)
	}
	v := readVectors(t)
	for _, r := range v.Realms {
		realm := RealmOf(r.Service, r.Account, r.Method, r.Currency)
		if got := hex.EncodeToString(realm[:]); got != r.Realm {
			t.Errorf("realm of %v is %s", r, got)
		}
	}
	for _, tag := range v.Tags {
		if diff := cmp.Diff(describeTag(tag.challenge(t), tag.Nonce), tag, embedded); diff != "" {
			t.Error(diff)
		}
	}
	for i, want := range v.Proofs {
		c := want.challenge(t)
		proof, err := ParseProof(want.Solution, want.SubProofs)
		if err != nil {
			t.Fatal(i, err)
		}
		if err := Verify(context.Background(), c, proof, want.SealBits); err != nil {
			t.Error(i, err)
		}
		if diff := cmp.Diff(describeProof(c, proof, want.SealBits), want, embedded); diff != "" {
			t.Error(i, diff)
		}
	}
}

// TestVectorsSayWhatTheyMean recomputes what can be read off a vector without
// the code under test.
func TestVectorsSayWhatTheyMean(t *testing.T) {
	t.Parallel()
	for i, v := range readVectors(t).Proofs {
		solution, text := []byte{}, append([]byte("seal"), unhex(t, v.Digest)...)
		for _, sub := range v.Found {
			pair := append(binary.BigEndian.AppendUint64(nil, sub.Nonce), unhex(t, sub.Tag)...)
			solution = append(solution, pair...)
			luck := blake2b.Sum256(append(unhex(t, v.Digest), pair...))
			high, _ := bits.Mul64(binary.BigEndian.Uint64(luck[:]), v.Share)
			if !bytes.Equal(luck[:], unhex(t, sub.Luck)) || high != 0 {
				t.Error(i, "luck of nonce", sub.Nonce)
			}
		}
		inner := blake2b.Sum256(append(text, solution...))
		solution = binary.BigEndian.AppendUint64(solution, v.Seal)
		sealed := blake2b.Sum256(binary.BigEndian.AppendUint64(inner[:], v.Seal))
		if !bytes.Equal(inner[:], unhex(t, v.Inner)) || !bytes.Equal(sealed[:], unhex(t, v.SealHash)) {
			t.Error(i, "seal")
		}
		if proof, err := ParseProof(v.Solution, v.SubProofs); err != nil || proof.String() != encoding.EncodeToString(solution) {
			t.Error(i, "solution")
		}
		if v.Share != (v.Difficulty+uint64(v.SubProofs)-1)/uint64(v.SubProofs) {
			t.Error(i, "share")
		}
	}
}

// writeVectors makes the file: always the same one.
func writeVectors(t *testing.T) {
	t.Helper()
	v := vectors{
		About:  "Proofs of work of docs/proof-of-work.md. Bytes in hexadecimal, 64-bit numbers as decimal texts.",
		Realms: []realmVector{{"https://wire.example", "ch", "ch-qrr", "CHF", ""}, {"", "", "", "", ""}, {"https://überweisung.example/", "x", "nz-pcr", "NZD", ""}},
		Tags:   []tagVector{describeTag(designChallenge(), 7)},
	}
	for i, r := range v.Realms {
		realm := RealmOf(r.Service, r.Account, r.Method, r.Currency)
		v.Realms[i].Realm = hex.EncodeToString(realm[:])
	}
	random := rand.NewChaCha8([32]byte{1})
	for _, p := range []struct {
		Params
		difficulty uint64
		sealBits   int
	}{
		{DefaultParams(), 64, 8}, {testParams(1), 1, 0}, {testParams(1), 100, 12}, {testParams(8), 3, 4},
		{Params{64, 2, 8}, 1000, 10}, {testParams(32), 3001, 12}, {Params{16, 3, 5}, 777, 18},
	} {
		c := designChallenge()
		c.Params, c.Difficulty = p.Params, p.difficulty
		_, _ = random.Read(c.AuthorizationPub[:])
		v.Proofs = append(v.Proofs, solvedVector(t, c, p.sealBits, random))
	}
	// Nonces on both sides of 2^64, where signed numbers fail.
	wrap := bytes.NewReader(append(bytes.Repeat([]byte{255}, 7), 0xF0, 0, 0, 0, 0, 0, 0, 0, 0))
	c := designChallenge()
	c.Params, c.Difficulty = testParams(8), 30
	v.Proofs = append(v.Proofs, solvedVector(t, c, 6, wrap))
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectorsFile, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func solvedVector(t *testing.T, c Challenge, sealBits int, random interface{ Read([]byte) (int, error) }) *proofVector {
	t.Helper()
	proof, err := Solve(context.Background(), c, SolveOptions{SealBits: sealBits, Random: random})
	if err != nil {
		t.Fatal(err)
	}
	return describeProof(c, proof, sealBits)
}

func describeChallenge(c Challenge) challengeVector {
	digest := c.Digest()
	return challengeVector{
		MemoryKiB: c.MemoryKiB, Time: c.Time, SubProofs: c.SubProofs,
		Realm: hex.EncodeToString(c.Realm[:]), RealmBase32: base32Of(c.Realm[:]), Epoch: c.Epoch,
		Salt: hex.EncodeToString(c.Salt[:]), SaltBase32: base32Of(c.Salt[:]),
		AuthorizationPub: hex.EncodeToString(c.AuthorizationPub[:]), Difficulty: c.Difficulty,
		Digest: hex.EncodeToString(digest[:]),
	}
}

// base32Of is how JSON carries bytes: Crockford's alphabet, no padding.
func base32Of(b []byte) string {
	return base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding).EncodeToString(b)
}

func describeTag(c Challenge, nonce uint64) tagVector {
	digest := c.Digest()
	tag := c.tag(&digest, nonce)
	return tagVector{challengeVector: describeChallenge(c), Nonce: nonce, Tag: hex.EncodeToString(tag[:])}
}

// describeProof writes down every step of a proof.
func describeProof(c Challenge, p Proof, sealBits int) *proofVector {
	v := &proofVector{challengeVector: describeChallenge(c), SealBits: sealBits, Share: c.share(), Seal: p.Seal, Solution: p.String()}
	digest := c.Digest()
	for _, sub := range p.SubProofs {
		tag := c.tag(&digest, sub.Nonce)
		luck := blake2b.Sum256(appendSubProofs(digest[:len(digest):len(digest)], []SubProof{sub}))
		v.Found = append(v.Found, &subVector{Nonce: sub.Nonce, Tag: hex.EncodeToString(tag[:]), Luck: hex.EncodeToString(luck[:])})
	}
	s := newSealer(&digest, p.SubProofs)
	v.Inner = hex.EncodeToString(s.text[:32])
	sealed := blake2b.Sum256(binary.BigEndian.AppendUint64(s.text[:32:32], p.Seal))
	v.SealHash = hex.EncodeToString(sealed[:])
	return v
}
