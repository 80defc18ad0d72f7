package graph

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/tensors"

	"rakam/trainer/cpu"
	"rakam/trainer/mnist"
	"rakam/trainer/recipe"
	"rakam/wasm/nn"
)

// small is the seed's recipe with narrow layers.
func small() recipe.Recipe {
	r := recipe.Seed()
	r.Spec = nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{
		{Kind: nn.Dense, Units: 5, Activation: nn.Sigmoid},
		{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
	}}
	return r
}

func newTrainer(t *testing.T, r recipe.Recipe) *Trainer {
	t.Helper()
	return newTrainerOn(t, gobackend.GetBackend(), r)
}

func newTrainerOn(t *testing.T, backend compute.Backend, r recipe.Recipe) *Trainer {
	t.Helper()
	trainer, err := New(backend, r, NewState(r))
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

func TestGlorot(t *testing.T) {
	r := recipe.Seed()
	spec := r.Spec
	s := NewState(r)
	for i, w := range s.Params {
		limit, sum, sq := math.Sqrt(6/float64(spec.Fan(i/2)+spec.Layers[i/2].Units)), 0.0, 0.0
		for _, v := range w {
			if math.Abs(float64(v)) > limit {
				t.Fatalf("tensor %d has %v, beyond ±%v", i, v, limit)
			}
			sum, sq = sum+float64(v), sq+float64(v)*float64(v)
		}
		n := float64(len(w))
		if i%2 == 1 {
			if sq != 0 {
				t.Errorf("bias %d is not zero", i)
			}
			continue
		}
		if sd := math.Sqrt(sq / n); math.Abs(sd-limit/math.Sqrt(3)) > 0.05*limit || math.Abs(sum/n) > 0.05*limit {
			t.Errorf("tensor %d: mean %v, deviation %v, want 0, %v", i, sum/n, sd, limit/math.Sqrt(3))
		}
	}
	again := NewState(r)
	r.Seed = 2
	if slices.Equal(s.Params[0], NewState(r).Params[0]) || !slices.Equal(s.Params[0], again.Params[0]) {
		t.Errorf("the seed does not decide the weights")
	}
}

// TestStepAgainstDefinition holds two steps against loss, backpropagation and
// RMSprop written out in double precision.
func TestStepAgainstDefinition(t *testing.T) {
	r := small()
	trainer := newTrainer(t, r)
	rng := rand.New(rand.NewPCG(5, 5))
	const n = 12
	images, labels := make([]float32, n*nn.ImageSize), make([]int32, n)
	for i := range images {
		if rng.Float64() < 0.2 {
			images[i] = rng.Float32()
		}
	}
	for i := range labels {
		labels[i] = int32(rng.IntN(10))
	}
	want := newOracle(NewState(r))
	for s := range 2 {
		loss, correct, err := trainer.Step(images, oneHot(labels), r.Optimizer.LearningRate)
		if err != nil {
			t.Fatal(err)
		}
		wantLoss, wantCorrect := want.step(r, images, labels)
		if !(math.Abs(loss-wantLoss) <= 1e-6) || correct != wantCorrect {
			t.Errorf("step %d: loss %v, correct %d, want %v, %d", s, loss, correct, wantLoss, wantCorrect)
		}
	}
	got, err := trainer.State()
	if err != nil {
		t.Fatal(err)
	}
	largest := 0.0
	for i := range got.Params {
		for j, v := range got.Params[i] {
			largest = max(largest, math.Abs(float64(v)-want.params[i][j]))
		}
	}
	t.Logf("largest difference of a weight after two steps: %.2g", largest)
	if !(largest <= 2e-5) { // nor NaN; a step moves a weight by up to 3e-3
		t.Errorf("largest difference %g, want at most 2e-5", largest)
	}
}

// oracle is a two-layer sigmoid network in double precision.
type oracle struct{ params, meanSq [][]float64 }

func newOracle(s State) *oracle {
	var o oracle
	for _, p := range s.Params {
		w := make([]float64, len(p))
		for i, v := range p {
			w[i] = float64(v)
		}
		o.params = append(o.params, w)
		o.meanSq = append(o.meanSq, make([]float64, len(p)))
	}
	return &o
}

func (o *oracle) step(r recipe.Recipe, images []float32, labels []int32) (loss float64, correct int) {
	w1, b1, w2, b2 := o.params[0], o.params[1], o.params[2], o.params[3]
	grads := [][]float64{make([]float64, len(w1)), make([]float64, len(b1)), make([]float64, len(w2)), make([]float64, len(b2))}
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	n, hidden := len(labels), len(b1)
	for k, label := range labels {
		x := images[k*nn.ImageSize : (k+1)*nn.ImageSize]
		h, y := make([]float64, hidden), make([]float64, nn.Classes)
		for j := range h {
			h[j] = b1[j]
			for i, v := range x {
				h[j] += float64(v) * w1[i*hidden+j]
			}
			h[j] = sigmoid(h[j])
		}
		best := 0
		dy, dh := make([]float64, nn.Classes), make([]float64, hidden)
		for c := range y {
			y[c] = b2[c]
			for j, v := range h {
				y[c] += v * w2[j*nn.Classes+c]
			}
			y[c] = sigmoid(y[c])
			if y[c] > y[best] {
				best = c
			}
			target := 0.0
			if int32(c) == label {
				target = 1
			}
			loss -= (target*math.Log(y[c]) + (1-target)*math.Log(1-y[c])) / float64(n*nn.Classes)
			dy[c] = (y[c] - target) / float64(n*nn.Classes)
			grads[3][c] += dy[c]
			for j, v := range h {
				grads[2][j*nn.Classes+c] += v * dy[c]
				dh[j] += w2[j*nn.Classes+c] * dy[c]
			}
		}
		if int32(best) == label {
			correct++
		}
		for j := range dh {
			dh[j] *= h[j] * (1 - h[j])
			grads[1][j] += dh[j]
			for i, v := range x {
				grads[0][i*hidden+j] += float64(v) * dh[j]
			}
		}
	}
	for i, g := range grads {
		for j, d := range g {
			v := r.Optimizer.Rho*o.meanSq[i][j] + (1-r.Optimizer.Rho)*d*d
			o.meanSq[i][j] = v
			o.params[i][j] -= r.Optimizer.LearningRate * d / (math.Sqrt(v) + r.Optimizer.Epsilon)
		}
	}
	return loss, correct
}

// convolutional is a recipe with everything that the tutorial's lacks.
func convolutional() recipe.Recipe {
	r := recipe.Best().Network(0)
	r.BatchNorm, r.Prune = false, 0
	r.Spec.Layers = []nn.Layer{
		{Kind: nn.Pool},
		{Kind: nn.Conv, Side: 5, Units: 8, Activation: nn.ReLU},
		{Kind: nn.Pool},
		{Kind: nn.Conv, Side: 3, Units: 12, Activation: nn.Sigmoid},
		{Kind: nn.Conv, Side: 3, Units: 10, Activation: nn.ReLU},
		{Kind: nn.Pool}, // drops a row and a column
		{Kind: nn.Dense, Units: 20, Activation: nn.ReLU},
		{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
	}
	return r
}

// normalized is convolutional with batch norm.
func normalized() recipe.Recipe {
	r := convolutional()
	r.BatchNorm = true
	r.Spec.Layers[3].Activation = nn.ReLU
	return r
}

// TestBackendsTrainAlike holds our backend against GoMLX's own over three steps
// of a convolutional network: gradients, AdamW and the average.
func TestBackendsTrainAlike(t *testing.T) {
	for _, r := range []recipe.Recipe{convolutional(), normalized()} {
		t.Run(fmt.Sprint(r.BatchNorm), func(t *testing.T) { trainAlike(t, r) })
	}
}

func trainAlike(t *testing.T, r recipe.Recipe) {
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	var states []State
	for _, backend := range []compute.Backend{gobackend.GetBackend(), cpu.New()} {
		trainer, err := New(backend, r, NewState(r))
		if err != nil {
			t.Fatal(err)
		}
		for step := range 3 {
			images, labels := gather(train, 16*step, 16*(step+1))
			if _, _, err := trainer.Step(images, oneHot(labels), 1e-3); err != nil {
				t.Fatal(err)
			}
		}
		s, err := trainer.State()
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, s)
	}
	for k, part := range states[0].parts() {
		largest, size := 0.0, 0.0
		for i := range *part {
			for j, v := range (*part)[i] {
				largest = max(largest, math.Abs(float64(v-(*states[1].parts()[k])[i][j])))
				size = max(size, math.Abs(float64(v)))
			}
		}
		t.Logf("part %d: largest difference after three steps %.2g, largest value %.2g", k, largest, size)
		bound := 1e-4 * size
		if k == 0 || k == 3 { // AdamW's first steps are as long as the rate, 1e-3, however small the gradient
			bound = 3e-4
		}
		if !(largest <= bound) || size == 0 {
			t.Errorf("part %d: largest difference %g, want at most %g", k, largest, bound)
		}
	}
}

// TestAdamWAgainstDefinition holds two steps of one weight against the formula.
func TestAdamWAgainstDefinition(t *testing.T) {
	r := small()
	r.Optimizer = recipe.Optimizer{Name: recipe.AdamW, LearningRate: 1e-2, Momentum: 0.9, Rho: 0.99, Epsilon: 1e-8, Decay: 0.1}
	r.Average = 0.5
	trainer := newTrainer(t, r)
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	before, err := trainer.State()
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 2; n++ {
		images, labels := gather(train, 8*n, 8*n+8)
		if _, _, err := trainer.Step(images, oneHot(labels), 1e-2); err != nil {
			t.Fatal(err)
		}
		after, err := trainer.State()
		if err != nil {
			t.Fatal(err)
		}
		for i := range after.Params {
			for j := range after.Params[i] {
				w := float64(before.Params[i][j])
				grad := (float64(after.Mean[i][j]) - 0.9*float64(before.Mean[i][j])) / 0.1
				v := 0.99*float64(before.MeanSq[i][j]) + 0.01*grad*grad
				m := float64(after.Mean[i][j]) / (1 - math.Pow(0.9, float64(n)))
				change := m / (math.Sqrt(v/(1-math.Pow(0.99, float64(n)))) + 1e-8)
				if i%2 == 0 {
					change += 0.1 * w
				}
				want := w - 1e-2*change
				if !(math.Abs(float64(after.MeanSq[i][j])-v) <= 1e-4*v+1e-12) {
					t.Fatalf("step %d: mean square of weight %d of tensor %d is %v, want %v", n, j, i, after.MeanSq[i][j], v)
				}
				if math.Abs(grad) > 1e-6 && !(math.Abs(float64(after.Params[i][j])-want) <= 1e-4) {
					t.Fatalf("step %d: weight %d of tensor %d is %v, want %v", n, j, i, after.Params[i][j], want)
				}
				keep := min(0.5, (1+float64(n))/(10+float64(n)))
				average := keep*float64(before.Average[i][j]) + (1-keep)*float64(after.Params[i][j])
				if !(math.Abs(float64(after.Average[i][j])-average) <= 1e-6) {
					t.Fatalf("step %d: average %v, want %v", n, after.Average[i][j], average)
				}
			}
		}
		before = after
	}
}

// TestInterpretersAgree holds the GoMLX graph against wasm/nn over all 10,000
// test images: the same answers, and probabilities within 1e-5.
func TestInterpretersAgree(t *testing.T) {
	both := convolutional()
	both.Spec.Members = 2
	for _, r := range []recipe.Recipe{recipe.Seed(), convolutional(), normalized(), both} {
		t.Run(fmt.Sprint(r.Spec, r.BatchNorm), func(t *testing.T) { agree(t, r) })
	}
}

func agree(t *testing.T, r recipe.Recipe) {
	var params [][]float32
	for k := range r.Spec.Networks() {
		params = append(params, trained(t, r.Network(k))...)
	}
	model, err := NewModel(r.Spec, params)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := NewReader(cpu.New(), model)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, reader, model)
}

