package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/shortwire/shortwire/"

// What the rules speak of. A name that ends in /... stands for all below it.
const (
	anyPGX   = "github.com/jackc/pgx/..."
	anyFiber = "github.com/gofiber/..."
	anyFast  = "github.com/valyala/fasthttp/..."
	anyCron  = "github.com/robfig/cron/..."
)

// importRule is one wall.
type importRule struct {
	room   string
	whole  bool // the dependencies of its dependencies count too
	never  []string
	reason string
}

// importRules are the walls of the house. Packages of this module are named
// from its root; path.Match patterns are allowed for rooms.
var importRules = []importRule{
	{"subjects/taler", true, []string{"outside std"}, "value types must be usable by clients and wire methods without taking anything along"},
	{"subjects/taler", true, []string{"net/http"}, "reading a value must not open a door"},
	{"plugins/wire", true, []string{anyPGX, anyFiber, anyFast, anyCron, "net/http"}, "a wire method is arithmetic, not I/O"},
	{"plugins/chqrr", false, []string{"plugins/...", "os", "time"}, "methods stay interchangeable and deterministic: of ours they know the contract only"},
	{"plugins/nzpcr", false, []string{"plugins/...", "os", "time"}, "methods stay interchangeable and deterministic: of ours they know the contract only"},
	{"plugins/iso11649", false, []string{"plugins/...", "os", "time"}, "methods stay interchangeable and deterministic: of ours they know the contract only"},
	{"plugins/numeric", false, []string{"plugins/...", "os", "time"}, "methods stay interchangeable and deterministic: of ours they know the contract only"},
	{"plugins/token", false, []string{"plugins/...", "os", "time"}, "methods stay interchangeable and deterministic: of ours they know the contract only"},
	{"plugins/pix", false, []string{"plugins/...", "os", "time"}, "methods stay interchangeable and deterministic: of ours they know the contract only"},
	{"plugins/bitcoin", false, []string{"plugins/...", "os", "time"}, "methods stay interchangeable and deterministic: of ours they know the contract only"},
	{"plugins/plainkey", false, []string{"plugins/...", "os", "time"}, "methods stay interchangeable and deterministic: of ours they know the contract only"},
	{"plugins", true, []string{anyPGX, anyFiber, anyFast, anyCron, "net/http", "subjects", "bounce", "gateway"}, "the list of methods brings in nothing but methods"},
	{"pow", true, []string{anyPGX, anyFiber, anyFast, anyCron, "net/http", "subjects/...", "plugins/...", "bounce", "gateway", "config"}, "proofs and prices are arithmetic, the same for servers and clients"},
	{"subjects", true, []string{anyFiber, anyFast, anyCron, "bounce", "gateway", "plugins"}, "the registry knows the contract of a wire method, not the list, and nobody upstairs"},
	{"subjects/postgres", true, []string{"subjects", "bounce", "gateway", "plugins/...", "migrations", anyFiber, anyCron}, "the way to the database knows no table"},
	{"bounce", true, []string{anyFiber, anyFast, "gateway", "plugins"}, "decisions about money know no HTTP"},
	{"gateway", false, []string{anyPGX, anyCron, "plugins", "migrations/...", "subjects/postgres"}, "no SQL in a handler, ever"},
	{"gateway/*", false, []string{anyFiber, anyFast, "gateway"}, "what stands behind the door knows no routes"},
	{"gateway/picture", true, []string{anyPGX, anyFiber, anyFast, anyCron, "net/http", "bounce", "subjects", "plugins"}, "a picture is computed from what is in it, by the gateway as by a wallet"},
	{"gateway/camt", true, []string{anyPGX, "bounce", "subjects"}, "reading a bank file changes nothing"},
	{"gateway/bankfile", true, []string{anyPGX, "bounce", "subjects"}, "reading a bank file changes nothing"},
	{"gateway/nzcsv", true, []string{anyPGX, "bounce", "subjects"}, "reading a bank file changes nothing"},
	{"gateway/mt940", true, []string{anyPGX, "bounce", "subjects"}, "reading a bank file changes nothing"},
	{"gateway/bgmax", true, []string{anyPGX, "bounce", "subjects"}, "reading a bank file changes nothing"},
	{"gateway/pain", true, []string{anyPGX, "bounce", "subjects"}, "writing and reading payment messages changes nothing"},
	{"config", true, []string{anyPGX, "net/http", "gateway", "bounce", "plugins", "migrations/..."}, "reading a file has no side effect"},
	{"migrations", true, []string{"subjects/...", "bounce/...", "gateway/...", "plugins/...", "config"}, "the schema outlives the code"},
	{"migrations/cluster", true, []string{"subjects/...", "bounce/...", "gateway/...", "plugins/...", "config"}, "a database server does not know what is in it"},
	{"cmd/shortwire/client", true, []string{anyPGX, anyFiber, anyFast, "subjects", "bounce", "gateway", "plugins"}, "the client verbs know the HTTP contract and nothing behind it"},
}

// testPackages serve tests; a binary that holds one holds a test's shortcuts.
var testPackages = []string{"migrations/testdb", "plugins/wiretest", "plugins/oracle", "bounce/bouncetest", "bounce/model", "gateway/bankfile/bankfiletest", "cmd/shortwire/talertest"}

// topLevel is the closed list of folders with Go in them.
var topLevel = []string{"cmd", "gateway", "subjects", "pow", "plugins", "bounce", "migrations", "config"}

// listed is one package as `go list` tells it.
type listed struct {
	ImportPath string
	Dir        string
	Standard   bool
	Imports    []string
	GoFiles    []string
}

// tree is every package of the module with all that they need, tests left out.
type tree map[string]listed

