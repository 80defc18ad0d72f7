package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rakam/trainer/drawn"
	"rakam/trainer/mnist"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

func evalCommand(_ context.Context, args []string, stdout, _ io.Writer) error {
	flags := newFlags("eval", "--model FILE [--images IDX --labels IDX | --strokes JSONL] [--json]",
		"Measures a model file on MNIST's 10,000 test images, or on the data given, and\n"+
			"prints the classification report.", stdout)
	model := flags.String("model", "", "`file`, a model.safetensors, to measure")
	images := flags.String("images", "", "IDX `file` of images, .gz or not")
	labels := flags.String("labels", "", "IDX `file` of their labels, .gz or not")
	strokes := flags.String("strokes", "", "stroke `file`, .gz or not")
	asJSON := flags.Bool("json", false, "print report.json and nothing else")
	if err := parse(flags, args, nil); err != nil {
		return err
	}
	switch {
	case *model == "":
		return usageError{errors.New("give --model")}
	case (*images == "") != (*labels == ""):
		return usageError{errors.New("--images and --labels belong together: give both")}
	case *images != "" && *strokes != "":
		return usageError{errors.New("give either --images and --labels, or --strokes")}
	}
	file, err := os.ReadFile(*model)
	if err != nil {
		return err
	}
	if _, err := nn.Decode(file); err != nil {
		return fmt.Errorf("%s: %w", *model, err)
	}
	r, err := evaluate(file, *images, *labels, *strokes)
	if err != nil {
		return err
	}
	if *asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	return r.WriteText(stdout)
}

func evaluate(file []byte, images, labels, strokes string) (*report.Report, error) {
	switch {
	case strokes != "":
		drawings, err := drawn.Load(strokes)
		if err != nil {
			return nil, err
		}
		return report.Evaluate(file, report.Drawings(drawings), filepath.Base(strokes))
	case images != "":
		set, err := loadIDX(images, labels)
		if err != nil {
			return nil, err
		}
		return report.Evaluate(file, set, filepath.Base(images))
	}
	return report.EvaluateMNIST(file)
}

func loadIDX(images, labels string) (mnist.Set, error) {
	im, err := os.ReadFile(images)
	if err != nil {
		return mnist.Set{}, err
	}
	lb, err := os.ReadFile(labels)
	if err != nil {
		return mnist.Set{}, err
	}
	set, err := mnist.Parse(im, lb)
	if err != nil {
		return set, fmt.Errorf("%s and %s: %w", images, labels, err)
	}
	return set, nil
}
