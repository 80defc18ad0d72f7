package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"rakam/trainer/export"
	"rakam/trainer/fit"
)

func exportCommand(_ context.Context, args []string, stdout, _ io.Writer) error {
	flags := newFlags("export", "--model FILE --format onnx|safetensors|json --out FILE",
		"Writes a model for other programs, its weights in single precision. The networks\n"+
			"of an ensemble, spec 2x(…), read the same image; their logits are averaged, then\n"+
			"comes the sigmoid.\n\n"+
			"  onnx         from \"image\", [N, 784], 28×28 pixels row by row, ink 1 and paper 0,\n"+
			"               to \"probabilities\", [N, 10]; opset 13\n"+
			"  safetensors  a model file like the one given: layers.N.weight, [in, out] or\n"+
			"               [side, side, in, out] of a convolution, and layers.N.bias; of an\n"+
			"               ensemble members.K.layers.N.weight and members.K.layers.N.bias\n"+
			"  json         one object: metadata, \"spec\", and in \"params\" the \"shape\",\n"+
			"               \"weight\" (row-major) and \"bias\" of each layer, network after network", stdout)
	model := flags.String("model", "", "`file`, a model.safetensors, to export")
	format := flags.String("format", "", "`name` of the format")
	out := flags.String("out", "", "`file` to write")
	if err := parse(flags, args, nil); err != nil {
		return err
	}
	if *model == "" || *format == "" || *out == "" {
		return usageError{errors.New("give --model, --format and --out")}
	}
	encode, err := export.Find(*format)
	if err != nil {
		return usageError{err}
	}
	_, m, err := readModel(*model)
	if err != nil {
		return err
	}
	b, err := encode(m)
	if err != nil {
		return fmt.Errorf("%s: %w", *model, err)
	}
	return writeFile(*out, b, "--out")
}

// writeFile writes a file that a flag names.
func writeFile(path string, b []byte, flag string) error {
	if err := fit.WriteFile(path, b); err != nil {
		return fmt.Errorf("%w: give another %s", err, flag)
	}
	return nil
}
