//go:build oracles

package pow

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const advice = "run `make test-oracles`, which installs the solver's libsodium and runs this test"

// node runs the second solver: JavaScript with libsodium.
func node(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	if os.Getenv("SHORTWIRE_ORACLES") == "" {
		t.Fatal("SHORTWIRE_ORACLES does not name the folder with solver/node_modules: " + advice)
	}
	cmd := exec.Command("node", append([]string{filepath.Join("testdata", "solver", "solver.mjs")}, args...)...)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(stdin), &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, stderr.String())
	}
	return string(out), err
}

// TestNodeAgreesOnTheVectors: every step of every published proof, computed by
// another program with another library. A vector with a mistake is noticed.
func TestNodeAgreesOnTheVectors(t *testing.T) {
	t.Parallel()
	out, err := node(t, "", "--check", vectorsFile)
	if err != nil || !strings.HasSuffix(out, " values agree\n") {
		t.Fatalf("%v (%s)\n%s", err, advice, out)
	}
	t.Log(strings.TrimSpace(out))
	text, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(t.TempDir(), "wrong.json")
	if err := os.WriteFile(wrong, bytes.Replace(text, []byte(`"tag": "8f`), []byte(`"tag": "8e`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := node(t, "", "--check", wrong); err == nil || !strings.Contains(err.Error(), "tag: 8f") {
		t.Errorf("a wrong tag is not noticed: %v\n%s", err, out)
	}
}

// TestNodeSolves: proofs made there are good here.
func TestNodeSolves(t *testing.T) {
	t.Parallel()
	var questions strings.Builder
	challenges := nodeChallenges()
	for _, c := range challenges {
		questions.WriteString(question(t, c) + "\n")
	}
	out, err := node(t, questions.String())
	if err != nil {
		t.Fatalf("%v (%s)", err, advice)
	}
	answers := strings.Split(strings.TrimSpace(out), "\n")
	if len(answers) != len(challenges) {
		t.Fatalf("%d answers to %d questions", len(answers), len(challenges))
	}
	for i, c := range challenges {
		if err := verifyAnswer(c, answers[i]); err != nil {
			t.Errorf("%+v: %v\n%s", c, err, answers[i])
		}
	}
}

func nodeChallenges() (all []Challenge) {
	for _, params := range []Params{testParams(1), testParams(8), testParams(32), {MemoryKiB: 64, Time: 3, SubProofs: 5}, DefaultParams()} {
		for _, difficulty := range []uint64{1, 7, 64, 301} {
			c := designChallenge()
			c.Params, c.Difficulty, c.Epoch = params, difficulty, uint32(20_000+len(all))
			c.Realm[31], c.Salt[15], c.AuthorizationPub[0] = byte(len(all)), byte(255-len(all)), byte(7*len(all))
			all = append(all, c)
		}
	}
	return all
}

// question is what a wallet knows: the price as a gateway publishes it, with the
// epoch before, and its key.
func question(t *testing.T, c Challenge) string {
	t.Helper()
	v := describeChallenge(c)
	type epoch struct {
		Epoch uint32 `json:"epoch"`
		Salt  string `json:"salt"`
	}
	price := map[string]any{
		"algorithm": "argon2id", "memory_kib": v.MemoryKiB, "time": v.Time, "parallelism": 1, "sub_proofs": v.SubProofs,
		"seal_bits": testSealBits, "realm": v.RealmBase32, "difficulty": fmt.Sprint(v.Difficulty),
		"epochs": []epoch{{v.Epoch, v.SaltBase32}, {v.Epoch - 1, strings.Repeat("0", 26)}},
	}
	text, err := json.Marshal(map[string]any{"proof_of_work": price, "authorization_pub": base32Of(c.AuthorizationPub[:])})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// verifyAnswer judges the member proof of a registration.
func verifyAnswer(c Challenge, answer string) error {
	var proof struct {
		Epoch      uint32 `json:"epoch"`
		Difficulty uint64 `json:"difficulty,string"`
		Solution   string `json:"solution"`
	}
	if err := json.Unmarshal([]byte(answer), &proof); err != nil {
		return err
	}
	if proof.Epoch != c.Epoch || proof.Difficulty != c.Difficulty {
		return fmt.Errorf("for epoch %d and difficulty %d", proof.Epoch, proof.Difficulty)
	}
	p, err := ParseProof(proof.Solution, c.SubProofs)
	if err != nil {
		return err
	}
	return Verify(context.Background(), c, p, testSealBits)
}
