// Command server is Rakam's web server: the page to draw on, the report and the
// confusion matrix of each version, and the API that other programs use.
//
// A request passes the middleware (log, metrics, recovery, guards), then one
// handler; whatever error that returns becomes one Problem in handleError.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"rakam/trainer/pretrained"
)

// The exit statuses of the program.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	var said bytes.Buffer
	config, err := ParseConfig(os.Args[1:], os.Getenv, &said)
	switch {
	case errors.Is(err, errHelp):
		os.Stdout.Write(said.Bytes())
		return
	case errors.Is(err, errUsage):
		os.Stderr.Write(said.Bytes())
		os.Exit(exitUsage)
	case err != nil:
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(exitFailed)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	program := NewProgram(config, pretrained.All)
	if err := program.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(exitFailed)
	}
}
