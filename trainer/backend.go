package main

import (
	"fmt"
	"os"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // registers "go"

	"rakam/trainer/cpu"
)

// newBackend returns the backend that $GOMLX_BACKEND names, or our own for the
// processor.
func newBackend() (backend compute.Backend, err error) {
	if name := os.Getenv(compute.ConfigEnvVar); name != "" {
		defer func() { // GoMLX panics over a name it does not know
			if cause := recover(); cause != nil {
				err = fmt.Errorf("%s is %q, which this program was not built with: leave it unset, or give cpu or go", compute.ConfigEnvVar, name)
			}
		}()
		return compute.New()
	}
	return cpu.New(), nil
}
