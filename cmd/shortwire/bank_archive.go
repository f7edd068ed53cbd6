package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// What an archive may hold. Banks pack a day's statements, some megabytes; more
// is an attack, or a mistake. Nothing is ever written to the disk, so the names
// in an archive lead nowhere.
const (
	maxArchive  = 256 << 20 // bytes of the archive itself
	maxEntries  = 10_000
	maxEntry    = 1 << 30 // bytes of one entry, the most that a gateway can be set to take
	maxInflated = 4 << 30 // bytes of all entries together
)

// The reasons not to post an archive or an entry of it.
var (
	errArchive      = errors.New("the archive is damaged: fetch it from the bank again")
	errArchiveSize  = fmt.Errorf("the archive has more than %d MiB or %d entries: unpack it and look what it is", maxArchive>>20, maxEntries)
	errEntrySize    = fmt.Errorf("it unpacks to more than %d GiB: unpack it and look what it is", maxEntry>>30)
	errInflated     = fmt.Errorf("the archive unpacks to more than %d GiB: unpack it and look what it is", maxInflated>>30)
	errNested       = errors.New("an archive inside an archive: unpack it and post what is in it")
	errEncrypted    = errors.New("it is encrypted: unpack it first")
	errEntryDamaged = errors.New("it is damaged: fetch the archive from the bank again")
)

// isArchive looks for the first bytes of a zip archive, or of an empty one
// (PKWARE APPNOTE 4.3.7 and 4.3.16).
func isArchive(text *bufio.Reader) bool {
	head, _ := text.Peek(4) // a shorter file is none
	return bytes.Equal(head, []byte("PK\x03\x04")) || bytes.Equal(head, []byte("PK\x05\x06"))
}

// entryError tells why one file or entry cannot be posted; others can.
type entryError struct{ error }

func (e entryError) Unwrap() error { return e.error }

// eachEntry calls do for the reports of an archive, in the order of their names.
// An entry is read to its end, and its checksum compared, before do sees it; do
// gets an entryError from open when that went wrong.
func eachEntry(name string, r io.ReaderAt, size int64, do func(*bankFile) error) error {
	if size > maxArchive {
		return entryError{errArchiveSize}
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return entryError{errArchive}
	}
	if len(archive.File) > maxEntries {
		return entryError{errArchiveSize}
	}
	slices.SortStableFunc(archive.File, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	left := int64(maxInflated)
	for _, f := range archive.File {
		if !isReport(f) {
			continue
		}
		open := func() (io.ReadCloser, error) { return f.Open() }
		if err := checkEntry(f, &left); err != nil {
			open = func() (io.ReadCloser, error) { return nil, entryError{err} }
		}
		share, text := min(int64(f.CompressedSize64), size), int64(min(f.UncompressedSize64, maxEntry))
		if err := do(&bankFile{name: name, entry: f.Name, again: true, share: share, size: text, open: open}); err != nil {
			return err
		}
	}
	return nil
}

// isReport leaves out folders, hidden files, and what macOS adds to archives.
func isReport(f *zip.File) bool {
	return !f.FileInfo().IsDir() && !strings.HasPrefix(path.Base(f.Name), ".") && !strings.HasPrefix(f.Name, "__MACOSX/")
}

// checkEntry reads an entry to its end and takes what it needs from left. What
// the archive says of sizes is believed only when it says too much.
func checkEntry(f *zip.File, left *int64) error {
	switch {
	case f.Flags&1 != 0: // APPNOTE 4.4.4, bit 0
		return errEncrypted
	case f.UncompressedSize64 > maxEntry:
		return errEntrySize
	}
	content, err := f.Open()
	if err != nil {
		return errEntryDamaged
	}
	defer content.Close() //nolint:errcheck // read only
	limit := min(*left, maxEntry)
	text := bufio.NewReader(io.LimitReader(content, limit+1))
	if isArchive(text) {
		return errNested
	}
	n, err := io.Copy(io.Discard, text)
	*left -= min(n, *left)
	switch {
	case n > limit && limit < maxEntry:
		return errInflated
	case n > limit:
		return errEntrySize
	case err != nil:
		return errEntryDamaged
	}
	return nil
}
