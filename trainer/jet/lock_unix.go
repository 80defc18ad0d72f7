//go:build !windows

package jet

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// lockDir makes the folder and takes it for this process: two servers on one
// folder would destroy it, and NATS does not notice. The lock ends with the
// process, however that ends.
func lockDir(dir string) (unlock func() error, err error) {
	if dir == "" {
		return nil, unusable(`""`, errors.New("no folder was named"))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusable(dir, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unusable(dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, locked(dir)
		}
		return nil, unusable(dir, err)
	}
	return f.Close, nil
}
