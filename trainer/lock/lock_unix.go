//go:build !windows

package lock

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// Dir takes a folder that is there, until release is called. The error is
// ErrTaken, or what is wrong with the folder.
func Dir(dir string) (release func() error, err error) {
	path := filepath.Join(dir, file)
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			f.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, ErrTaken
			}
			return nil, err
		}
		if isAt(f, path) {
			return func() error { return errors.Join(os.Remove(path), f.Close()) }, nil
		}
		f.Close() // whoever had it has just removed it: another one may be there
	}
}

// isAt says whether f is still the file at path.
func isAt(f *os.File, path string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(mine, there)
}
