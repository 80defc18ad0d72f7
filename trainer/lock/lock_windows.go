package lock

import (
	"errors"
	"path/filepath"
	"syscall"
)

// Dir takes a folder that is there, until release is called, by a file that
// nobody else may open meanwhile and that goes with its handle. The error is
// ErrTaken, or what is wrong with the folder.
func Dir(dir string) (release func() error, err error) {
	name, err := syscall.UTF16PtrFromString(filepath.Join(dir, file))
	if err != nil {
		return nil, err
	}
	const (
		shareNothing     = 0
		deleteOnClose    = 0x04000000 // FILE_FLAG_DELETE_ON_CLOSE
		sharingViolation = syscall.Errno(32)
	)
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, shareNothing, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL|deleteOnClose, 0)
	if errors.Is(err, sharingViolation) {
		return nil, ErrTaken
	}
	if err != nil {
		return nil, err
	}
	return func() error { return syscall.CloseHandle(h) }, nil
}
