package report

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"rakam/trainer/mnist"
	"rakam/wasm/nn"
)

// pixelModel reads the digit from which of the first ten pixels is inked.
func pixelModel(t *testing.T) []byte {
	t.Helper()
	m, err := nn.New(nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid}}})
	if err != nil {
		t.Fatal(err)
	}
	for c := range nn.Classes {
		m.Params[0].Weight[c*nn.Classes+c] = 4
		m.Params[0].Bias[c] = -2
	}
	m.Meta.Name = "pixel"
	file, err := m.Encode(nn.Half)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// samples returns images that pixelModel reads as read, labelled as labels.
func samples(labels, read []uint8) mnist.Set {
	set := mnist.Set{Images: make([]uint8, len(labels)*nn.ImageSize), Labels: labels}
	for i, c := range read {
		set.Images[i*nn.ImageSize+int(c)] = 255
	}
	return set
}

// broken panics where the measuring asks it for an image.
type broken struct{ mnist.Set }

func (broken) Ink([]float32, int) { panic("no such image") }

// TestPanicWhileMeasuring: a panic on one of the goroutines that measure reaches
// who asked, and with it where it was.
func TestPanicWhileMeasuring(t *testing.T) {
	defer func() {
		if p := fmt.Sprint(recover()); !strings.HasPrefix(p, "no such image\n") || !strings.Contains(p, "report.broken.Ink") {
			t.Errorf("the caller gets %q", p)
		}
	}()
	_, err := Evaluate(pixelModel(t), broken{samples(make([]uint8, 9), make([]uint8, 9))}, "broken")
	t.Errorf("there is no panic (%v)", err)
}

// TestEvaluate checks every number against a hand-computed example.
func TestEvaluate(t *testing.T) {
	labels := []uint8{0, 0, 0, 0, 1, 1, 2, 2, 2, 3}
	read := []uint8{0, 0, 0, 1, 1, 0, 2, 2, 1, 2}
	r, err := Evaluate(pixelModel(t), samples(labels, read), "example")
	if err != nil {
		t.Fatal(err)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s = %v, want %v", what, got, want)
		}
	}
	near("accuracy", r.Accuracy, 0.6)
	near("precision of 0", r.Classes["0"].Precision, 3.0/4)
	near("recall of 0", r.Classes["0"].Recall, 3.0/4)
	near("precision of 1", r.Classes["1"].Precision, 1.0/3)
	near("recall of 1", r.Classes["1"].Recall, 1.0/2)
	near("F1 of 1", r.Classes["1"].F1, 0.4)
	near("F1 of 2", r.Classes["2"].F1, 2.0/3)
	near("precision of 3, never read", r.Classes["3"].Precision, 0)
	near("recall of 4, never shown", r.Classes["4"].Recall, 0)
	near("macro recall", r.MacroAvg.Recall, (0.75+0.5+2.0/3)/10)
	near("weighted recall is the accuracy", r.WeightedAvg.Recall, r.Accuracy)
	near("weighted precision", r.WeightedAvg.Precision, (4*0.75+2.0/3+3*2.0/3)/10)

	yes, no := 1/(1+math.Exp(-2)), 1/(1+math.Exp(2))
	hit := -(math.Log(yes) + 9*math.Log(1-no)) / 10
	miss := -(math.Log(no) + math.Log(1-yes) + 8*math.Log(1-no)) / 10
	near("loss", r.Loss, 0.6*hit+0.4*miss)
	near("ECE", r.Calibration.ECE, yes-0.6)

	if r.Confusion[0] != [10]int{3, 1} || r.Confusion[3] != [10]int{0, 0, 1} {
		t.Errorf("confusion %v", r.Confusion)
	}
	if r.Samples != 10 || r.MacroAvg.Support != 10 || r.Classes["2"].Support != 3 {
		t.Errorf("support does not add up: %+v", r.Classes)
	}
	var indices []int
	for _, m := range r.Mistakes {
		indices = append(indices, m.Index)
	}
	if !slices.Equal(indices, []int{3, 5, 8, 9}) {
		t.Errorf("mistakes at %v", indices)
	}
	if weakest := r.Weakest(1); weakest[0] != 3 {
		t.Errorf("weakest is %v, want 3", weakest)
	}
	if got := r.Confusions(99); len(got) != 4 || got[0].Count != 1 {
		t.Errorf("confusions %v", got)
	}
	if total := r.Calibration.Bins[8].Count; total != 10 {
		t.Errorf("bin of %v holds %d, want all", yes, total)
	}
}

func TestEvaluateRefuses(t *testing.T) {
	if _, err := Evaluate([]byte("no"), samples([]uint8{1}, []uint8{1}), ""); err == nil {
		t.Errorf("a file that is no model was evaluated")
	}
	if _, err := Evaluate(pixelModel(t), mnist.Set{}, ""); err == nil {
		t.Errorf("an empty set was evaluated")
	}
}

// TestEvaluateMNIST: the network sees corners only, so it knows nothing.
func TestEvaluateMNIST(t *testing.T) {
	r, err := EvaluateMNIST(pixelModel(t))
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, row := range r.Confusion {
		for _, n := range row {
			sum += n
		}
	}
	if sum != 10_000 || r.Confusion[7][0] != 1028 || len(r.Mistakes) != 10_000-980 {
		t.Errorf("confusion sums to %d, %d sevens read as 0, %d mistakes", sum, r.Confusion[7][0], len(r.Mistakes))
	}
	if r.Undisputed.Samples != 10_000-15 {
		t.Errorf("%d undisputed samples", r.Undisputed.Samples)
	}
}

// TestWilson: the expected values were computed apart from this code, in Python.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n     int
		low, upp float64
	}{
		{0, 10, 0, 0.277533}, {10, 10, 0.722467, 1}, {5, 10, 0.236593, 0.763407}, {9796, 10000, 0.976640, 0.982192},
	} {
		got := Wilson(c.k, c.n)
		if math.Abs(got[0]-c.low) > 2e-6 || math.Abs(got[1]-c.upp) > 2e-6 {
			t.Errorf("Wilson(%d, %d) = %v, want %v, %v", c.k, c.n, got, c.low, c.upp)
		}
	}
	if Wilson(0, 0) != [2]float64{0, 1} {
		t.Errorf("without data the interval is %v, want everything", Wilson(0, 0))
	}
}

// TestJSON holds the names that other programs rely on.
func TestJSON(t *testing.T) {
	r, err := Evaluate(pixelModel(t), samples([]uint8{1}, []uint8{1}), "x")
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"accuracy":1`, `"confusion":[[0,`, `"classes":{"0":{"precision":`, `"f1-score":`, `"support":`, `"macro avg":{`, `"weighted avg":{`, `"mistakes":[]`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("report.json lacks %s", want)
		}
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil || !strings.Contains(text.String(), "100.00 %") {
		t.Errorf("text report: %v\n%s", err, text.String())
	}
}
