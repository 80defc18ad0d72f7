package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // registers "go"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"rakam/trainer/cpu"
	"rakam/trainer/drawn"
	"rakam/trainer/fit"
	"rakam/trainer/recipe"
)

// checkpointFile lies in the output directory until the run is done.
const checkpointFile = "checkpoint"

func fitCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("fit", "--recipe NAME --out DIR [flags]",
		"Trains a recipe and writes model.safetensors, report.json, history.json and a\n"+
			"model card to DIR. Ctrl-C keeps a checkpoint there; --resume goes on from it.", stdout)
	name := flags.String("recipe", "", "`name` of what to train: see trainer recipes")
	dir := flags.String("out", "", "`directory` to write to; made if it is not there")
	epochs := flags.Int("epochs", 0, "`number` instead of the recipe's")
	batchSize := flags.Int("batch-size", 0, "`number` of images instead of the recipe's")
	seed := flags.Uint64("seed", 0, "`number` instead of the recipe's: decides initial weights and order of images")
	strokes := flags.StringArray("strokes", nil, "train on the drawings in this stroke `file` too; may be repeated")
	digits := flags.String("drawn", "", "measure the model on the drawings in this stroke `file` too; none of them may be trained on")
	resume := flags.Bool("resume", false, "go on from the checkpoint in DIR")
	var more []string
	if err := parse(flags, args, &more); err != nil {
		return err
	}
	if len(more) > 0 && len(*strokes) == 0 {
		return usageError{fmt.Errorf("what is %q?", more[0])}
	}
	if *name == "" || *dir == "" {
		return usageError{errors.New("give --recipe and --out")}
	}
	r, err := recipe.Find(*name)
	if err != nil {
		return usageError{err}
	}
	if flags.Changed("epochs") {
		r.Epochs = *epochs
	}
	if flags.Changed("batch-size") {
		r.BatchSize = *batchSize
	}
	if flags.Changed("seed") {
		r.Seed = *seed
	}
	if err := r.Validate(); err != nil {
		return usageError{err}
	}
	return fitTo(ctx, r, *dir, append(*strokes, more...), *digits, *resume, stdout, stderr)
}

// fitTo trains r and writes what comes of it to dir, measured on digits too
// unless that is "".
func fitTo(ctx context.Context, r recipe.Recipe, dir string, strokes []string, digits string, resume bool, stdout, stderr io.Writer) error {
	checkpoint := filepath.Join(dir, checkpointFile)
	if _, err := os.Stat(checkpoint); err == nil && !resume {
		return fmt.Errorf("%s holds an unfinished run: add --resume to go on with it, or delete %s to start again", dir, checkpoint)
	}
	var drawings []drawn.Drawn
	for _, path := range strokes {
		more, err := drawn.Load(path)
		if err != nil {
			return err
		}
		drawings = append(drawings, more...)
	}
	measured, err := loadDigits(digits)
	if err != nil {
		return err
	}
	if n := shared(drawings, measured); n > 0 {
		return fmt.Errorf("%d of the drawings in %s are trained on too, so their score would say nothing about others: choose writers who are in one of the two only, as in FILE@w25..w30", n, digits)
	}
	data, err := fit.LoadData(r, drawings)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	backend, err := newBackend()
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s: %s, %d images, %d epochs of %d; %s\n",
		r.Name, r.Spec, data.Train.Len(), r.Epochs, r.BatchSize, backend.Description())
	progress, done := newProgress(stderr)
	result, err := fit.Run(ctx, fit.Config{
		Recipe: r, Data: data, Backend: backend,
		Checkpoint: fit.CheckpointFile(checkpoint), Resume: resume, Progress: progress,
	})
	done()
	if errors.Is(err, context.Canceled) && !errors.Is(err, fit.ErrUnsaved) {
		fmt.Fprintf(stderr, "Stopped. What is trained so far is kept in %s: the same command with --resume goes on.\n", checkpoint)
	}
	if err != nil {
		return err
	}
	rep, err := fit.WriteArtifacts(dir, result, measured)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: accuracy %v\n", filepath.Join(dir, "model.safetensors"), rep)
	if rep.Drawn != nil {
		fmt.Fprintf(stdout, "on %s: accuracy %v\n", rep.Drawn.Dataset, rep.Drawn)
	}
	return os.Remove(checkpoint)
}

// loadDigits reads the drawings to measure on, nil for none.
func loadDigits(path string) (*drawn.Set, error) {
	if path == "" {
		return nil, nil
	}
	return drawn.LoadSet(path)
}

// shared counts the drawings of digits, which may be nil, that are trained on too.
func shared(trained []drawn.Drawn, digits *drawn.Set) int {
	if digits == nil || len(trained) == 0 {
		return 0
	}
	seen := map[string]bool{}
	for _, d := range trained {
		seen[fmt.Sprint(d.Strokes)] = true
	}
	n := 0
	for _, d := range digits.Drawings {
		if seen[fmt.Sprint(d.Strokes)] {
			n++
		}
	}
	return n
}

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

// newProgress returns how progress is shown, a bar on a terminal and a line an
// epoch elsewhere, and what to call in the end.
func newProgress(w io.Writer) (show func(fit.Progress), done func()) {
	line := func(p fit.Progress) {
		e := p.Finished
		fmt.Fprintf(w, "epoch %*d/%d  loss %.4f  accuracy %.4f  val_loss %.4f  val_accuracy %.4f  %.1f s  ETA %s\n",
			len(fmt.Sprint(p.Epochs)), p.Epoch, p.Epochs, e.Loss, e.Accuracy, e.ValLoss, e.ValAccuracy, e.Seconds,
			p.Remaining.Round(time.Second))
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(p fit.Progress) {
			if p.Finished != nil {
				line(p)
			}
		}, func() {}
	}
	var bar *progressbar.ProgressBar
	show = func(p fit.Progress) {
		if bar == nil {
			bar = newBar(w, p.Epochs*p.Steps)
		}
		if p.Finished != nil {
			_ = bar.Clear()
			line(p)
		}
		bar.Describe(fmt.Sprintf("epoch %d/%d  loss %.4f  accuracy %.4f  ETA %s",
			p.Epoch, p.Epochs, p.Loss, p.Accuracy, p.Remaining.Round(time.Second)))
		_ = bar.Set((p.Epoch-1)*p.Steps + p.Step)
	}
	return show, func() {
		if bar != nil {
			_ = bar.Clear()
		}
	}
}

func newBar(w io.Writer, steps int) *progressbar.ProgressBar {
	return progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(8),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false),
	)
}
