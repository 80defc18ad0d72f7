package cpu

import (
	"fmt"
	"os"
	"sync"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // registers "go"
)

// Open returns the backend that $GOMLX_BACKEND names, or this one. It is opened
// once and shared.
var Open = sync.OnceValues(func() (backend compute.Backend, err error) {
	name := os.Getenv(compute.ConfigEnvVar)
	if name == "" {
		return New(), nil
	}
	defer func() { // GoMLX panics over a name it does not know
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%s is %q, which this program was not built with: leave it unset, or give cpu or go", compute.ConfigEnvVar, name)
		}
	}()
	return compute.New()
})
