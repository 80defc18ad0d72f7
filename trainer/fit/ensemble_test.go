package fit

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"rakam/trainer/mnist"
	"rakam/trainer/recipe"
	"rakam/wasm/nn"
)

// paired is the small recipe as an ensemble of two, normalised, at a falling rate and pruned.
func paired() recipe.Recipe {
	r := small()
	r.Spec.Layers[0].Activation, r.BatchNorm = nn.ReLU, true
	r.Spec.Members, r.Prune, r.Schedule = 2, 4, recipe.Cosine
	return r
}

// TestEnsemble: the networks of an ensemble are those that are trained alone with
// their seeds, and its history has their means; a run that is stopped in either of
// them goes on as if nothing had happened.
func TestEnsemble(t *testing.T) {
	c := config(t, paired())
	var told []Progress
	c.Progress = func(p Progress) { told = append(told, p) }
	both := mustRun(t, c)
	var alone []*Result
	for k := range 2 {
		alone = append(alone, mustRun(t, config(t, paired().Network(k))))
		if !bytes.Equal(bytesOf(t, both.Model.Network(k)), bytesOf(t, alone[k].Model.Network(0))) {
			t.Errorf("network %d is not the one that is trained alone", k)
		}
	}
	for i, e := range both.History {
		a, b := alone[0].History[i], alone[1].History[i]
		for name, v := range map[string][3]float64{
			"loss": {e.Loss, a.Loss, b.Loss}, "accuracy": {e.Accuracy, a.Accuracy, b.Accuracy},
			"val_loss": {e.ValLoss, a.ValLoss, b.ValLoss}, "val_accuracy": {e.ValAccuracy, a.ValAccuracy, b.ValAccuracy},
		} {
			if math.Abs(v[0]-(v[1]+v[2])/2) > 1e-9 {
				t.Errorf("epoch %d: %s is %v, of its networks %v and %v", e.Epoch, name, v[0], v[1], v[2])
			}
		}
	}
	if last := told[len(told)-1]; last.Step != 16 || last.Steps != 16 || last.Remaining != 0 || len(told) != 3*(16+1) {
		t.Errorf("progress was told %d times, at last %+v", len(told), last)
	}
	for _, stop := range []int{5, 8, 11, 16, 20, 47, 48} {
		if got := resumed(t, config(t, paired()), stop); !bytes.Equal(bytesOf(t, got.Model), bytesOf(t, both.Model)) {
			t.Errorf("stopped after step %d: other weights", stop)
		}
	}
	best, err := Best(c.Checkpoint)
	if err != nil || best.Model.Spec.Members != 2 {
		t.Errorf("the best epoch of an ensemble: %v", err)
	}
}

// TestEnsembleGoesOn: each network of an ensemble begins with its own weights.
func TestEnsembleGoesOn(t *testing.T) {
	r := paired()
	r.BatchNorm, r.Prune = false, 0
	start := mustRun(t, config(t, r)).Model
	r.Start, r.Epochs, r.Optimizer.LearningRate = "start", 1, 1e-12
	c := config(t, r)
	c.Start = start
	got := mustRun(t, c).Model
	for i, p := range got.Params {
		for j, v := range p.Weight {
			if d := math.Abs(float64(v - start.Params[i].Weight[j])); d > 1e-6 {
				t.Fatalf("weight %d of layer %d moved by %v", j, i, d)
			}
		}
	}
	c.Start = start.Network(0)
	if _, err := Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), "cannot begin with start") {
		t.Errorf("an ensemble begins with a single network: %v", err)
	}
}

