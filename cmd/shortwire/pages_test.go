package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
	"github.com/shortwire/shortwire/subjects/taler"
)

// root is the top folder of the repository.
var root = filepath.Join("..", "..")

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	mermaidNode = regexp.MustCompile(`(?m)^  (\w+)\["([^"]+)"\]$`)
	mermaidEdge = regexp.MustCompile(`(?m)^  (\w+) --> (.+)$`)
)

// TestReadmePicture holds the picture of the rooms against the imports. Who
// does not import the value types is told in the sentence above it.
func TestReadmePicture(t *testing.T) {
	t.Parallel()
	const values = "subjects/taler"
	without := []string{values, "plugins", "pow", "subjects/postgres", "migrations", "migrations/cluster"}
	page := readPage(t, "README.md")
	drawn, nodes := map[string]bool{}, map[string]string{}
	for _, m := range mermaidNode.FindAllStringSubmatch(page, -1) {
		nodes[m[1]] = m[2]
		if !slices.Contains(without, m[2]) {
			drawn[m[2]+" -> "+values] = true
		}
	}
	for _, m := range mermaidEdge.FindAllStringSubmatch(page, -1) {
		for _, to := range strings.Split(m[2], " & ") {
			drawn[nodes[m[1]]+" -> "+nodes[to]] = true
		}
	}
	shown := slices.Collect(maps.Values(nodes))
	for name, p := range readTree(t) {
		from, own := strings.CutPrefix(name, module)
		if !own || slices.Contains(testPackages, from) {
			continue
		}
		if !slices.Contains(shown, from) {
			t.Errorf("README.md does not show %s", from)
		}
		for _, imported := range p.Imports {
			to, own := strings.CutPrefix(imported, module)
			if edge := from + " -> " + to; own && !drawn[edge] {
				t.Errorf("README.md does not show %s", edge)
			} else {
				delete(drawn, edge)
			}
		}
	}
	for edge := range drawn {
		t.Errorf("README.md shows %s, which is no import", edge)
	}
}

var (
	namedTest = regexp.MustCompile("`(Test\\w+)`")
	ruleTest  = regexp.MustCompile(`(?m)^func (Test[SMTC]\d+_\w+)\(`)
	anyTest   = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	codeCell  = regexp.MustCompile("`([^`]+)`")
)

// TestRulesPage holds docs/rules.md against the tree: the tests it names are
// there, every test that names a rule is on it, and the code it names exists.
func TestRulesPage(t *testing.T) {
	t.Parallel()
	page := readPage(t, filepath.Join("docs", "rules.md"))
	all, ofRules := testNames(t)
	for _, m := range namedTest.FindAllStringSubmatch(page, -1) {
		if !all[m[1]] {
			t.Errorf("docs/rules.md names %s, which is gone", m[1])
		}
	}
	for name := range ofRules {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/rules.md does not name %s", name)
		}
	}
	for line := range strings.Lines(page) {
		if cells := strings.Split(line, "|"); len(cells) == 6 {
			for place := range strings.SplitSeq(cells[3], ";") {
				checkPlace(t, "docs/rules.md", place)
			}
		}
	}
}

// TestTalerPageNamesPlaces: what Taler's texts do not confirm stands where the
// page says.
func TestTalerPageNamesPlaces(t *testing.T) {
	t.Parallel()
	_, table, found := strings.Cut(readPage(t, filepath.Join("docs", "taler.md")), "## Unconfirmed\n")
	if !found || !strings.Contains(table, "`PreparationText`") {
		t.Fatal("docs/taler.md has no table of what is unconfirmed")
	}
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) == 4 {
			for place := range strings.SplitSeq(cells[2], ";") {
				checkPlace(t, "docs/taler.md", place)
			}
		}
	}
}

// checkPlace looks for each identifier behind a file name in that file.
func checkPlace(t *testing.T, page, place string) {
	t.Helper()
	names := codeCell.FindAllStringSubmatch(place, -1)
	if len(names) == 0 || !strings.Contains(names[0][1], "/") {
		return
	}
	code := readPage(t, names[0][1])
	for _, name := range names[1:] {
		if !regexp.MustCompile(`\b` + name[1] + `\b`).MatchString(code) {
			t.Errorf("%s: there is no %s in %s", page, name[1], names[0][1])
		}
	}
}

// testNames returns the names of all tests and of those that name a rule.
func testNames(t *testing.T) (all, ofRules map[string]bool) {
	t.Helper()
	all, ofRules = map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range anyTest.FindAllSubmatch(text, -1) {
			all[string(m[1])] = true
		}
		for _, m := range ruleTest.FindAllSubmatch(text, -1) {
			ofRules[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, ofRules
}

// TestPagesLinkToWhatIsThere follows the links between the pages.
func TestPagesLinkToWhatIsThere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`)
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllSubmatch(text, -1) {
			target := page
			if len(m[1]) > 0 {
				target = filepath.Join(filepath.Dir(page), string(m[1]))
			}
			linked, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s: %v", page, err)
			} else if anchor := string(m[2]); anchor != "" && !slices.Contains(anchors(string(linked)), anchor) {
				t.Errorf("%s: %s has no heading for %s", page, target, anchor)
			}
		}
	}
}

// anchors are the names that headings get when the page is shown.
func anchors(text string) (found []string) {
	notInAnchor := regexp.MustCompile(`[^a-z0-9 _-]`)
	for line := range strings.Lines(text) {
		if heading := strings.TrimLeft(line, "#"); heading != line {
			plain := notInAnchor.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
			found = append(found, "#"+strings.ReplaceAll(plain, " ", "-"))
		}
	}
	return found
}

// TestWalletPageExample signs the example of docs/wallet.md anew. The keys are
// those of tests 1 and 2 of RFC 8032, section 7.1.
func TestWalletPageExample(t *testing.T) {
	t.Parallel()
	seed, err := hex.DecodeString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
	if err != nil {
		t.Fatal(err)
	}
	account, err := taler.ParsePayto("payto://iban/CH5204835012345671000?receiver-name=Example%20Exchange")
	if err != nil {
		t.Fatal(err)
	}
	reserve, err := taler.ParseEddsaPublicKey("7N01FGZ88E4NN4NQ1AKMT6VYQJE9GB6F5V29D360SNAZ2AQMCR60")
	if err != nil {
		t.Fatal(err)
	}
	mapping := client.Mapping{Type: "reserve", AccountPub: &reserve}
	mapping.Sign(ed25519.NewKeyFromSeed(seed), account, time.Unix(1767225600, 0))
	if page := readPage(t, filepath.Join("docs", "wallet.md")); strings.Count(page, mapping.AuthorizationSig.String()) != 2 {
		t.Errorf("docs/wallet.md does not show the signature %s, in the request and by itself", mapping.AuthorizationSig)
	}
	end := client.Unregistration{AuthorizationPub: taler.EddsaPublicKey(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))}
	end.Sign(ed25519.NewKeyFromSeed(seed), account, time.Unix(1767225600, 0))
	if page := readPage(t, filepath.Join("docs", "wallet.md")); strings.Count(page, end.AuthorizationSig.String()) != 1 {
		t.Errorf("docs/wallet.md does not show the signature %s", end.AuthorizationSig)
	}
}
