package config

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReadSecretFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("good"), "a secret\n", 0o640)
	write(t, at("lines"), "two\nlines\r\n\n", 0o600)
	write(t, at("readable"), "a secret\n", 0o644)
	write(t, at("writable"), "a secret\n", 0o602)
	write(t, at("empty"), "\r\n", 0o600)
	write(t, at("large"), strings.Repeat("x", maxSecretFile+1), 0o600)
	if err := os.Mkdir(at("folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(at("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, secret, refusal string }{
		{"good", "a secret", ""},
		{"lines", "two\nlines", ""},
		{"readable", "", "chmod o= "},
		{"writable", "", "chmod o= "},
		{"empty", "", "is empty"},
		{"large", "", "larger than 64 KiB"},
		{"folder", "", "is no plain file"},
		{"pipe", "", "is no plain file"},
		{"missing", "", "there is no file"},
		{"good/below", "", "whether this user may reach"},
	} {
		secret, err := readSecretFile(at(c.name))
		switch {
		case c.refusal == "" && (err != nil || secret != c.secret):
			t.Errorf("%s: got %q, %v", c.name, secret, err)
		case c.refusal != "" && (err == nil || !strings.Contains(err.Error(), c.refusal)):
			t.Errorf("%s: got %v, want an error about %q", c.name, err, c.refusal)
		}
	}
}

func TestRedacted_HidesEveryPassword(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, want string }{
		{"", ""},
		{"postgres://db/shortwire", "postgres://db/shortwire"},
		{"postgres://user@db:5432/shortwire", "postgres://user@db:5432/shortwire"},
		{"postgres://user:word@db/x", "postgres://user:(hidden)@db/x"},
		{"postgres://user:wo@rd@db/x", "postgres://user:(hidden)@db/x"},
		{"postgres://user:wo/rd@db/x", "postgres://user:(hidden)@db/x"},
		{"postgres://:word@db/x", "postgres://:(hidden)@db/x"},
		{"postgresql://db/x?password=word&user=u", "postgresql://db/x?password=(hidden)&user=u"},
		{"postgres://db/x?sslpassword=word", "postgres://db/x?sslpassword=(hidden)"},
		{"host=db password=word user=u", "host=db password=(hidden) user=u"},
		{"password = 'wo\\'r d' host=db", "password = (hidden) host=db"},
		{`host=db password=wo\ rd`, "host=db password=(hidden)"},
		{"host=db password='word", "host=db password=(hidden)"},
		{"host=db PASSWORD=word&word", "host=db PASSWORD=(hidden)"},
	} {
		d := Database{URL: c.url}
		if got := d.Redacted(); got != c.want {
			t.Errorf("Redacted(%s) = %s, want %s", c.url, got, c.want)
		}
	}
}
