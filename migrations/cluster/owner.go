package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// owner is who runs the server and owns its files.
type owner struct {
	uid, gid int
	switches bool // we are root and must become this user
}

// claim creates the directory of the cluster if need be, resolves its path, and
// decides who owns it: ourselves, or, when we are root, whoever owns it already,
// or an unprivileged user. Missing parents are created so that this user can
// pass. The mode of the directory guards the trusted socket in it.
func claim(path string) (string, owner, error) {
	dir, err := create(path)
	if err != nil {
		return "", owner{}, err
	}
	o, err := ownerOf(dir)
	if err != nil {
		return "", owner{}, err
	}
	if o.switches {
		err = os.Chown(dir, o.uid, o.gid)
	}
	return dir, o, errors.Join(err, os.Chmod(dir, 0o700))
}

// create returns the absolute path without symbolic links: that is what the
// system tells about the working directory of a server (processesIn).
func create(path string) (string, error) {
	if path == "" {
		return "", errors.New("no directory given")
	}
	dir, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	if strings.ContainsAny(dir, "\"$`\\\n") { // pg_ctl hands it to a shell between double quotes
		return "", errors.New("a path with any of \" $ ` \\ cannot be used")
	}
	return dir, nil
}

func ownerOf(dir string) (owner, error) {
	if os.Geteuid() != 0 {
		return owner{}, nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return owner{}, err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 {
		return owner{uid: int(stat.Uid), gid: int(stat.Gid), switches: true}, nil
	}
	return unprivileged()
}

// unprivileged returns the user that PostgreSQL packages create, or nobody.
func unprivileged() (owner, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return owner{}, err
		}
		return owner{uid: uid, gid: gid, switches: true}, nil
	}
	return owner{}, errors.New("PostgreSQL refuses to run as root, and there is no user postgres or nobody")
}

// reach fails when the calling thread cannot use the directory, and names the
// parent that is closed to it.
func reach(dir string) error {
	_, err := os.ReadDir(dir)
	if err == nil {
		return nil
	}
	closed := dir
	for p := dir; p != filepath.Dir(p); p = filepath.Dir(p) {
		if _, err := os.Stat(p); err != nil {
			closed = filepath.Dir(p) // the last one wins: nearest to the root
		}
	}
	return fmt.Errorf("%w (closed: %s)", ErrClosedDirectory, closed)
}

// reachTemporary fails when the calling thread cannot make files in the
// temporary directory. The library that starts the server needs one there, and
// would only say that it is "unable to create logger".
func reachTemporary() error {
	f, err := os.CreateTemp("", "shortwire-start-")
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrClosedTemporary, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
