package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	"rakam/trainer/drawn"
	"rakam/trainer/drawn/hand"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// drawFlags says what to draw.
type drawFlags struct {
	digits, others int
	heldOut        bool // of the others the shapes that no training sees, else those that it does
	seed           uint64
	out, sheet     string
}

// drawCommand writes what the generator draws, as strokes or as a picture.
func drawCommand(_ context.Context, args []string, stdout, _ io.Writer) error {
	flags := newFlags("draw", "{--digits N | --others N [--held-out]} --out FILE | --sheet FILE",
		"Draws digits in the forms that are written around the world, or what is no\n"+
			"digit, as a stroke file; or a picture with ten of each form and kind.", stdout)
	var d drawFlags
	flags.IntVar(&d.digits, "digits", 0, "`number` of digits, labelled, 0 to 9 in turn")
	flags.IntVar(&d.others, "others", 0, "`number` of drawings that are no digit, without labels, of the kinds that training sees")
	flags.BoolVar(&d.heldOut, "held-out", false, "of the letters, signs and doodles that no training sees, instead")
	flags.Uint64Var(&d.seed, "seed", 1, "the same `number` draws the same")
	flags.StringVar(&d.out, "out", "", "stroke `file` to write")
	flags.StringVar(&d.sheet, "sheet", "", "PNG `file` to write")
	if err := parse(flags, args, nil); err != nil {
		return err
	}
	if err := d.check(); err != nil {
		return usageError{err}
	}
	// A stream of its own: with a seed of a recipe it does not draw what that trained on.
	rng := rand.New(rand.NewPCG(d.seed, 0x64726177))
	var buf bytes.Buffer
	if d.sheet != "" {
		if err := hand.Sheet(&buf, abreast(append(hand.Digits(rng, 10), hand.Others(rng, 10)...)), 1); err != nil {
			return err
		}
		return writeFile(d.sheet, buf.Bytes(), "--sheet")
	}
	content := drawn.Digits
	if d.others > 0 {
		content = drawn.NoDigits
	}
	if err := drawn.Write(&buf, d.draw(rng), content); err != nil {
		return err
	}
	return writeFile(d.out, buf.Bytes(), "--out")
}

// abreast puts four rows beside each other, so that a picture of them is not tall.
func abreast(rows [][]ink.Drawing) (wide [][]ink.Drawing) {
	for four := range slices.Chunk(rows, 4) {
		wide = append(wide, slices.Concat(four...))
	}
	return wide
}

func (d *drawFlags) check() error {
	switch {
	case d.out == "" && d.sheet == "":
		return errors.New("give --out, a stroke file to write, or --sheet, a picture")
	case d.out != "" && d.sheet != "":
		return errors.New("give --out or --sheet, not both")
	case d.out != "" && d.digits == 0 && d.others == 0:
		return errors.New("give --digits or --others, and how many")
	case d.out != "" && d.digits != 0 && d.others != 0:
		return errors.New("give --digits or --others, not both: they are files of their own")
	case d.sheet != "" && (d.digits != 0 || d.others != 0):
		return errors.New("--sheet shows every form and kind: give no number")
	case d.heldOut && d.others == 0:
		return errors.New("--held-out goes with --others")
	case d.digits < 0 || d.others < 0 || max(d.digits, d.others) > 1_000_000:
		return errors.New("give a number from 1 to 1,000,000")
	}
	return nil
}

func (d *drawFlags) draw(rng *rand.Rand) (list []drawn.Drawn) {
	for i := range d.digits {
		label := i % nn.Classes
		list = append(list, drawn.Drawn{ID: fmt.Sprintf("drawn/%d", i), Label: label, Writer: "rakam", Strokes: hand.Digit(rng, label)})
	}
	other := hand.Other
	if d.heldOut {
		other = hand.Unseen
	}
	for range d.others {
		strokes, kind := other(rng)
		list = append(list, drawn.Drawn{ID: fmt.Sprintf("drawn/%s/%d", kind, len(list)), Label: drawn.Unlabelled, Writer: "rakam", Strokes: strokes})
	}
	return list
}
