//go:build !js

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "This program runs in a browser. Build it with `node web/build.mjs`, or alone with\n"+
		"GOOS=js GOARCH=wasm go build -tags kernel -o rakam.wasm ./wasm")
	os.Exit(2)
}
