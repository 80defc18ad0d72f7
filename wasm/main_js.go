package main

import (
	"os"
	"runtime/debug"

	"github.com/hack-pad/safejs"
)

func main() {
	// To collect garbage first at 16 MB, not at 4: loading a model takes more than 4,
	// and the page would wait for a collection that frees next to nothing.
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
