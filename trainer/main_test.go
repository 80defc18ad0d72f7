package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"rakam/trainer/fit"
	"rakam/trainer/recipe"
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
			return startNATS(env)
		},
		Cmds: workCommands,
	})
}

// TestUnsaved: a run that is stopped and cannot keep its checkpoint says so,
// and does not claim the opposite.
func TestUnsaved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := os.MkdirAll(filepath.Join(dir, checkpointFile, "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stderr strings.Builder
	r := recipe.Seed()
	r.Epochs = 1
	err := fitJob{recipe: r, dir: dir}.run(ctx, io.Discard, &stderr)
	if err == nil || !strings.Contains(err.Error(), "unfinished run") {
		t.Fatalf("a checkpoint in the way: %v", err)
	}
	err = fitJob{recipe: r, dir: dir, force: true}.run(ctx, io.Discard, &stderr)
	if !errors.Is(err, fit.ErrUnsaved) || strings.Contains(stderr.String(), "is kept") {
		t.Fatalf("stopped with a checkpoint in the way: %v, %q", err, stderr.String())
	}
	stderr.Reset()
	if code := finish("fit", err, &stderr); code != exitFailure || !strings.Contains(stderr.String(), "could not be written") {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
	if code := finish("fit", errors.Join(context.Canceled, errors.New("the lock is gone")), io.Discard); code != exitFailure {
		t.Errorf("exit code %d for an interrupted run that left a mess, want %d", code, exitFailure)
	}
	if code := finish("fit", context.Canceled, io.Discard); code != exitInterrupted {
		t.Errorf("exit code %d for an interrupted run, want %d", code, exitInterrupted)
	}
}
