//go:build linux || darwin

package jet

import "syscall"

// freeDisk is how much this process may still write where dir is, in bytes.
func freeDisk(dir string) (free int64, known bool) {
	var fs syscall.Statfs_t
	if syscall.Statfs(dir, &fs) != nil {
		return 0, false
	}
	return int64(fs.Bavail) * int64(fs.Bsize), true
}
