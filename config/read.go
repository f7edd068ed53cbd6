package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shortwire/shortwire/subjects/taler"
)

// reader carries a parsed document over to a Config.
type reader struct {
	*problems
	env func(string) (string, bool)
}

// document reads the top level and every table.
func (r *reader) document(c *Config, values map[string]any) {
	database, proof := r.table(values, "database"), r.table(values, "proof_of_work")
	accounts, tokens := r.tables(values, "account"), r.tables(values, "token")
	r.overrides("", values, c.settings())
	r.strict("", values, c.settings(), "database", "proof_of_work", "account", "token")
	if c.BaseURL != "" {
		c.BaseURL = strings.TrimRight(c.BaseURL, "/") + "/"
	}
	if c.DataDir != "" {
		c.DataDir = r.origin.resolve("data_dir", c.DataDir)
	}
	r.database(&c.Database, database)
	r.overrides("proof_of_work", proof, c.proofSettings())
	r.strict("proof_of_work", proof, c.proofSettings())
	for i, values := range accounts {
		c.Accounts = append(c.Accounts, r.account(i, defaultAccount(c), values))
	}
	for i, values := range tokens {
		c.Tokens = append(c.Tokens, r.token(i, values))
	}
}

// table takes a table out of values.
func (r *reader) table(values map[string]any, key string) map[string]any {
	value, found := values[key]
	delete(values, key)
	table, ok := value.(map[string]any)
	if found && !ok {
		r.add(key, "%s: write it as one table that begins with [%s]", key, key)
	}
	if table == nil {
		table = map[string]any{}
	}
	return table
}

// tables takes an array of tables out of values. The TOML reader gives inline
// ones as an array of anything.
func (r *reader) tables(values map[string]any, key string) []map[string]any {
	value, found := values[key]
	delete(values, key)
	tables, ok := value.([]map[string]any)
	inline, isArray := value.([]any)
	for _, element := range inline {
		table, isTable := element.(map[string]any)
		isArray = isArray && isTable
		tables = append(tables, table)
	}
	if found && !ok && !isArray {
		r.add(key, "%s: write each one as a table that begins with [[%s]], in two brackets", key, key)
		return nil
	}
	return tables
}

// overrides puts values of the environment in place of those of the file.
func (r *reader) overrides(table string, values map[string]any, settings []setting) {
	for _, s := range settings {
		path := join(table, s.key)
		variable := "SHORTWIRE_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
		if value, found := r.env(variable); found && value != "" {
			values[s.key] = override(value)
			r.origin.variables[path] = variable
		}
	}
}

// settings reads the known keys of a table and returns the others.
func (r *reader) settings(path string, values map[string]any, settings []setting) map[string]any {
	rest := maps.Clone(values)
	for _, s := range settings {
		value, found := values[s.key]
		if !found {
			continue
		}
		delete(rest, s.key)
		if err := s.read(value); err != nil {
			r.add(join(path, s.key), "%s: %w", label(path, values, s.key), err)
		}
	}
	return rest
}

// strict reads the known keys of a table and refuses the others. Suggestions
// for those are taken from settings and more.
func (r *reader) strict(path string, values map[string]any, settings []setting, more ...string) {
	known := append(keys(settings), more...)
	for _, key := range slices.Sorted(maps.Keys(r.settings(path, values, settings))) {
		r.add(join(path, key), "unknown key %s: %s", label(path, values, key), advise(key, known))
	}
}

func keys(settings []setting) []string {
	var names []string
	for _, s := range settings {
		names = append(names, s.key)
	}
	return names
}

// label is how messages call a key: with the name of its account or token,
// else with its table.
func label(path string, values map[string]any, key string) string {
	table, _, isArray := strings.Cut(path, "[")
	if !isArray {
		return join(path, key)
	}
	if name, ok := values["name"].(string); ok {
		return fmt.Sprintf("%s of %s %q", key, table, name)
	}
	return fmt.Sprintf("%s of [[%s]]", key, table)
}

// database reads [database]. A URL of the environment replaces both ways of
// the file to give one.
func (r *reader) database(d *Database, values map[string]any) {
	file := ""
	settings := append(d.settings(), textSetting("url_file", &file))
	r.overrides("database", values, settings)
	if _, set := values["url"].(override); set {
		delete(values, "url_file")
	} else if _, set := values["url_file"].(override); set {
		delete(values, "url")
	}
	r.strict("database", values, settings)
	switch {
	case file == "":
	case d.URL != "":
		r.add("database.url_file", "database.url_file: database.url is given too; remove one of them")
	default:
		url, err := readSecretFile(r.origin.resolve("database.url_file", file))
		if err != nil {
			r.add("database.url_file", "database.url_file: %w", err)
		}
		d.URL = url
	}
}

// account reads one [[account]]. Keys that are no settings belong to the wire
// method, unless they look like a setting that is misspelt.
func (r *reader) account(i int, a Account, values map[string]any) Account {
	path := fmt.Sprintf("account[%d]", i)
	settings := a.settings()
	r.strict(join(path, "proof_of_work"), r.table(values, "proof_of_work"), a.ProofOfWork.settings())
	rest := r.settings(path, values, settings)
	for _, key := range slices.Sorted(maps.Keys(rest)) {
		parameter, isText := rest[key].(string)
		near := nearest(key, keys(settings))
		switch {
		case near != "":
			r.add(join(path, key), "unknown key %s: did you mean %s?", label(path, values, key), near)
		case !isText:
			r.add(join(path, key), "%s: write a string in quotes, as for every key of a wire method", label(path, values, key))
		default:
			if a.Parameters == nil {
				a.Parameters = map[string]string{}
			}
			a.Parameters[key] = parameter
		}
	}
	if _, given := values["minimum_extension_amount"]; !given && validCurrency(a.Currency) {
		a.MinimumExtensionAmount = taler.Amount{Currency: a.Currency, Value: 1}
	}
	return a
}

// token reads one [[token]] and hashes its secret.
func (r *reader) token(i int, values map[string]any) Token {
	path := fmt.Sprintf("token[%d]", i)
	var t Token
	var s secret
	r.strict(path, values, append(t.settings(), s.settings()...))
	key, hash, err := s.hash(func(name string) string { return r.origin.resolve(path, name) })
	if err != nil && !r.any(path, s.settings()) {
		r.add(join(path, key), "%s: %w", label(path, values, key), err)
	}
	t.SecretSHA256 = hash
	return t
}
