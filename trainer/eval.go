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
	"rakam/trainer/fit"
	"rakam/trainer/mnist"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// evalFlags says what to measure, and on what: MNIST's test images unless one of
// the others is given.
type evalFlags struct {
	model          string
	images, labels string
	strokes        string // labelled drawings
	others         string // drawings that are no digits
	robustness     bool   // of the strokes
	add, json      bool
}

func evalCommand(_ context.Context, args []string, stdout, _ io.Writer) error {
	flags := newFlags("eval", "--model FILE [--images IDX --labels IDX | --strokes FILE [--robustness] | --others FILE] [--add] [--json]",
		"Measures a model file on MNIST's 10,000 test images, or on the data given, and\n"+
			"prints the classification report. Drawings are read as the drawing page reads\n"+
			"them, from one JSON object a line, y down and in any scale,\n"+
			`    {"id":"a","label":7,"writer":"me","strokes":[[[0,0],[12,0],[4,20]]]}`+"\n"+
			"or from UCI's original pendigits; FILE@w25..w30,w03 takes the drawings by these\n"+
			"writers only.", stdout)
	var e evalFlags
	flags.StringVar(&e.model, "model", "", "`file`, a model.safetensors, to measure")
	flags.StringVar(&e.images, "images", "", "IDX `file` of images, .gz or not")
	flags.StringVar(&e.labels, "labels", "", "IDX `file` of their labels, .gz or not")
	flags.StringVar(&e.strokes, "strokes", "", "stroke `file` of digits, .gz or not, none with the label null: the scores of the best guess, and the verdicts")
	flags.StringVar(&e.others, "others", "", "stroke `file` of drawings that are no digits, without labels: how many are refused")
	flags.BoolVar(&e.robustness, "robustness", false, "read --strokes changed in several ways too: turned, leaning, narrow, shaky, gone over, blurred …")
	flags.BoolVar(&e.add, "add", false, "keep what --strokes or --others gives in the report.json beside the model, and the scores in its card")
	flags.BoolVar(&e.json, "json", false, "print report.json and nothing else")
	if err := parse(flags, args, nil); err != nil {
		return err
	}
	if err := e.check(); err != nil {
		return usageError{err}
	}
	measured, err := e.measure()
	if err != nil {
		return err
	}
	if e.json {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(measured)
	}
	return measured.WriteText(stdout)
}

func (e *evalFlags) check() error {
	given := 0
	for _, data := range []string{e.images, e.strokes, e.others} {
		if data != "" {
			given++
		}
	}
	switch {
	case e.model == "":
		return errors.New("give --model")
	case (e.images == "") != (e.labels == ""):
		return errors.New("--images and --labels belong together: give both")
	case given > 1:
		return errors.New("give either --images and --labels, or --strokes, or --others")
	case e.robustness && e.strokes == "":
		return errors.New("--robustness goes with --strokes: it is drawings that are changed")
	case e.add && e.strokes == "" && e.others == "":
		return errors.New("--add goes with --strokes or --others: a report.json on MNIST is made with its model")
	}
	return nil
}

// measured is a *report.Report or a *report.Others.
type measured interface{ WriteText(io.Writer) error }

// measure reads the model and the data, and keeps the result where that is asked
// for.
func (e *evalFlags) measure() (measured, error) {
	file, _, err := readModel(e.model)
	if err != nil {
		return nil, err
	}
	switch {
	case e.strokes != "":
		return e.measureDigits(file)
	case e.others != "":
		return e.measureOthers(file)
	case e.images != "":
		set, err := loadIDX(e.images, e.labels)
		if err != nil {
			return nil, err
		}
		return report.Evaluate(file, set, filepath.Base(e.images))
	}
	return report.EvaluateMNIST(file)
}

// readModel reads a model file.
func readModel(path string) (file []byte, m *nn.Model, err error) {
	if file, err = readFile(path, "the model.safetensors"); err != nil {
		return nil, nil, err
	}
	if m, err = nn.Decode(file); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return file, m, nil
}

// readFile reads a file; want is what to give instead of a folder.
func readFile(path, want string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder: give %s in it", path, want)
	}
	return os.ReadFile(path)
}

func (e *evalFlags) measureDigits(file []byte) (measured, error) {
	set, err := drawn.LoadSet(e.strokes)
	if err != nil {
		return nil, err
	}
	r, err := report.EvaluateDrawn(file, set)
	if err == nil && e.robustness {
		r.Robustness, err = report.EvaluateRobustness(file, set)
	}
	if err == nil && e.add {
		err = fit.Amend(filepath.Dir(e.model), r, nil)
	}
	return r, err
}

func (e *evalFlags) measureOthers(file []byte) (measured, error) {
	list, err := drawn.Load(e.others, drawn.NoDigits)
	if err != nil {
		return nil, err
	}
	o, err := report.EvaluateOthers(file, list, filepath.Base(e.others))
	if err == nil && e.add {
		err = fit.Amend(filepath.Dir(e.model), nil, o)
	}
	return o, err
}

func loadIDX(images, labels string) (mnist.Set, error) {
	im, err := readFile(images, "the IDX file")
	if err != nil {
		return mnist.Set{}, err
	}
	lb, err := readFile(labels, "the IDX file")
	if err != nil {
		return mnist.Set{}, err
	}
	set, err := mnist.Parse(im, lb)
	if err != nil {
		return set, fmt.Errorf("%s and %s: %w", images, labels, err)
	}
	return set, nil
}