// trained returns the weights of a network whose weights are not those of chance.
func trained(t *testing.T, r recipe.Recipe) [][]float32 {
	trainer, err := New(cpu.New(), r, NewState(r))
	if err != nil {
		t.Fatal(err)
	}
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from < 60*r.BatchSize; from += r.BatchSize {
		images, labels := gather(train, from, from+r.BatchSize)
		if _, _, err := trainer.Step(images, oneHot(labels), r.Optimizer.LearningRate); err != nil {
			t.Fatal(err)
		}
	}
	images, _ := gather(train, 0, 500)
	if err := trainer.Fold(these(images)); err != nil {
		t.Fatal(err)
	}
	params, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	return params
}

func oneHot(labels []int32) []float32 {
	targets := make([]float32, len(labels)*nn.Classes)
	for i, l := range labels {
		targets[i*nn.Classes+int(l)] = 1
	}
	return targets
}

func gather(set mnist.Set, from, to int) (images []float32, labels []int32) {
	images = make([]float32, (to-from)*nn.ImageSize)
	for i := from; i < to; i++ {
		set.Ink(images[(i-from)*nn.ImageSize:][:nn.ImageSize], i)
		labels = append(labels, int32(set.Label(i)))
	}
	return images, labels
}

// compare fails unless both interpreters read all test images alike.
func compare(t *testing.T, reader *Reader, model *nn.Model) {
	t.Helper()
	test, err := mnist.Test()
	if err != nil {
		t.Fatal(err)
	}
	session := model.NewSession()
	largest, differ := 0.0, 0
	const n = 1000
	for from := 0; from < test.Len(); from += n {
		images, _ := gather(test, from, from+n)
		theirs, err := reader.Infer(images)
		if err != nil {
			t.Fatal(err)
		}
		for k := range n {
			a := theirs[k*nn.Classes : (k+1)*nn.Classes]
			b := session.Run(images[k*nn.ImageSize : (k+1)*nn.ImageSize])
			if nn.Argmax(a) != nn.Argmax(b) {
				differ++
			}
			for c := range a {
				largest = max(largest, math.Abs(float64(a[c]-b[c])))
			}
		}
	}
	t.Logf("largest difference of a probability over %d images: %.2g", test.Len(), largest)
	if !(largest <= 1e-5) || differ > 0 {
		t.Errorf("largest difference %g (want at most 1e-5), %d answers differ", largest, differ)
	}
}

