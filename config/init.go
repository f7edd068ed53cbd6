package config

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
)

//go:embed init.toml
var initText string

// InitName is the name of the configuration among the files of Init.
const InitName = "shortwire.toml"

// File is one file that Init wants written.
type File struct {
	Name    string // without folder: all files belong into the same one
	Mode    fs.FileMode
	Content []byte
}

// Init returns a commented configuration that starts as it is, and the files
// of its secrets, drawn from random. The caller writes them into one folder and
// must not overwrite what is there: the secrets may be in use.
func Init(random io.Reader) ([]File, error) {
	files := []File{{InitName, 0o644, []byte(initText)}}
	for _, role := range []string{RoleExchange, RoleBank, RoleOperator} {
		secret := make([]byte, 20) // 160 bits, 40 hexadecimal digits
		if _, err := io.ReadFull(random, secret); err != nil {
			return nil, fmt.Errorf("draw a secret: %w", err)
		}
		content := hex.EncodeToString(secret) + "\n"
		files = append(files, File{role + ".token", 0o600, []byte(content)})
	}
	return files, nil
}
