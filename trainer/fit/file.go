package fit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// WriteFile writes a file so that, whenever the machine stops, either the old
// content or the new is there in full: to a temporary file beside it, synced,
// then renamed. Errors name path.
func WriteFile(path string, data []byte) error {
	if err := replace(path, data); err != nil {
		var at *fs.PathError
		var renamed *os.LinkError
		switch { // what is wrong, without the name of the temporary file
		case errors.As(err, &at):
			err = at.Err
		case errors.As(err, &renamed):
			err = renamed.Err
		}
		return &fs.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}

func replace(path string, data []byte) (err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return syscall.EISDIR
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