// TestBegin: a state begins with the weights of a model as it is read from a file,
// layers without weights among them, and keeps none of the model's memory.
func TestBegin(t *testing.T) {
	r := recipe.Tune().Network(0)
	r.Average = 0.9
	taught := NewState(r)
	taught.Params[3][7] = 42
	m, err := NewModel(r.Spec, taught.Params)
	if err != nil {
		t.Fatal(err)
	}
	file, err := m.Encode(nn.Single)
	if err != nil {
		t.Fatal(err)
	}
	if m, err = nn.Decode(file); err != nil {
		t.Fatal(err)
	}
	r.Seed++
	s := NewState(r)
	s.Begin(m)
	if !reflect.DeepEqual(s.Params, taught.Params) || !reflect.DeepEqual(s.Average, taught.Params) {
		t.Error("the weights are not those of the model")
	}
	m.Params[0].Bias[0] = 5
	if s.Params[1][0] == 5 {
		t.Error("the state shares memory with the model")
	}
}

// TestDropout: each step leaves out about its share of the inputs of the dense
// layers behind the first, keeps their sum, and leaves out others than the step
// before; what a model says is measured with all of them.
func TestDropout(t *testing.T) {
	r := recipe.Best().Network(0)
	r.Dropout, r.BatchNorm = 0.4, false
	state := NewState(r)
	trainer, err := New(cpu.New(), r, state)
	if err != nil {
		t.Fatal(err)
	}
	masks := func() (all [][]float32) {
		for _, m := range trainer.masks(64) {
			values, err := tensors.CopyFlatData[float32](m.(*tensors.Tensor))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, values)
		}
		return all
	}
	first := masks()
	if len(first) != 2 || len(first[0]) != 64*7*7*64 || len(first[1]) != 64*128 {
		t.Fatalf("%d masks", len(first))
	}
	for k, mask := range first {
		dropped, sum := 0.0, 0.0
		for _, v := range mask {
			sum += float64(v)
			if v == 0 {
				dropped++
			} else if math.Abs(float64(v)-1/0.6) > 1e-4 {
				t.Fatalf("what is kept is multiplied by %v", v)
			}
		}
		n := float64(len(mask))
		if deviation := math.Sqrt(0.4 * 0.6 / n); math.Abs(dropped/n-0.4) > 5*deviation || math.Abs(sum/n-1) > 5*deviation/0.6 {
			t.Errorf("mask %d drops %v and has the mean %v", k, dropped/n, sum/n)
		}
	}
	if again := masks(); !reflect.DeepEqual(again, first) {
		t.Error("the same step drops others")
	}
	trainer.steps++
	if next := masks(); reflect.DeepEqual(next, first) {
		t.Error("the next step drops the same")
	}
	trainer.steps--

	plain := r
	plain.Dropout = 0
	without, err := New(cpu.New(), plain, state)
	if err != nil {
		t.Fatal(err)
	}
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	images, labels := gather(train, 0, 64)
	scored, _, err := trainer.Score(images, oneHot(labels))
	if err != nil {
		t.Fatal(err)
	}
	if want, _, err := without.Score(images, oneHot(labels)); err != nil || scored != want {
		t.Errorf("measured with dropout %v, without %v, %v", scored, want, err)
	}
	stepped, _, err := trainer.Step(images, oneHot(labels), 1e-3)
	if err != nil {
		t.Fatal(err)
	}
	if stepped == scored {
		t.Error("a step drops nothing")
	}
}

