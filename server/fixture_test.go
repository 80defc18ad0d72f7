package main

import (
	"math"
	"math/rand/v2"
	"testing"

	"rakam/trainer/pretrained"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// measuredConfusion is what a network of 98.05 % might get on MNIST's test
// digits: the rows add up to MNIST's own counts.
var measuredConfusion = [nn.Classes][nn.Classes]int{
	{971, 0, 1, 1, 1, 1, 2, 1, 2, 0},
	{0, 1126, 3, 1, 0, 1, 2, 1, 1, 0},
	{4, 1, 1009, 5, 2, 0, 2, 5, 4, 0},
	{0, 0, 4, 992, 0, 5, 0, 4, 3, 2},
	{1, 0, 2, 0, 962, 0, 4, 1, 0, 12},
	{2, 0, 0, 9, 1, 870, 4, 1, 3, 2},
	{4, 2, 0, 1, 4, 5, 940, 0, 2, 0},
	{1, 4, 9, 3, 1, 0, 0, 1004, 2, 4},
	{4, 0, 3, 8, 4, 4, 3, 4, 941, 3},
	{3, 4, 0, 5, 8, 3, 0, 5, 1, 980},
}

// claim is a reading by a network that says what it is told.
type claim struct {
	truth, predicted int
	ink              float32 // of the pixel that speaks for predicted
}

// claims are labelled images whose first ten pixels stand for the ten digits.
type claims []claim

func (c claims) Len() int        { return len(c) }
func (c claims) Label(i int) int { return c[i].truth }
func (c claims) Ink(dst []float32, i int) {
	clear(dst)
	dst[c[i].predicted] = c[i].ink
}

// obedient is a model that answers with the digit of the pixel that has ink.
func obedient(name string) *nn.Model {
	layer := nn.Params{Weight: make([]float32, nn.ImageSize*nn.Classes), Bias: make([]float32, nn.Classes)}
	for class := range nn.Classes {
		layer.Bias[class] = -6
		layer.Weight[class*nn.Classes+class] = 13
	}
	r := recipe.Seed()
	r.Spec = nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid}}}
	return &nn.Model{Spec: r.Spec, Params: []nn.Params{layer}, Meta: nn.Meta{
		Name: name, Recipe: r.JSON(), Classes: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, DataHash: "cafe",
	}}
}

// measuredVersion is a version whose report the real evaluation has made, with
// this confusion matrix, on digits that stand for MNIST's.
func measuredVersion(t testing.TB, id string, confusion [nn.Classes][nn.Classes]int) pretrained.Version {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var set claims
	for truth, row := range confusion {
		for predicted, n := range row {
			for range n {
				sure := math.Pow(random.Float64(), 0.05) // most claims are near 1
				if predicted != truth {
					sure = random.Float64()
				}
				set = append(set, claim{truth, predicted, float32(0.4 + 0.6*sure)})
			}
		}
	}
	random.Shuffle(len(set), func(i, j int) { set[i], set[j] = set[j], set[i] })
	model := obedient(id)
	file, err := model.Encode(nn.Single)
	if err != nil {
		t.Fatal(err)
	}
	measured, err := report.Evaluate(file, set, report.MNISTTest)
	if err != nil {
		t.Fatal(err)
	}
	hits := measured.Samples - len(measured.Mistakes)
	measured.Undisputed = &report.Subset{
		Samples: measured.Samples - 15, Accuracy: float64(hits) / float64(measured.Samples-15),
		AccuracyInterval: report.Wilson(hits, measured.Samples-15),
	}
	return pretrained.Version{ID: id, Model: model, File: file, Card: []byte("# " + id), Report: measured, History: fixtureHistory(20)}
}

// fixtureHistory falls the way a loss does; its test loss turns up at the end.
func fixtureHistory(epochs int) []report.Epoch {
	var history []report.Epoch
	for e := 1; e <= epochs; e++ {
		x := float64(e)
		history = append(history, report.Epoch{
			Epoch: e, Loss: 0.06*math.Exp(-x/4) + 0.0004, Accuracy: 0.9998 - 0.11*math.Exp(-x/3.5),
			ValLoss: 0.03*math.Exp(-x/3) + 0.011 + 0.0002*x, ValAccuracy: 0.9805 - 0.05*math.Exp(-x/3), Seconds: 7.5,
		})
	}
	return history
}
