//go:build oracles

package oracle

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins/bitcoin"
	"github.com/shortwire/shortwire/plugins/iso11649"
	"github.com/shortwire/shortwire/plugins/numeric"
	"github.com/shortwire/shortwire/plugins/nzpcr"
	"github.com/shortwire/shortwire/plugins/pix"
	"github.com/shortwire/shortwire/plugins/token"
	"github.com/shortwire/shortwire/plugins/wire"
	"github.com/shortwire/shortwire/plugins/wiretest"
	"github.com/shortwire/shortwire/subjects/taler"
)

// subjectsPerMethod is how many subjects each oracle judges, each of them right
// and once more damaged.
const subjectsPerMethod = 10_000

// subject is a method and the kind under which an oracle knows its references.
type subject struct {
	kind   string
	method wire.Method
}

// methods returns the methods with short references other than ch-qrr: those of
// the vector files, and nz-pcr.
func methods(t *testing.T) (all []subject) {
	t.Helper()
	open := func(kind string, factory wire.Factory, path string) {
		_, m := wiretest.Open(t, factory, filepath.Join("..", path))
		all = append(all, subject{kind, m})
	}
	open("ISO", iso11649.Factory(), "iso11649/testdata/vectors.json")
	files, err := filepath.Glob("../numeric/testdata/*.json")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d files of numeric, %v", len(files), err)
	}
	for _, file := range files {
		open(strings.TrimSuffix(filepath.Base(file), ".json"), numeric.Factory(), file[len("../"):])
	}
	open("T-8-3", token.SEPA(), "token/testdata/sepa-text.json")
	open("T-10-3", token.UK(), "token/testdata/uk-18.json")
	open("T-10-3", token.AU(), "token/testdata/au-18.json")
	open("T-12-3", pix.Factory(), "pix/testdata/vectors.json")
	open("bc", bitcoin.Factory(), "bitcoin/testdata/bc.json")
	open("bcrt", bitcoin.Factory(), "bitcoin/testdata/bcrt.json")
	payto, err := taler.ParsePayto("payto://x-nz-account/01-0902-0068389-00")
	if err != nil {
		t.Fatal(err)
	}
	nz, err := nzpcr.Factory().New(wire.Settings{Account: "nz", Payto: payto, Currency: "NZD"})
	if err != nil {
		t.Fatal(err)
	}
	return append(all, subject{"T-9-2", nz})
}

// ask returns subjects of a method and damaged forms, with what it says itself.
func (s subject) ask(t *testing.T, random *rand.Rand) (all []question) {
	t.Helper()
	size := s.method.Spec().Size
	for range subjectsPerMethod {
		reference, err := s.method.Encode(wire.Slot{Index: random.Uint64N(size) >> random.UintN(20)})
		if err != nil {
			t.Fatal(err)
		}
		text := string(reference)
		for _, text := range []string{text, damage(random, text)} {
			found := s.method.Scan(wire.Remittance{Unstructured: []string{text}})
			valid := len(found) == 1 && string(found[0].Reference) == text
			all = append(all, question{s.kind, text, valid})
		}
	}
	return all
}

// damage exchanges a symbol, swaps two neighbours or loses a symbol.
func damage(random *rand.Rand, text string) string {
	at := 1 + random.IntN(len(text)-1)
	switch random.IntN(3) {
	case 0:
		return text[:at] + text[random.IntN(len(text)):][:1] + text[at+1:]
	case 1:
		return text[:at-1] + text[at:at+1] + text[at-1:at] + text[at+1:]
	}
	return text[:at] + text[at+1:]
}

// Python judges every method but bitcoin: check digits by python-stdnum where it
// knows them, else by whole-number arithmetic and, for Reed-Solomon, by the roots
// of the polynomial.
func TestPythonMethods(t *testing.T) {
	t.Parallel()
	random, all := rand.New(rand.NewPCG(9, 10)), []question(nil)
	for _, s := range methods(t) {
		if s.kind != "bc" && s.kind != "bcrt" {
			all = append(all, s.ask(t, random)...)
		}
	}
	compare(t, all, exec.Command("/usr/bin/python3", script(t, "methods.py")), "")
}

// Node judges what packages there know: creditor references, the national check
// of six schemes, and segwit addresses. National checks are asked about subjects
// and about single wrong digits only, all of which they reveal.
func TestNodeMethods(t *testing.T) {
	t.Parallel()
	if os.Getenv("SHORTWIRE_ORACLES") == "" {
		t.Fatal("SHORTWIRE_ORACLES does not name the folder with node_modules: " + advice)
	}
	random, all := rand.New(rand.NewPCG(11, 12)), []question(nil)
	for _, s := range methods(t) {
		switch s.kind {
		case "bc", "bcrt":
			all = append(all, s.ask(t, random)...)
		case "ISO", "fi-viite", "ee-viite", "no-kid10", "no-kid11", "se-ocr", "au-bpay":
			all = append(all, s.askNational(t, random)...)
		}
	}
	compare(t, append(all, codes(t, random)...), exec.Command("node", script(t, "methods.cjs")), methodVersions)
}

func (s subject) askNational(t *testing.T, random *rand.Rand) (all []question) {
	t.Helper()
	for range subjectsPerMethod {
		reference, err := s.method.Encode(wire.Slot{Index: random.Uint64N(s.method.Spec().Size)})
		if err != nil {
			t.Fatal(err)
		}
		text := string(reference)
		at := len(text) - 1 - random.IntN(len(text)-4)
		wrong := text[:at] + string('0'+(text[at]-'0'+1+byte(random.IntN(9)))%10) + text[at+1:]
		all = append(all, question{s.kind, text, true}, question{s.kind, wrong, false})
	}
	return all
}

// codes are BR Codes with and without an amount, right and with a wrong CRC.
// pix-utils looks for the first 6304 in a code, so none may be in the txid.
func codes(t *testing.T, random *rand.Rand) (all []question) {
	t.Helper()
	_, m := wiretest.Open(t, pix.Factory(), "../pix/testdata/vectors.json")
	for i := range subjectsPerMethod {
		reference, err := m.Encode(wire.Slot{Index: random.Uint64N(m.Spec().Size)})
		if err != nil {
			t.Fatal(err)
		}
		var in wire.Instruction
		if i%2 == 0 {
			amount, err := taler.ParseAmount(fmt.Sprintf("BRL:%d.%02d", random.IntN(10_000), 1+random.IntN(99)))
			if err != nil {
				t.Fatal(err)
			}
			in.CreditAmount = &amount
		}
		code := m.(wire.Presenter).Present(reference, in)[0].Subject
		if strings.Contains(string(reference), "6304") {
			continue
		}
		last := string("0123456789ABCDEF"[(strings.IndexByte("0123456789ABCDEF", code[len(code)-1])+1+random.IntN(15))%16])
		all = append(all, question{"BRCODE", code + "\t" + string(reference), true},
			question{"BRCODE", code[:len(code)-1] + last + "\t" + string(reference), false})
	}
	return all
}

// methodVersions are those pinned in testdata/package.json.
const methodVersions = "node-iso11649 2.1.2 finnish-bank-utils 1.3.3 checkdigit 1.1.1 bech32 2.0.0 pix-utils 2.8.2"
