package cluster

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// do runs fn as the owner. Linux keeps credentials and (after unshare) the
// working directory per thread, and a child process inherits those of the thread
// that starts it. So a goroutine is locked to a thread, the thread gives up root
// for good, and because the goroutine ends without unlocking, the Go runtime
// throws the thread away (runtime.LockOSThread). fn must not do its work in
// other goroutines; reading and writing of open files may happen anywhere.
func (o owner) do(fn func() error) error {
	if !o.switches {
		return fn()
	}
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if syscall.Gettid() == os.Getpid() {
			// The first thread stands for the whole process and cannot be
			// thrown away. While we hold it, another goroutine gets another.
			result <- o.do(fn)
			runtime.UnlockOSThread()
			return
		}
		if err := o.assume(); err != nil {
			result <- err
			return
		}
		result <- fn()
	}()
	return <-result
}

// assume changes the calling thread only: raw system calls, since the wrappers
// of package syscall change every thread of the process.
func (o owner) assume() error {
	if err := syscall.Unshare(syscall.CLONE_FS); err != nil {
		return fmt.Errorf("own working directory: %w", err)
	}
	// The working directory of the process may be closed to the owner.
	if err := syscall.Chdir("/"); err != nil {
		return err
	}
	_, _, groups := syscall.RawSyscall(syscall.SYS_SETGROUPS, 0, 0, 0)
	_, _, gid := syscall.RawSyscall(syscall.SYS_SETRESGID, uintptr(o.gid), uintptr(o.gid), uintptr(o.gid))
	_, _, uid := syscall.RawSyscall(syscall.SYS_SETRESUID, uintptr(o.uid), uintptr(o.uid), uintptr(o.uid))
	for _, errno := range []syscall.Errno{groups, gid, uid} {
		if errno != 0 {
			return fmt.Errorf("give up root for the database: %w", error(errno))
		}
	}
	if os.Geteuid() == 0 || os.Getegid() == 0 {
		return errors.New("give up root for the database: still root")
	}
	return nil
}
