package jet

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// lockDir makes the folder and takes it for this process, by a file that nobody
// else may open meanwhile; see lock_unix.go.
func lockDir(dir string) (unlock func() error, err error) {
	if dir == "" {
		return nil, unusable(`""`, errors.New("no folder was named"))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusable(dir, err)
	}
	name, err := syscall.UTF16PtrFromString(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, unusable(dir, err)
	}
	const shareNothing = 0
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, shareNothing, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	const sharingViolation = syscall.Errno(32)
	if errors.Is(err, sharingViolation) {
		return nil, locked(dir)
	}
	if err != nil {
		return nil, unusable(dir, err)
	}
	return func() error { return syscall.CloseHandle(h) }, nil
}
