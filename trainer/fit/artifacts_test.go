package fit

import (
	"strings"
	"testing"

	"rakam/trainer/mnist"
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
