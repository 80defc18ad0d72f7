package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rakam/trainer/cpu"
	"rakam/trainer/drawn"
	"rakam/trainer/fit"
	"rakam/trainer/lock"
	"rakam/trainer/pretrained"
	"rakam/trainer/recipe"
)

// fitJob is what the command is asked to do.
type fitJob struct {
	recipe        recipe.Recipe
	dir           string   // to write to; is there
	strokes       []string // stroke files to train on
	drawn         string   // stroke file to measure the model on; "" for none
	resume, force bool
}

// run trains the recipe and writes what comes of it.
func (j fitJob) run(ctx context.Context, stdout, stderr io.Writer) error {
	if !j.resume && !j.force {
		if err := held(j.dir); err != nil {
			return err
		}
	}
	config, measured, err := j.prepare()
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s: %s, %d images, %d epochs of %d; %s\n", j.recipe.Name, j.recipe.Spec,
		fit.EpochSize(j.recipe, config.Data), j.recipe.Epochs, j.recipe.BatchSize, config.Backend.Description())
	var done func()
	config.Progress, done = newProgress(stderr)
	result, err := fit.Run(ctx, config)
	done()
	if interrupted(err) {
		fmt.Fprintf(stderr, "Stopped. What is trained so far is kept in %s: the same command with --resume goes on.\n", config.Checkpoint)
	}
	if err != nil {
		return err
	}
	rep, err := fit.WriteArtifacts(j.dir, result, measured)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: accuracy %v\n", filepath.Join(j.dir, fit.ModelFile), rep)
	if rep.Drawn != nil {
		fmt.Fprintf(stdout, "on %s: accuracy %v\n", rep.Drawn.Dataset, rep.Drawn)
	}
	return os.Remove(config.Checkpoint.String())
}

// prepare gathers what the run needs and the drawings to measure it on, if any.
func (j fitJob) prepare() (c fit.Config, measured *drawn.Set, err error) {
	var drawings []drawn.Drawn
	for _, path := range j.strokes {
		more, err := drawn.Load(path, drawn.Both)
		if err != nil {
			return c, nil, err
		}
		drawings = append(drawings, more...)
	}
	if measured, err = loadDigits(j.drawn); err != nil {
		return c, nil, err
	}
	if n := measured.Shared(drawings); n > 0 {
		return c, nil, fmt.Errorf("%d of the drawings in %s are trained on too, so their score would say nothing about others: choose writers who are in one of the two only, as in FILE@w25..w30", n, j.drawn)
	}
	if n := pretrained.Seen(j.recipe, measured); n > 0 {
		return c, nil, fmt.Errorf("%s learns from %s, which was trained on %d of the drawings in %s, so their score would say nothing about others: choose other writers, as in FILE@w25..w30", j.recipe.Name, cmp.Or(j.recipe.Start, j.recipe.Teacher), n, j.drawn)
	}
	c = fit.Config{Recipe: j.recipe, Checkpoint: fit.CheckpointFile(filepath.Join(j.dir, checkpointFile)), Resume: j.resume}
	if c.Data, err = fit.LoadData(j.recipe, drawings); err != nil {
		return c, nil, err
	}
	if c.Teacher, err = pretrained.Model(j.recipe.Teacher); err != nil {
		return c, nil, err
	}
	if c.Start, err = pretrained.Model(j.recipe.Start); err != nil {
		return c, nil, err
	}
	c.Backend, err = cpu.Open()
	return c, measured, err
}

// takeOut makes the directory, shows that it can be written to, before hours are
// spent on what cannot be kept, and takes it for this process.
func takeOut(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("%w: give another --out", err)
	}
	release, err = lock.Dir(dir)
	if errors.Is(err, lock.ErrTaken) {
		return nil, fmt.Errorf("another fit is training in %s: let it end, or give another --out", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be written to: %w: give another --out", dir, err)
	}
	return release, nil
}

// held says what keeps a new run from starting in dir.
func held(dir string) error {
	there := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	}
	switch {
	case there(checkpointFile):
		return fmt.Errorf("%s holds an unfinished run: add --resume to go on with it, or --force to start again", dir)
	case there(fit.ModelFile):
		return fmt.Errorf("%s holds a trained model: give another --out, or add --force to train over it", dir)
	}
	return nil
}

// loadDigits reads the drawings to measure on, nil for none.
func loadDigits(path string) (*drawn.Set, error) {
	if path == "" {
		return nil, nil
	}
	return drawn.LoadSet(path)
}
