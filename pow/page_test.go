package pow

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestPage holds docs/proof-of-work.md against the code: the vectors, the prices.
func TestPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/proof-of-work.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	say := func(what, value string) {
		if !strings.Contains(page, value) {
			t.Errorf("the page does not have %s: %s", what, value)
		}
	}
	v := readVectors(t)
	tag, small := v.Tags[0], v.Proofs[2]
	for what, value := range map[string]string{
		"C": tag.Digest, "the tag": tag.Tag, "the key": tag.AuthorizationPub, "the realm": tag.Realm, "its base32": tag.RealmBase32,
		"the salt": tag.Salt, "its base32 too": tag.SaltBase32, "the small key": small.AuthorizationPub, "the small C": small.Digest,
		"the small nonce": fmt.Sprint(small.Found[0].Nonce), "the small tag": small.Found[0].Tag, "the luck": small.Found[0].Luck,
		"inner": small.Inner, "s": fmt.Sprint(small.Seal), "the seal's hash": small.SealHash, "the solution": small.Solution,
	} {
		say(what, value)
	}
	c := designChallenge()
	whole := hex.EncodeToString(c.text())
	for len(whole) > 0 {
		line := whole[:min(64, len(whole))]
		say("the line of 120 bytes", line)
		whole = whole[len(line):]
	}
	for _, blocked := range []uint64{2500, 3125, 3750, 5000, 6250, 7500, 10_000} {
		d := DefaultLaw().Target(Load{Blocked: blocked, Size: 10_000})
		say("the price", fmt.Sprintf("%v %% | %s |", float64(blocked)/100, grouped(d)))
	}
	for _, err := range []error{ErrEncoding, ErrOrder, ErrTarget, ErrSeal, ErrEvaluate} {
		say("what a check says", "| "+err.Error()+" |")
	}
}

// grouped writes a number in groups of three digits.
func grouped(n uint64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
