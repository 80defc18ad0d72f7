package fit

import (
	"strings"
	"testing"

	"rakam/trainer/mnist"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// TestChoosePrecision: weights so small that half precision makes them zero
// stay in single precision; a trained network's do not need it.
func TestChoosePrecision(t *testing.T) {
	tiny, err := nn.New(nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid}}})
	if err != nil {
		t.Fatal(err)
	}
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	const n = 2000
	for i := range n { // each digit's mean image is its weights
		for j, p := range train.Image(i) {
			tiny.Params[0].Weight[j*nn.Classes+train.Label(i)] += 2e-8 * float32(p) / 255 / (n / nn.Classes)
		}
	}
	if p, err := choosePrecision(tiny); err != nil || p != nn.Single {
		t.Errorf("precision %q, %v; want single", p, err)
	}
	if p, err := choosePrecision(mustRun(t, config(t, small())).Model); err != nil || p != nn.Half {
		t.Errorf("precision %q, %v; want half", p, err)
	}
}

// TestCardCredits: a card names what a run trained on beside MNIST, and offers
// no command that would train something else.
func TestCardCredits(t *testing.T) {
	res := mustRun(t, config(t, small()))
	rep := &report.Report{}
	plain, err := renderCard(res, rep, 1)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(plain), "Beside MNIST") || strings.Contains(string(plain), "Alpaydin") {
		t.Errorf("the card of a run on MNIST alone:\n%s", plain)
	}
	res.Drawings = &Drawings{Count: 7, Pendigits: true}
	drawn, err := renderCard(res, rep, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Beside MNIST it trained on 7 drawings", "E. Alpaydin, F. Alimoglu", "CC BY 4.0"} {
		if !strings.Contains(string(drawn), want) {
			t.Errorf("the card lacks %q:\n%s", want, drawn)
		}
	}
	if strings.Contains(string(drawn), "bin/trainer fit") {
		t.Errorf("the card gives a command without the drawings:\n%s", drawn)
	}
}

// TestCardSaysHow: the card names what the recipes beside the tutorial's do.
func TestCardSaysHow(t *testing.T) {
	r := recipe.Limit()
	r.Teacher, r.Start, r.Dropout, r.BatchNorm, r.Augment.Weight, r.Augment.Blur, r.AugmentStrokes.Gap = "best", "limit", 0.4, true, 0.3, 0.45, 0.35
	r.AugmentStrokes.Weight, r.AugmentStrokes.Blur, r.AugmentStrokes.Paper = 1.3, 0.6, 0.15
	before := 0.0123
	res := &Result{Model: &nn.Model{Spec: r.Spec, Meta: nn.Meta{Recipe: r.JSON()}}, Drawings: &Drawings{Count: 7}, History: make([]report.Epoch, r.Epochs)}
	rep := &report.Report{}
	rep.Calibration.Before = &before
	text, err := renderCard(res, rep, 1)
	if err != nil {
		t.Fatal(err)
	}
	card := strings.Join(strings.Fields(string(text)), " ")
	for _, want := range []string{
		"adamw (learning rate 0.002, momentum 0.9, rho 0.999, epsilon 1e-08, weight decay 0.05)",
		"5000 training images were held out for validation", "calibrated on them at the end", "expected calibration error was 1.23 %",
		"fell to zero (cosine)", "running mean over the steps (decay 0.999)",
		"but for a share of 0.25: standard deviations of 6° in rotation", "0.35 drawings, 0.25 digits of Rakam's own generator and 0.3 drawings that are no digits",
		"the probabilities that the version `best` gives", "It began with the weights of the version `limit`.", "left out a share of 0.4 of the inputs",
		"was normalised over each batch", "0.45 px in the blur of half of them, 0.3 px in the weight of strokes.", "in a share of 0.15 of the drawings", "heavier by 1.3 px on each side before they were made to fit and the image blurred by 0.6 px", "in a share of 0.35 of the digits the pen skipped a piece",
	} {
		if !strings.Contains(card, want) {
			t.Errorf("the card lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(card, "crossed 7") {
		t.Error("the card says it has seen MNIST alone")
	}
}
