package gateway

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// spoolMemory is the size up to which a bank file stays in memory.
const spoolMemory = 1 << 20

// spool is a bank file that can be read twice: once to see that it is whole,
// once to store it. Large ones lie in a file without a name.
type spool struct {
	io.ReadSeeker
	file *os.File
}

// newSpool reads r to its end.
func newSpool(r io.Reader, dir string) (*spool, error) {
	var head bytes.Buffer
	switch _, err := io.CopyN(&head, r, spoolMemory); {
	case err == io.EOF: //nolint:errorlint // CopyN returns io.EOF bare
		return &spool{ReadSeeker: bytes.NewReader(head.Bytes())}, nil
	case err != nil:
		return nil, err
	}
	file, err := os.CreateTemp(dir, "shortwire-upload-")
	if err != nil {
		return nil, fmt.Errorf("spooling an upload: %w", err)
	}
	// Without a name the file goes away with the process, however that ends.
	_ = os.Remove(file.Name())
	s := &spool{ReadSeeker: file, file: file}
	if _, err := io.Copy(file, io.MultiReader(&head, r)); err != nil {
		s.Close()
		return nil, fmt.Errorf("spooling an upload: %w", err)
	}
	return s, s.rewind()
}

// rewind goes back to the first byte.
func (s *spool) rewind() error {
	_, err := s.Seek(0, io.SeekStart)
	return err
}

// Close frees the file.
func (s *spool) Close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}
