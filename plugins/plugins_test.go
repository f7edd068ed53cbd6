package plugins_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shortwire/shortwire/plugins"
	"github.com/shortwire/shortwire/plugins/wire"
)

// examples are settings that each method accepts.
var examples = map[string]struct {
	payto, currency string
	parameters      map[string]string
}{
	"ch-qrr":    {"payto://iban/CH5204835012345671000?receiver-name=X", "CHF", map[string]string{"qr_iban": "CH4431999123000889012"}},
	"nz-pcr":    {"payto://x-nz-account/01-0902-0068389-00", "NZD", nil},
	"plain-key": {"payto://iban/DE75512108001245126199", "EUR", nil},
	"iso11649":  {"payto://iban/DE75512108001245126199", "EUR", nil},
	"numeric":   {"payto://iban/BE72000000001616", "EUR", map[string]string{"scheme": "be-ogm"}},
	"bitcoin":   {"payto://bitcoin/bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "BTC", nil},
	"pix":       {"payto://iban/BR1800360305000010009795493C1?receiver-name=X", "BRL", map[string]string{"pix_key": "a@example.org", "city": "BRASILIA"}},
	"sepa-text": {"payto://iban/DE75512108001245126199", "EUR", nil},
	"uk-18":     {"payto://iban/GB29NWBK60161331926819", "GBP", nil},
	"au-18":     {"payto://x-au-account/062-000/12345678", "AUD", nil},
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, factory := range plugins.Standard() {
		m := example(t, factory)
		if name, _, _ := strings.Cut(m.Spec().Name, "/"); name != factory.Name {
			t.Errorf("%s calls itself %s", factory.Name, m.Spec().Name)
		}
	}
}

func TestNew_UnknownNameListsTheKnown(t *testing.T) {
	t.Parallel()
	_, err := plugins.New("ch-qr", wire.Settings{Account: "a"})
	if !errors.Is(err, plugins.ErrUnknownMethod) || !strings.Contains(err.Error(), "ch-qrr, nz-pcr, plain-key") {
		t.Errorf("error %v", err)
	}
}

// methodFolders returns the folders whose packages must be pure.
func methodFolders(t *testing.T) (folders []string) {
	t.Helper()
	all, err := filepath.Glob("*/*.go")
	if err != nil || len(all) == 0 {
		t.Fatalf("no packages: %v", err)
	}
	for _, file := range all {
		folder := filepath.Dir(file)
		if folder != "wiretest" && folder != "oracle" && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	return folders
}

// A wire method is arithmetic: no clock, no I/O, no randomness, no other method.
func TestMethodsArePure(t *testing.T) {
	t.Parallel()
	for _, folder := range methodFolders(t) {
		files, err := filepath.Glob(folder + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				checkPure(t, file)
			}
		}
	}
}

func checkPure(t *testing.T, file string) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range tree.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		switch {
		case slices.Contains([]string{"os", "time", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "testing"}, path),
			strings.HasPrefix(path, "github.com/") && path != "github.com/shortwire/shortwire/plugins/wire" &&
				path != "github.com/shortwire/shortwire/subjects/taler":
			t.Errorf("%s imports %s", file, path)
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if spawned, ok := n.(*ast.GoStmt); ok {
			t.Errorf("%s starts a goroutine at byte %d", file, spawned.Pos())
		}
		return true
	})
}

// Nothing that a wire method reaches may be a database or a server.
func TestMethodsReachNoService(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".", "./wire").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		for _, banned := range []string{"github.com/jackc/pgx", "github.com/gofiber", "github.com/valyala", "net/http", "database/sql", "os/exec"} {
			if strings.HasPrefix(path, banned) {
				t.Errorf("wire methods depend on %s", path)
			}
		}
	}
}
