package bankfile_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/shortwire/shortwire/gateway/bankfile"
)

func TestCharsets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		set  bankfile.Charset
		text string
		want string // "" for refused
	}{
		{"", "Māori\t", "Māori\t"},
		{bankfile.UTF8, "M\xfcller", ""},
		{bankfile.UTF8, "a\ufffdb", ""},
		{bankfile.UTF8, "a\x00b", ""},
		{bankfile.UTF8, "a\u0085b", ""},
		{bankfile.Latin1, "M\xfcller", "Müller"},
		{bankfile.Latin1, "a\x92b", ""},
		{bankfile.Windows, "O\x92Hara \x80", "O’Hara €"},
		{bankfile.Windows, "a\x81b", ""},
		{bankfile.Windows, "a\nb", ""},
	} {
		got, ok := c.set.Decode(c.text)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s %q: %q, %t", c.set, c.text, got, ok)
		}
	}
}

// Lines end with LF or CR LF, or with the file; one line at a time is held, and
// an endless one is refused.
func TestLines(t *testing.T) {
	t.Parallel()
	lines, err := bankfile.NewLines(iotest.OneByteReader(strings.NewReader("\ufeffa\r\n\n" + strings.Repeat("b", 60_000) + "\nc")))
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for {
		text, err := lines.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(text))
	}
	if len(sizes) != 4 || sizes[0] != 1 || sizes[1] != 0 || sizes[2] != 60_000 || sizes[3] != 1 {
		t.Errorf("got lines of %v bytes", sizes)
	}
	lines, err = bankfile.NewLines(strings.NewReader("a\n" + strings.Repeat("b", 1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lines.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := lines.Next(); !errors.Is(err, bankfile.ErrTooLarge) || !strings.HasPrefix(err.Error(), "line 2: ") {
		t.Errorf("an endless line: %v", err)
	}
}
