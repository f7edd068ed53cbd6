//go:build oracles

package oracle

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/chqrr"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/subjects/taler"
)

const advice = "run `make test-oracles`, which installs the oracles and runs this test"

// versions of the Node oracles, as pinned in testdata/package.json.
const nodeVersions = "swissqrbill 4.4.1 ibantools 4.5.4"

// question is a text of a kind and what our code says about it.
type question struct {
	kind, text string
	valid      bool
}

// questions returns subjects and accounts made by our code, and for each some
// damaged forms.
func questions(t *testing.T) (all []question) {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 8))
	for _, prefix := range []string{"", "21", "210000", "12345678901"} {
		m, err := chqrr.Factory().New(settings(t, prefix))
		if err != nil {
			t.Fatal(err)
		}
		for range 1500 {
			index := random.Uint64N(m.Spec().Size) >> random.UintN(60)
			reference, err := m.Encode(wire.Slot{Index: index})
			if err != nil {
				t.Fatal(err)
			}
			subjects := m.(wire.Presenter).Present(reference, wire.Instruction{})
			all = append(all, variants(random, "QRR", subjects[0].QRReference)...)
			all = append(all, variants(random, "RF", subjects[1].Reference)...)
		}
	}
	for range 3000 {
		all = append(all, variants(random, "IBAN", swissIBAN(random))...)
	}
	return all
}

func settings(t *testing.T, prefix string) wire.Settings {
	t.Helper()
	payto, err := taler.ParsePayto("payto://iban/CH5204835012345671000?receiver-name=X")
	if err != nil {
		t.Fatal(err)
	}
	parameters := map[string]string{"qr_iban": "CH4431999123000889012", "prefix": prefix}
	return wire.Settings{Account: "ch", Payto: payto, Currency: "CHF", Parameters: parameters}
}

// swissIBAN returns an IBAN of 21 characters, every second one a QR-IBAN.
func swissIBAN(random *rand.Rand) string {
	country := []string{"CH", "LI"}[random.IntN(2)]
	institution := []int{30000 + random.IntN(2000), random.IntN(100000)}[random.IntN(2)]
	body := fmt.Sprintf("%05d%012d", institution, random.IntN(1e12))
	for check := 2; check <= 98; check++ {
		if iban := fmt.Sprintf("%s%02d%s", country, check, body); taler.ValidIBAN(iban) {
			return iban
		}
	}
	return ""
}

// variants returns a valid text, with one symbol exchanged, with two neighbours
// swapped, and with one lost.
func variants(random *rand.Rand, kind, text string) []question {
	at := 1 + random.IntN(len(text)-1)
	digit := string('0' + byte(random.IntN(10)))
	all := []question{
		ask(kind, text),
		ask(kind, text[:at]+digit+text[at+1:]),
		ask(kind, text[:at-1]+text[at:at+1]+text[at-1:at]+text[at+1:]),
		ask(kind, text[:at]+text[at+1:]),
	}
	if kind == "IBAN" {
		for _, q := range all {
			valid := q.valid && wire.IsQRIBAN(q.text)
			all = append(all, question{"QRIBAN", q.text, valid})
		}
	}
	return all
}

// ask fills in what our code says.
func ask(kind, text string) question {
	q := question{kind: kind, text: text}
	switch kind {
	case "QRR":
		q.valid = len(text) == 27 && strings.Trim(text, "0123456789") == "" && wire.Mod10Recursive(text[:26]) == text[26]
	case "RF":
		q.valid = wire.ISO11649(text)
	case "IBAN":
		// All Swiss IBANs have one length, which ours leaves to IsSwissIBAN.
		q.valid = taler.ValidIBAN(text) && (wire.IsSwissIBAN(text) || text[:2] != "CH" && text[:2] != "LI")
	}
	return q
}

func TestPythonStdnum(t *testing.T) {
	t.Parallel()
	var known []question
	for _, q := range questions(t) {
		if q.kind != "QRIBAN" { // stdnum knows no QR-IBANs
			known = append(known, q)
		}
	}
	compare(t, known, exec.Command("/usr/bin/python3", script(t, "oracle.py")), "")
}

func TestNode(t *testing.T) {
	t.Parallel()
	if os.Getenv("SHORTWIRE_ORACLES") == "" {
		t.Fatal("SHORTWIRE_ORACLES does not name the folder with node_modules: " + advice)
	}
	compare(t, questions(t), exec.Command("node", script(t, "oracle.cjs")), nodeVersions)
}

func script(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// compare asks an oracle everything at once and reports each disagreement.
func compare(t *testing.T, all []question, oracle *exec.Cmd, version string) {
	t.Helper()
	var in, stderr bytes.Buffer
	for _, q := range all {
		fmt.Fprintf(&in, "%s %s\n", q.kind, q.text)
	}
	oracle.Stdin, oracle.Stderr = &in, &stderr
	out, err := oracle.Output()
	if err != nil {
		t.Fatalf("%s does not answer (%v): %s\n%s", oracle.Args[0], err, advice, stderr.String())
	}
	answers := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	if len(answers) != len(all)+1 || version != "" && answers[len(all)] != version {
		t.Fatalf("%s gave %d answers to %d questions, and the version %q: %s", oracle.Args[0], len(answers)-1, len(all), answers[len(answers)-1], advice)
	}
	counts := map[string]int{}
	for i, q := range all {
		counts[fmt.Sprintf("%s valid:%t", q.kind, q.valid)]++
		if want := map[bool]string{true: "1", false: "0"}[q.valid]; answers[i] != want {
			t.Errorf("%s %s: the oracle says %s, we say %s", q.kind, q.text, answers[i], want)
		}
	}
	t.Logf("%s agrees on %v", answers[len(all)], counts)
}
