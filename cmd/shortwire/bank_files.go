package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/shortwire/shortwire/cmd/shortwire/client"
)

// stdin is the name that stands for standard input.
const stdin = "-"

// errNoBankFile means that nothing in a file looks like a bank's report.
var errNoBankFile = errors.New("this is no XML, JSON, CSV, MT940 or BgMax that a bank writes: see whether it is the bank's file")

// source is one file on the disk, or standard input.
type source struct {
	path   string
	size   int64
	listed bool // found in a folder, not named by the user
}

// bankFile is one report to post: a file, or an entry of an archive.
type bankFile struct {
	name  string // of the file
	entry string // inside the archive; "" when the file is the report itself
	again bool   // open may be called more than once
	share int64  // of the source's bytes; 0 where nobody knows
	size  int64  // of the text
	open  func() (io.ReadCloser, error)
}

// String names the report for people. Names come from whoever packed the
// archive: what a terminal would take for a command is shown quoted.
func (b *bankFile) String() string {
	if b.entry == "" {
		return printable(b.name)
	}
	return printable(b.name) + ": " + printable(b.entry)
}

func printable(name string) string {
	if quoted := fmt.Sprintf("%q", name); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}

// findSources lists what the user named, folders with all that is in them, in
// the order of their names. What cannot be right is told before anything is
// posted.
func findSources(paths []string) ([]source, error) {
	var found []source
	for _, path := range paths {
		if path == stdin {
			found = append(found, source{path: path})
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			inside, err := walk(path)
			if err != nil {
				return nil, err
			}
			found = append(found, inside...)
			continue
		}
		if err := recognise(path); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		found = append(found, source{path: path, size: info.Size()})
	}
	return found, nil
}

// walk lists a folder. Hidden files are no bank's, and what is no file cannot
// be read like one.
func walk(folder string) ([]source, error) {
	var found []source
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != folder && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := os.Stat(path) // follows links to files; folders behind links are not entered
		if err == nil && info.Mode().IsRegular() {
			found = append(found, source{path: path, size: info.Size(), listed: true})
		}
		return err
	})
	return found, err
}

// recognise refuses a file that somebody named and that is none of ours.
func recognise(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // read only
	head := bufio.NewReader(file)
	if isArchive(head) {
		return nil
	}
	_, err = sniff(path, head)
	return err
}

// each calls do for every report in a source.
func (f source) each(in io.Reader, do func(*bankFile) error) error {
	if f.path == stdin {
		return eachOfStdin(in, do)
	}
	file, err := os.Open(f.path)
	if err != nil {
		return entryError{err}
	}
	defer file.Close() //nolint:errcheck // read only
	// A reader of its own: what it reads ahead must not be missing later.
	if isArchive(bufio.NewReader(io.NewSectionReader(file, 0, f.size))) {
		return eachEntry(f.path, file, f.size, do)
	}
	return do(&bankFile{name: f.path, again: true, share: f.size, size: f.size, open: func() (io.ReadCloser, error) { return os.Open(f.path) }})
}

// eachOfStdin keeps an archive in memory, since its table of contents stands at
// its end, and a message, which may have to be sent twice; anything else goes
// through as it comes.
func eachOfStdin(in io.Reader, do func(*bankFile) error) error {
	text := bufio.NewReader(in)
	packed := isArchive(text)
	if kind, _ := sniff(stdin, text); !packed && kind != client.TypeXML {
		return do(&bankFile{name: stdin, open: func() (io.ReadCloser, error) { return io.NopCloser(text), nil }})
	}
	kept, err := io.ReadAll(io.LimitReader(text, maxArchive+1))
	switch {
	case err != nil:
		return err
	case packed:
		return eachEntry(stdin, bytes.NewReader(kept), int64(len(kept)), do)
	}
	return do(&bankFile{name: stdin, again: len(kept) <= maxArchive, open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(kept), text)), nil
	}})
}

// sniff tells the media type of a report, by its name if that says it, else by
// how it begins.
func sniff(name string, text *bufio.Reader) (string, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xml":
		return client.TypeXML, nil
	case ".json":
		return client.TypeJSON, nil
	case ".ndjson", ".jsonl":
		return client.TypeNDJSON, nil
	case ".sta", ".mt940", ".940":
		return client.TypeMT940, nil
	}
	head, err := text.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	switch {
	case bytes.HasPrefix(head, []byte("<")):
		return client.TypeXML, nil
	case bytes.HasPrefix(head, []byte("{")) && !bytes.HasPrefix(head, []byte("{1:")):
		return sniffJSON(head), nil
	}
	unquoted := bytes.ReplaceAll(head, []byte(`"`), nil)
	for _, form := range forms {
		if bytes.HasPrefix(unquoted, []byte(form.begin)) {
			return form.mediaType, nil
		}
	}
	return "", errNoBankFile
}

// forms are how files beside XML and JSON begin, without the quotes that may
// stand around columns. Any other CSV is no bank's.
var forms = []struct{ begin, mediaType string }{
	{"Type,Details,Particulars,", client.TypeCSV},
	{"Created date / time : ", client.TypeCSV},
	{"Date,Amount,Payee,", client.TypeCSV},
	{"Account number,Date,", client.TypeCSV},
	{":20:", client.TypeMT940},
	{"-\r\n:20:", client.TypeMT940},
	{"{1:F01", client.TypeMT940},
	{"01BGMAX ", client.TypeBgMax},
}

// sniffJSON tells the object with all transfers from lines of one object each.
func sniffJSON(head []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(head))
	_, _ = decoder.Token() // the brace
	if name, _ := decoder.Token(); name == "transfers" {
		return client.TypeJSON
	}
	return client.TypeNDJSON
}

// sizeOf is what there is to do in all.
func sizeOf(sources []source) (total int64) {
	for s := range slices.Values(sources) {
		total += s.size
	}
	return total
}
