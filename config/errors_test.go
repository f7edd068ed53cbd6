package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Every file under testdata/errors has something wrong; the golden file beside
// it is what the user is told.
func TestErrors_SayFileLineKeyAndAdvice(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/errors/*.toml")
	if err != nil || len(files) < 30 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			c, err := Load(file, nil)
			if err == nil {
				t.Fatalf("no error, but %+v", c)
			}
			checkGolden(t, strings.TrimSuffix(file, ".toml")+".golden", err.Error()+"\n")
		})
	}
}

func checkGolden(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}

// What users paste into reports must not hold their secrets, and a sentence
// about each of several problems.
func TestErrors_ShowNoSecret(t *testing.T) {
	t.Parallel()
	golden, err := filepath.Glob("testdata/errors/*.golden")
	if err != nil || len(golden) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range golden {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"hunter2", "very-secret", "battery", "0123456789abcde"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s shows %q", file, secret)
			}
		}
	}
}
