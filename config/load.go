package config

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Load reads the file at path, with env (os.LookupEnv; nil for none) on top.
// The configuration it returns is valid.
func Load(path string, env func(string) (string, bool)) (*Config, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no configuration %s; make one with: shortwire config init", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return Parse(path, text, env)
}

// Parse is Load for a text that was read from path already. The path is used
// in messages and to find the files that the text names.
func Parse(path string, text []byte, env func(string) (string, bool)) (*Config, error) {
	document := map[string]any{}
	if _, err := toml.Decode(string(text), &document); err != nil {
		return nil, syntaxError(path, err)
	}
	if env == nil {
		env = func(string) (string, bool) { return "", false }
	}
	r := reader{newProblems(newOrigin(path, string(text))), env}
	c := defaults()
	c.origin = r.origin
	r.document(c, document)
	c.check(r.problems)
	if err := r.err(); err != nil {
		return nil, err
	}
	return c, nil
}

func defaults() *Config {
	return &Config{
		Listen:                      "127.0.0.1:8080",
		DataDir:                     "data",
		LogLevel:                    slog.LevelInfo,
		LegacySubjects:              true,
		BankBodyLimit:               16 << 20,
		LongPollLimit:               time.Minute,
		OutgoingLease:               5 * time.Minute,
		Retention:                   730 * day,
		MinimumRegistrationLifetime: day,
		Database:                    Database{StatementCache: "cache_statement"},
		ProofOfWork:                 defaultProofOfWork(),
		VerifierQueue:               16,
	}
}

// syntaxError names the place of what is no TOML. The parser quotes what it
// could not read, which may be a secret somebody forgot to put in quotes.
func syntaxError(path string, err error) error {
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("%s: %w", path, err)
	}
	what := parse.Message
	for _, word := range []string{"secret", "url", "password"} {
		if strings.Contains(parse.LastKey, word) {
			what = "the value at or after this key cannot be read; write it in quotes"
		}
	}
	return fmt.Errorf("%s:%d: this is no TOML, near the key %q: %s", path, parse.Position.Line, parse.LastKey, what)
}
