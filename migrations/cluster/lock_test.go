package cluster

import (
	"errors"
	"syscall"
	"testing"
)

// A directory is free as soon as it was released, although a program that was
// being started at that moment still has the lock file open.
func TestReleaseFreesTheDirectory(t *testing.T) {
	t.Parallel()
	first, second := &Cluster{dir: t.TempDir()}, &Cluster{}
	second.dir = first.dir
	if err := first.acquire(); err != nil {
		t.Fatal(err)
	}
	inherited, err := syscall.Dup(int(first.lock.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(inherited) //nolint:errcheck // nothing was written
	if err := second.acquire(); !errors.Is(err, ErrInUse) {
		t.Errorf("while it is in use: %v", err)
	}
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	if err := second.acquire(); err != nil {
		t.Fatal(err)
	}
	if err := second.release(); err != nil {
		t.Error(err)
	}
}
