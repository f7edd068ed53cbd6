package config

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

const hidden = "(hidden)"

// Dump writes the values in force as TOML, those of defaults, environment and
// secret files included. Secrets are hidden, so what it writes is for reading:
// a gateway does not start with it.
func (c *Config) Dump(w io.Writer) error {
	var b strings.Builder
	writeSettings(&b, c.settings())
	b.WriteString("\n[database]\n")
	writeSettings(&b, c.Database.settings())
	b.WriteString("\n[proof_of_work]\n")
	writeSettings(&b, c.proofSettings())
	for _, a := range c.Accounts {
		b.WriteString("\n[[account]]\n")
		writeSettings(&b, a.settings())
		for _, key := range slices.Sorted(maps.Keys(a.Parameters)) {
			writeValue(&b, key, a.Parameters[key])
		}
		if a.ProofOfWork != c.ProofOfWork {
			b.WriteString("\n[account.proof_of_work]\n")
			writeSettings(&b, a.ProofOfWork.settings())
		}
	}
	for _, t := range c.Tokens {
		b.WriteString("\n[[token]]\n")
		writeSettings(&b, t.settings())
		writeValue(&b, "secret", hidden)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return nil
}

func writeSettings(b *strings.Builder, settings []setting) {
	for _, s := range settings {
		writeValue(b, s.key, s.get())
	}
}

// writeValue leaves quoting to the TOML encoder, which cannot fail on strings,
// booleans and whole numbers.
func writeValue(b *strings.Builder, key string, value any) {
	line, err := toml.Marshal(map[string]any{key: value})
	if err != nil {
		line = fmt.Appendf(nil, "# %s: %v\n", key, err)
	}
	b.Write(line)
}

var (
	userPassword    = regexp.MustCompile(`^(\w+://[^:@]*):.*@`)
	queryPassword   = regexp.MustCompile(`(?i)(password=)[^&]*`)
	keywordPassword = regexp.MustCompile(`(?i)(password\s*=\s*)('(?:\\.|[^'\\])*'?|(?:\\.|[^\s\\])*)`)
)

// Redacted returns the connection string without passwords. It would rather
// hide too much: what stands between the first colon behind the scheme and
// the last @ may be one, even if it is badly encoded.
func (d *Database) Redacted() string {
	if !strings.Contains(d.URL, "://") {
		return keywordPassword.ReplaceAllString(d.URL, "${1}"+hidden)
	}
	s := userPassword.ReplaceAllString(d.URL, "${1}:"+hidden+"@")
	return queryPassword.ReplaceAllString(s, "${1}"+hidden)
}
