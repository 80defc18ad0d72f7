package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

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
	seed := flags.Uint64("seed", 0, "`number` instead of the recipe's: decides the initial weights, the order of the images and all that is varied")
	networks := flags.Int("networks", 0, "`number` of networks that are trained apart and read together, instead of the recipe's")
	focus := flags.StringToString("focus", nil, "how often `digits` are taken compared with the others, as in 8=2,9=2")
	flags.Lookup("focus").DefValue = "" // said as [] otherwise
	strokes := flags.StringArray("strokes", nil, "train on the drawings in this stroke `file` too, on those with the label null as no digits; may be repeated")
	digits := flags.String("drawn", "", "measure the model on the drawings in this stroke `file` too; none of them may be trained on")
	resume := flags.Bool("resume", false, "go on from the checkpoint in DIR")
	force := flags.Bool("force", false, "train over what DIR holds, a model or an unfinished run")
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
	if *resume && *force {
		return usageError{errors.New("give --resume to go on with what is there, or --force to train over it")}
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
	if flags.Changed("networks") {
		if r.Start != "" {
			return usageError{fmt.Errorf("%s goes on from %s and has its networks: leave --networks out", r.Name, r.Start)}
		}
		if r.Spec, err = r.Spec.Times(*networks); err != nil {
			return usageError{err}
		}
	}
	if flags.Changed("seed") {
		r.Seed = *seed
	}
	if r.Focus, err = readFocus(*focus); err != nil {
		return usageError{err}
	}
	if err := r.Validate(); err != nil {
		return usageError{err}
	}
	release, err := takeOut(*dir)
	if err != nil {
		return err
	}
	job := fitJob{recipe: r, dir: *dir, strokes: append(*strokes, more...), drawn: *digits, resume: *resume, force: *force}
	err = job.run(ctx, stdout, stderr)
	return errors.Join(err, release())
}

// readFocus makes weights of digits a focus; a digit that is not named has 1.
func readFocus(weights map[string]string) (f recipe.Focus, err error) {
	if len(weights) == 0 {
		return f, nil
	}
	for d := range f {
		f[d] = 1
	}
	for digit, w := range weights {
		d, err := strconv.Atoi(digit)
		if err != nil || d < 0 || d >= len(f) {
			return f, fmt.Errorf("--focus names %q, want a digit, as in 8=2,9=2", digit)
		}
		if f[d], err = strconv.ParseFloat(w, 64); err != nil {
			return f, fmt.Errorf("--focus gives %d the weight %q, want a number, as in 8=2,9=1.5", d, w)
		}
	}
	return f, nil
}
