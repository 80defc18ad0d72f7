package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"trainer": main})
}

// TestScript tells the stories of the command line, wrong use included.
func TestScript(t *testing.T) {
	repo, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("REPO", repo)
			return nil
		},
	})
}

// TestInterrupt: the signal that Ctrl-C sends reaches the commands.
func TestInterrupt(t *testing.T) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	err = fitCommand(ctx, []string{"--recipe", "seed", "--out", t.TempDir()}, io.Discard, io.Discard)
	if code := finish("fit", err, io.Discard); code != exitInterrupted {
		t.Errorf("exit code %d, want %d (%v)", code, exitInterrupted, err)
	}
}
