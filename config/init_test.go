package config

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// random gives the same bytes in every test run.
func random() io.Reader { return bytes.NewReader(bytes.Repeat([]byte("0123456789abcdefghij!"), 10)) }

// initFiles writes the files of Init into a new folder.
func initFiles(t *testing.T) (dir string) {
	t.Helper()
	files, err := Init(random())
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, f := range files {
		write(t, filepath.Join(dir, f.Name), string(f.Content), f.Mode)
	}
	return dir
}

func TestInit_LoadsAsItIs(t *testing.T) {
	t.Parallel()
	c, err := Load(filepath.Join(initFiles(t), InitName), nil)
	if err != nil {
		t.Fatal(err)
	}
	var methods, roles []string
	for _, a := range c.Accounts {
		methods = append(methods, a.Name+" "+a.Method+" "+a.Currency)
	}
	for _, token := range c.Tokens {
		roles = append(roles, token.Role)
	}
	if got := strings.Join(methods, ", "); got != "ch ch-qrr CHF, nz nz-pcr NZD, x plain-key EUR" {
		t.Errorf("accounts %s", got)
	}
	if got := strings.Join(roles, ", "); got != "exchange, bank, operator" {
		t.Errorf("roles %s", got)
	}
}

// What the file shows in comments as defaults must be the defaults.
func TestInit_CommentsTellTheDefaults(t *testing.T) {
	t.Parallel()
	dir := initFiles(t)
	path := filepath.Join(dir, InitName)
	want, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	commented := regexp.MustCompile(`(?m)^# ([a-z_]+ = )`)
	text := commented.ReplaceAllString(initText, "$1")
	for _, example := range []string{"internal_listen", "base_url"} { // these have none
		text = strings.Replace(text, "\n"+example, "\n# "+example, 1)
	}
	got, err := Parse(path, []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	want.origin, got.origin = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("with the comments %+v\nwithout %+v", got, want)
	}
	for _, key := range allKeys() {
		if !regexp.MustCompile(`(?m)^(# )?`+key+" = ").MatchString(initText) && !strings.Contains(initText, key+" = ") {
			t.Errorf("the file does not mention %s", key)
		}
	}
}

func TestInit_TellsThatRandomnessRanDry(t *testing.T) {
	t.Parallel()
	if _, err := Init(bytes.NewReader(make([]byte, 39))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

func TestPackagingExample_Loads(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../packaging/shortwire.toml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, InitName)
	write(t, path, string(text), 0o640)
	for i, m := range regexp.MustCompile(`(?m)^secret_file = "(.*)"`).FindAllStringSubmatch(string(text), -1) {
		write(t, filepath.Join(dir, m[1]), strings.Repeat(string(rune('a'+i)), 40)+"\n", 0o640)
	}
	c, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.DataDir != "/var/lib/shortwire" { // StateDirectory of the unit
		t.Errorf("data_dir is %s", c.DataDir)
	}
}

// The comments of the types are the manual, so each key has its place there.
func TestManual_NamesEveryKey(t *testing.T) {
	t.Parallel()
	var manual strings.Builder
	for _, file := range []string{"config.go", "account.go", "proof.go", "token.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		manual.Write(text)
	}
	var s secret
	for _, key := range append(append(allKeys(), keys(s.settings())...), "url_file") {
		if !strings.Contains(manual.String(), "`"+key+"`") && !strings.Contains(manual.String(), "`proof_of_work."+key+"`") {
			t.Errorf("no comment explains `%s`", key)
		}
	}
}
