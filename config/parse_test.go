package config

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// FuzzParse checks that no text makes Parse panic, and that the dump of what
// it accepts is read back as the same configuration, once the secrets that the
// dump hides are put in their places.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.toml", "testdata/errors/*.toml", "init.toml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse("/nonexistent/shortwire.toml", text, nil)
		if err != nil {
			return
		}
		var dump bytes.Buffer
		if err := c.Dump(&dump); err != nil {
			t.Fatal(err)
		}
		again, err := readBack(dump.String(), c)
		if err != nil {
			t.Fatalf("%v in\n%s", err, dump.String())
		}
		c.origin, again.origin = nil, nil
		if !reflect.DeepEqual(c, again) {
			t.Errorf("first %+v\nagain %+v", c, again)
		}
	})
}

// readBack parses a dump as if it held the secrets of c. Tokens get secrets
// of their own while parsing, since no two may share one.
func readBack(dump string, c *Config) (*Config, error) {
	for range c.Tokens {
		dump = strings.Replace(dump, `"`+hidden+`"`, `"`+strings.Repeat("s", minSecret+strings.Count(dump, hidden))+`"`, 1)
	}
	again, err := Parse("/nonexistent/shortwire.toml", []byte(dump), nil)
	if err != nil {
		return nil, err
	}
	again.Database.URL = c.Database.URL
	for i := range again.Tokens {
		again.Tokens[i].SecretSHA256 = c.Tokens[i].SecretSHA256
	}
	return again, nil
}
