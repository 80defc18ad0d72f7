package fit

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"rakam/trainer/augment"
	"rakam/trainer/mnist"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// paired is the small recipe as an ensemble of two, normalised, at a falling rate and pruned.
func paired() recipe.Recipe {
	r := small()
	r.Spec.Layers[0].Activation, r.BatchNorm = nn.ReLU, true
	r.Spec.Members, r.Prune, r.Schedule = 2, 4, recipe.Cosine
	r.Augment = augment.Strength{Rotation: 8, Shift: 1} // so that no two networks see the same images
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
	if _, err := Run(context.Background(), c); !errors.Is(err, ErrStart) {
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
	if !(fitted < 0.2 && fitted < unfitted/3) {
		t.Errorf("logits differ by %.2f on average, where the last layer is not fitted anew by %.2f", fitted, unfitted)
	}
	// Nothing is fitted to nothing.
	broken := errors.New("no images")
	if _, err := pruned(whole, 16, func(yield func([]float32, error) bool) { yield(nil, broken) }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// TestPrunedExactly: units that say nothing, and those that say what others say, can be
// pruned without a trace; a layer that cannot do without them is no harder to fit.
func TestPrunedExactly(t *testing.T) {
	m, err := nn.New(nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{
		{Kind: nn.Dense, Units: 8, Activation: nn.ReLU},
		{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
	}})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 5))
	hidden, last := m.Params[0], m.Params[1]
	for _, values := range [][]float32{hidden.Weight, hidden.Bias, last.Weight, last.Bias} {
		for i := range values {
			values[i] = float32(rng.NormFloat64())
		}
	}
	for at := 0; at < len(hidden.Weight); at += 8 { // units 4 and 5 are 0 and 1 again, 6 and 7 dead
		copy(hidden.Weight[at+4:], hidden.Weight[at:at+2])
		clear(hidden.Weight[at+6 : at+8])
	}
	copy(hidden.Bias[4:], []float32{hidden.Bias[0], hidden.Bias[1], -1, -1})
	for i, w := range last.Weight[4*nn.Classes:] {
		last.Weight[4*nn.Classes+i] = w / 100
	}
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	images, _ := plain(train, rng.Perm(1000))
	for _, drop := range []int{1, 2, 4} {
		got, err := pruned(m, drop, func(yield func([]float32, error) bool) { yield(images, nil) })
		if err != nil {
			t.Fatal(err)
		}
		if d := apart(m, got, train.Slice(2000, 2500)); !(d < 0.01) || got.Spec.Layers[0].Units != 8-drop {
			t.Errorf("without %d units of no use the logits of %v differ by %v", drop, got.Spec, d)
		}
	}
}

// TestStoppedAtTheEnd: a run that is stopped while its last epoch's end is prepared for
// the model goes on there.
func TestStoppedAtTheEnd(t *testing.T) {
	c := config(t, paired())
	want := mustRun(t, c)
	c = config(t, paired())
	ctx, cancel := context.WithCancel(t.Context())
	c.Progress = func(p Progress) {
		if p.Finished != nil && p.Epoch == p.Epochs {
			cancel()
		}
	}
	if _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped at the end: %v", err)
	}
	c.Resume, c.Progress = true, nil
	if got := mustRun(t, c); !bytes.Equal(bytesOf(t, got.Model), bytesOf(t, want.Model)) {
		t.Error("stopped at the end: other weights")
	}
}

// TestEnsembleCard: a card tells how many networks read, what was pruned, and how to
// train so many again.
func TestEnsembleCard(t *testing.T) {
	card := func(res *Result) string {
		text, err := renderCard(res, &report.Report{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	holds := func(name, text string, want bool, sentences ...string) {
		for _, s := range sentences {
			if strings.Contains(text, s) != want {
				t.Errorf("the card of %s: %q is %v:\n%s", name, s, !want, text)
			}
		}
	}
	ensemble := []string{"An ensemble of 2 networks that reads", "logits are averaged", "were trained apart"}
	var m memory
	c := config(t, paired())
	c.Checkpoint = &m
	text := card(mustRun(t, c))
	holds("an ensemble", text, true, append(ensemble, "At the end 4 units of each last hidden layer were pruned")...)
	stopped, err := Best(&m)
	if err != nil {
		t.Fatal(err)
	}
	text = card(stopped)
	holds("one that was stopped", text, true, ensemble...)
	holds("one that was stopped", text, false, "were pruned")
	holds("a single network", card(mustRun(t, config(t, small()))), false, append(ensemble, "were pruned")...)
	two := recipe.Seed()
	two.Spec.Members = 2
	made, err := newResult(two, "", nil, zeros(two.Spec), make([]report.Epoch, two.Epochs))
	if err != nil {
		t.Fatal(err)
	}
	holds("two networks of a recipe that has one", card(made), true, "fit --recipe seed --networks 2 --epochs 20")
}

// zeros are parameters of a model.
func zeros(s nn.Spec) (params [][]float32) {
	for range s.Networks() {
		for i, l := range s.Layers {
			params = append(params, make([]float32, s.Fan(i)*l.Units), make([]float32, l.Units))
		}
	}
	return params
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