func readTree(t *testing.T) tree {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,Imports,GoFiles", "./...")
	cmd.Dir = filepath.Join("..", "..")
	var failure bytes.Buffer
	cmd.Stderr = &failure
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, failure.String())
	}
	packages := tree{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// ours returns the module's own packages that fit a pattern.
func (packages tree) ours(pattern string) (found []listed) {
	for name, p := range packages {
		short, own := strings.CutPrefix(name, module)
		if match, _ := path.Match(pattern, short); own && match {
			found = append(found, p)
		}
	}
	return found
}

// imports returns what a package imports, or all that it needs.
func (packages tree) imports(p listed, whole bool) []string {
	if !whole {
		return p.Imports
	}
	seen := map[string]bool{}
	var walk func(listed)
	walk = func(p listed) {
		for _, name := range p.Imports {
			if !seen[name] {
				seen[name] = true
				walk(packages[name])
			}
		}
	}
	walk(p)
	var names []string
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// forbidden tells whether a rule's name covers a package.
func (packages tree) forbidden(rule, name string) bool {
	if rule == "outside std" {
		return !packages[name].Standard
	}
	if base, below := strings.CutSuffix(rule, "/..."); below {
		return name == base || name == module+base || strings.HasPrefix(name, base+"/") || strings.HasPrefix(name, module+base+"/")
	}
	return name == rule || name == module+rule
}

// allowed is the exception that the design makes itself: methods know the contract.
func allowed(room, name string) bool {
	return strings.HasPrefix(room, module+"plugins/") && name == module+"plugins/wire"
}

func TestImports(t *testing.T) {
	t.Parallel()
	packages := readTree(t)
	for _, rule := range importRules {
		rooms := packages.ours(rule.room)
		if len(rooms) == 0 {
			t.Errorf("%s is gone: correct the table", rule.room)
		}
		for _, room := range rooms {
			for _, name := range packages.imports(room, rule.whole) {
				for _, never := range rule.never {
					if packages.forbidden(never, name) && !allowed(room.ImportPath, name) {
						t.Errorf("%s must not import %s: %s", strings.TrimPrefix(room.ImportPath, module), name, rule.reason)
					}
				}
			}
		}
	}
}

// TestEveryMethodHasItsRule keeps the table complete: a wire method added
// without a rule would be free to do anything.
func TestEveryMethodHasItsRule(t *testing.T) {
	t.Parallel()
	for _, p := range readTree(t).ours("plugins/*") {
		name := strings.TrimPrefix(p.ImportPath, module)
		isRoom := func(r importRule) bool { return r.room == name }
		if len(p.GoFiles) > 0 && !slices.Contains(testPackages, name) && !slices.ContainsFunc(importRules, isRoom) {
			t.Errorf("%s has no rule in the table of imports", name)
		}
	}
}

// TestProductionHoldsNoTestCode looks at what the binary is made of.
func TestProductionHoldsNoTestCode(t *testing.T) {
	t.Parallel()
	packages := readTree(t)
	for _, name := range testPackages {
		if len(packages.ours(name)) == 0 {
			t.Errorf("%s is gone: correct the list", name)
		}
	}
	never := append([]string{"testing", "github.com/stretchr/testify/...", "github.com/makiuchi-d/gozxing/...", "pgregory.net/rapid", "github.com/rogpeppe/go-internal/...", "go.uber.org/goleak"}, testPackages...)
	for name, p := range packages {
		short, own := strings.CutPrefix(name, module)
		if !own || slices.Contains(testPackages, short) {
			continue
		}
		for _, imported := range p.Imports {
			for _, rule := range never {
				if packages.forbidden(rule, imported) {
					t.Errorf("%s imports %s, which is for tests", short, imported)
				}
			}
		}
	}
}

func TestFolders(t *testing.T) {
	t.Parallel()
	for name := range readTree(t) {
		short, own := strings.CutPrefix(name, module)
		folder, _, _ := strings.Cut(short, "/")
		if own && !slices.Contains(topLevel, folder) {
			t.Errorf("%s: the list of top-level folders is closed (%s)", short, strings.Join(topLevel, ", "))
		}
	}
}

// TestForbiddenCalls looks for what an import alone does not tell.
func TestForbiddenCalls(t *testing.T) {
	t.Parallel()
	packages := readTree(t)
	for _, rule := range []struct {
		rooms  string
		calls  []string
		reason string
	}{
		{"plugins/*", []string{"time.Now", "os.Exit"}, "the same input gives the same answer, for ever"},
		{"subjects/taler", []string{"time.Now", "os.Exit"}, "time is a parameter"},
		{"config", []string{"os.Exit", "log.Fatal", "os.Getenv", "os.LookupEnv"}, "the caller decides what ends the process and what the environment is"},
		{"bounce", []string{"os.Exit", "log.Fatal"}, "only cmd ends the process"},
		{"gateway", []string{"os.Exit", "log.Fatal"}, "only cmd ends the process"},
		{"subjects", []string{"os.Exit", "log.Fatal"}, "only cmd ends the process"},
	} {
		for _, room := range packages.ours(rule.rooms) {
			for _, call := range selectors(t, room) {
				if slices.Contains(rule.calls, call) {
					t.Errorf("%s must not use %s: %s", room.ImportPath, call, rule.reason)
				}
			}
		}
	}
}

// selectors returns every a.B in the production files of a package.
func selectors(t *testing.T, p listed) (found []string) {
	t.Helper()
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := selector.X.(*ast.Ident); ok {
					found = append(found, x.Name+"."+selector.Sel.Name)
				}
			}
			return true
		})
	}
	return found
}