func TestNewRefuses(t *testing.T) {
	r := small()
	if _, err := New(gobackend.GetBackend(), r, NewState(recipe.Seed())); err == nil {
		t.Errorf("a state of another spec was taken")
	}
	both := r
	both.Spec.Members = 2
	if _, err := New(gobackend.GetBackend(), both, NewState(r)); err == nil || !strings.Contains(err.Error(), "one by one") {
		t.Errorf("an ensemble as if it were one network: %v", err)
	}
	r.Epochs = 0
	if _, err := New(gobackend.GetBackend(), r, NewState(r)); err == nil {
		t.Errorf("an invalid recipe was taken")
	}
}

// TestFold: over one batch the model with the normalisation folded in says what
// the network says that normalises this very batch; over several it takes the
// variance of all, and a step undoes it.
func TestFold(t *testing.T) {
	r := normalized()
	r.Average, r.Dropout = 0, 0
	trainer := newTrainerOn(t, cpu.New(), r)
	train, err := mnist.Train()
	if err != nil {
		t.Fatal(err)
	}
	images, labels := gather(train, 0, 300)
	loss, correct, err := trainer.Step(images, oneHot(labels), 0) // a step of length zero: the weights stay
	if err != nil {
		t.Fatal(err)
	}
	folded := func(batches ...[]float32) (params [][]float32, loss float64, correct int) {
		if err := trainer.Fold(these(batches...)); err != nil {
			t.Fatal(err)
		}
		if params, err = trainer.Model(); err != nil {
			t.Fatal(err)
		}
		if loss, correct, err = trainer.Score(images, oneHot(labels)); err != nil {
			t.Fatal(err)
		}
		return params, loss, correct
	}
	once, foldedLoss, foldedCorrect := folded(images)
	if !(math.Abs(foldedLoss-loss) <= 1e-5) || foldedCorrect != correct {
		t.Errorf("folded: loss %v, %d correct; normalising: loss %v, %d", foldedLoss, foldedCorrect, loss, correct)
	}
	twice, _, _ := folded(images, images)
	parts, _, _ := folded(images[:100*nn.ImageSize], images[100*nn.ImageSize:])
	for i := range once {
		for j := range once[i] {
			if math.Abs(float64(once[i][j]-twice[i][j])) > 1e-5 {
				t.Fatalf("weight %d of tensor %d: %v over one batch, %v over it twice", j, i, once[i][j], twice[i][j])
			}
		}
	}
	for j, w := range once[0] { // of the first layer, whose input no normalisation has changed
		if math.Abs(float64(w-parts[0][j])) > 1e-4*math.Abs(float64(w))+1e-6 {
			t.Fatalf("weight %d: %v over one batch, %v over its parts", j, w, parts[0][j])
		}
	}
	if _, _, err := trainer.Step(images, oneHot(labels), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := trainer.Model(); err == nil {
		t.Error("there is a model after a step, before it was folded again")
	}
	if _, _, err := trainer.Score(images, oneHot(labels)); err == nil {
		t.Error("a model is measured that was not folded")
	}
	broken := errors.New("broken")
	if err := trainer.Fold(func(yield func([]float32, error) bool) { yield(nil, broken) }); !errors.Is(err, broken) {
		t.Errorf("a batch that could not be made: %v", err)
	}
}

// these yields batches.
func these(batches ...[]float32) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		for _, b := range batches {
			if !yield(b, nil) {
				return
			}
		}
	}
}
