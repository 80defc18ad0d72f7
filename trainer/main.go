// Command trainer makes and measures models.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
)

const usage = `trainer makes and measures models that read digits.

Usage:
  trainer fit --recipe NAME --out DIR                   train a model
  trainer eval --model FILE                             measure a model
  trainer export --model FILE --format NAME --out FILE  write a model for other programs
  trainer recipes                                       list the recipes
  trainer draw --digits N --out FILE                    draw digits, or what is none
  trainer work --nats URL                               train what a server is asked for

Each command explains its flags with --help.
`

// The exit codes.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130 // as shells report SIGINT
)

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }

// interruptible makes Ctrl-C and SIGTERM end ctx, for commands that have
// something to keep; the second one ends the program, as it does the others.
func interruptible(cmd command) command {
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		defer stop()
		context.AfterFunc(ctx, stop)
		return cmd(ctx, args, stdout, stderr)
	}
}

// command is a subcommand: it parses its own flags.
type command func(ctx context.Context, args []string, stdout, stderr io.Writer) error

var commands = map[string]command{
	"fit":     interruptible(fitCommand),
	"eval":    evalCommand,
	"export":  exportCommand,
	"draw":    drawCommand,
	"recipes": recipesCommand,
	"work":    interruptible(workCommand),
}

// usageError is a mistake in how the program was called.
type usageError struct{ error }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "--help":
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	cmd, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(stderr, "trainer: there is no command %q\n\n%s", args[0], usage)
		return exitUsage
	}
	return finish(args[0], cmd(ctx, args[1:], stdout, stderr), stderr)
}

// finish prints err and returns the exit code it stands for.
func finish(name string, err error, stderr io.Writer) int {
	var wrongUse usageError
	switch {
	case err == nil, errors.Is(err, pflag.ErrHelp):
		return exitOK
	case interrupted(err):
		return exitInterrupted
	case errors.As(err, &wrongUse):
		fmt.Fprintf(stderr, "trainer %s: %v\nSee `trainer %s --help`.\n", name, err, name)
		return exitUsage
	}
	fmt.Fprintf(stderr, "trainer %s: %v\n", name, err)
	return exitFailure
}

// interrupted reports whether err is that of a context that was cancelled, and of
// nothing else beside it: what kept a checkpoint from being written matters more.
func interrupted(err error) bool {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(all.Unwrap(), func(err error) bool { return !interrupted(err) })
	}
	return errors.Is(err, context.Canceled)
}

// newFlags returns a flag set whose --help prints the synopsis, what the
// command does, and its flags.
func newFlags(name, synopsis, about string, stdout io.Writer) *pflag.FlagSet {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SortFlags = false
	flags.SetOutput(io.Discard)
	flags.Usage = func() {
		fmt.Fprintf(stdout, "Usage: trainer %s %s\n\n%s\n\n%s", name, synopsis, about, flags.FlagUsages())
	}
	return flags
}

// plainly says which value of which flag is not the number it should be, without the
// words of Go's parser.
func plainly(err error) error {
	var invalid *pflag.InvalidValueError
	if _, is := errors.AsType[*strconv.NumError](err); is && errors.As(err, &invalid) {
		f, want := invalid.GetFlag(), "a whole number"
		switch kind := f.Value.Type(); {
		case kind == "bool":
			want = "true or false"
		case errors.Is(err, strconv.ErrRange):
			want = "a smaller number"
		case strings.HasPrefix(kind, "uint"):
			want += " from 0 up"
		}
		return fmt.Errorf("--%s is %q, want %s", f.Name, invalid.GetValue(), want)
	}
	return err
}

// parse parses args; what is left over must be nil or go to rest.
func parse(flags *pflag.FlagSet, args []string, rest *[]string) error {
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return err
		}
		return usageError{plainly(err)}
	}
	if flags.NArg() > 0 && rest == nil {
		return usageError{fmt.Errorf("what is %q?", strings.Join(flags.Args(), " "))}
	}
	if rest != nil {
		*rest = append(*rest, flags.Args()...)
	}
	return nil
}
