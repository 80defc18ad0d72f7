package main

import (
	"os"
	"runtime/debug"

	"github.com/hack-pad/safejs"
)

func main() {
	// The model is there to stay, and no reading leaves much behind: collecting
	// garbage at 4 MB would only make the page wait while the model is loaded.
	debug.SetGCPercent(400)
	if err := run(safejs.Global()); err != nil {
		println("rakam: " + err.Error())
		os.Exit(1)
	}
	select {} // JavaScript calls from here on; the functions live as long as the module
}

// run sets the global and tells the host.
func run(global safejs.Value) error {
	b, err := newBridge()
	if err != nil {
		return err
	}
	if _, err := b.publish(global); err != nil {
		return err
	}
	ready, err := global.Get("rakamReady")
	if err != nil || ready.Type() != safejs.TypeFunction {
		return err
	}
	_, err = ready.Invoke()
	return err
}