// TestPruned: with half of the units of its last hidden layer, trained with dropout, a
// network says nearly what it said, on images that it was not fitted to; with as few
// without the fit it does not.
func TestPruned(t *testing.T) {
	r := small()
	r.Spec.Layers = []nn.Layer{
		{Kind: nn.Dense, Units: 32, Activation: nn.ReLU},
		{Kind: nn.Dense, Units: 32, Activation: nn.ReLU},
		{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
	}
	r.Dropout, r.Optimizer.LearningRate, r.Epochs = 0.4, 3e-3, 6
	c := config(t, r)
	whole := mustRun(t, c).Model
	c.Recipe.Prune = 16
	half := mustRun(t, c)
	if want := c.Recipe.Model(); !half.Model.Spec.Equal(want) || half.Model.Meta.Recipe != c.Recipe.JSON() || half.Model.Meta.Name != "small" {
		t.Fatalf("the model is %v, want %v; its metadata is %+v", half.Model.Spec, want, half.Model.Meta)
	}
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	unseen := train.Slice(2000, 3000)
	fitted, unfitted := apart(whole, half.Model, unseen), apart(whole, cut(whole, 16), unseen)
	t.Logf("logits differ by %.2f, where the last layer is not fitted anew by %.2f", fitted, unfitted)
	if !(fitted < 1 && fitted < unfitted/3) {
		t.Errorf("logits differ by %.2f on average, where the last layer is not fitted anew by %.2f", fitted, unfitted)
	}
	// Nothing is fitted to nothing.
	broken := errors.New("no images")
	if _, err := pruned(whole, 16, func(yield func([]float32, error) bool) { yield(nil, broken) }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// TestStrongest: the units whose part in the logits varies most are kept, in their
// order; one that is always as active says nothing, nor does one without weights.
func TestStrongest(t *testing.T) {
	c := &covered{units: 4, images: 2, among: mat.NewDense(5, 5, nil)}
	active := [][]float64{{3, 0.1, 0, 9, 1}, {3, 0.2, 2, 0, 1}} // of two images: always, hardly, more, without weights
	for _, x := range active {
		for i, a := range x {
			for j, b := range x {
				c.among.Set(i, j, c.among.At(i, j)+a*b)
			}
		}
	}
	w := slices.Repeat([]float32{1}, 4*nn.Classes)
	clear(w[3*nn.Classes:])
	for keep, want := range [][]int{1: {2}, 2: {1, 2}} {
		if got := c.strongest(w, keep); keep > 0 && !slices.Equal(got, want) {
			t.Errorf("of four units %d are kept: %v, want %v", keep, got, want)
		}
	}
}

// cut takes the first units of the last hidden layer away, and does no more.
func cut(m *nn.Model, units int) *nn.Model {
	out := &nn.Model{Spec: m.Spec, Params: slices.Clone(m.Params), Meta: m.Meta}
	last := &out.Params[len(out.Params)-1]
	last.Weight = slices.Clone(last.Weight)
	clear(last.Weight[:units*nn.Classes])
	return out
}

// apart is the root of the mean square difference between the logits of two models.
func apart(a, b *nn.Model, set mnist.Set) float64 {
	of, other := logits(a, set).logits, logits(b, set).logits
	sum := 0.0
	for i := range of {
		for c := range of[i] {
			sum += math.Pow(of[i][c]-other[i][c], 2)
		}
	}
	return math.Sqrt(sum / float64(len(of)*nn.Classes))
}

// TestCalibratedEnsemble: calibrating scales the mean of the logits, and so what every
// network says, as it scales those of a single one.
func TestCalibratedEnsemble(t *testing.T) {
	both := mustRun(t, config(t, paired())).Model
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	held, unseen := train.Slice(10_000, 12_000), train.Slice(2000, 2500)
	s := logits(both, held).scale()
	before, after := logits(both, unseen), logits(calibrated(both, held), unseen)
	for i := range before.logits {
		for c, x := range before.logits[i] {
			if want := s.slope*x + s.bias; math.Abs(after.logits[i][c]-want) > 1e-4 {
				t.Fatalf("the logit %v becomes %v, want %v", x, after.logits[i][c], want)
			}
		}
	}
}
