// Package lock takes a folder for one process, by a file named lock in it, for
// which there is a system's own lock: that ends with the process, however it ends.
package lock

import "errors"

// ErrTaken says that another process, or another call in this one, has the folder.
var ErrTaken = errors.New("another process has it open")

// file lies in a folder that is taken.
const file = "lock"
