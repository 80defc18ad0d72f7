package recipe

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// TestValidate: what can't be trained is refused by the name of its field.
func TestValidate(t *testing.T) {
	for field, spoil := range map[string]func(*Recipe){
		"loss":          func(r *Recipe) { r.Loss = "hinge" },
		"optimizer":     func(r *Recipe) { r.Optimizer.Name = "adam" },
		"learning_rate": func(r *Recipe) { r.Optimizer.LearningRate = math.NaN() },
		"rho":           func(r *Recipe) { r.Optimizer.Rho = 1 },
		"epsilon":       func(r *Recipe) { r.Optimizer.Epsilon = math.Inf(1) },
		"epochs":        func(r *Recipe) { r.Epochs = 1_000_000_000 },
		"batch_size":    func(r *Recipe) { r.BatchSize = 0 },
		"holdout":       func(r *Recipe) { r.Holdout = -1 },
		"focus":         func(r *Recipe) { r.Focus[7] = math.NaN() },
		"momentum":      func(r *Recipe) { r.Optimizer.Momentum = 0.9 }, // which RMSprop has none of
		"decay":         func(r *Recipe) { r.Optimizer.Name, r.Optimizer.Decay = AdamW, -1 },
		"schedule":      func(r *Recipe) { r.Schedule = "linear" },
		"average":       func(r *Recipe) { r.Average = 1 },
		"smoothing":     func(r *Recipe) { r.Smoothing = math.NaN() },
		"batch_norm":    func(r *Recipe) { r.BatchNorm = true }, // the seed has sigmoids
		"start":         func(r *Recipe) { *r = Best(); r.Start = "best" },
		"prune":         func(r *Recipe) { r.Prune = 128 }, // all units
		"dropout":       func(r *Recipe) { r.Dropout = 1 },
		"plain":         func(r *Recipe) { r.Plain = 1.5 },
		"augment":       func(r *Recipe) { r.AugmentStrokes.Bend = -1 },
		"mix":           func(r *Recipe) { r.Mix.Others = math.Inf(1) },
	} {
		r := Seed()
		spoil(&r)
		var wrong *FieldError
		if err := r.Validate(); !errors.As(err, &wrong) || wrong.Field != field || !strings.Contains(err.Error(), "want") {
			t.Errorf("%s: %v", field, err)
		}
	}
	for name, spoil := range map[string]func(*Recipe){
		"batch norm without hidden layers": func(r *Recipe) { r.Spec.Layers = r.Spec.Layers[len(r.Spec.Layers)-1:] },
		"images of too varied weight":      func(r *Recipe) { r.Augment.Weight = 1.5 },
		"drawings of too varied weight":    func(r *Recipe) { r.AugmentStrokes.Weight, r.AugmentStrokes.Paper = 1.6, 0.2 },
		"images that are blurred away":     func(r *Recipe) { r.Augment.Blur = 0.6 },
		"drawings that are blurred away":   func(r *Recipe) { r.AugmentStrokes.Blur, r.AugmentStrokes.Paper = 0.6, 0.2 },
		"a blur below nothing":             func(r *Recipe) { r.Augment.Blur = -1 },
		"a blur that is no number":         func(r *Recipe) { r.AugmentStrokes.Blur, r.AugmentStrokes.Paper = math.NaN(), 0.2 },
		"a weight that is no number":       func(r *Recipe) { r.AugmentStrokes.Weight, r.AugmentStrokes.Paper = math.NaN(), 0.2 },
		"heavier drawings, in no share":    func(r *Recipe) { r.AugmentStrokes.Weight, r.AugmentStrokes.Blur, r.AugmentStrokes.Paper = 1, 0, 0 },
		"paper that changes nothing":       func(r *Recipe) { r.AugmentStrokes.Weight, r.AugmentStrokes.Blur, r.AugmentStrokes.Paper = 0, 0, 0.2 },
		"more drawings than all on paper":  func(r *Recipe) { r.AugmentStrokes.Weight, r.AugmentStrokes.Paper = 1, 1.1 },
		"images as if they were on paper":  func(r *Recipe) { r.Augment.Paper = 0.2 },
		"a pen that skips in images":       func(r *Recipe) { r.Augment.Gap = 0.3 },
		"fewer pruned than none":           func(r *Recipe) { r.Prune = -1 },
		"pruning a convolution":            func(r *Recipe) { r.Spec.Layers = append(r.Spec.Layers[:7:7], r.Spec.Layers[8]) },
		"a single network as an ensemble":  func(r *Recipe) { r.Spec.Members = 1 },
		"a pen that skips too often":       func(r *Recipe) { r.AugmentStrokes.Gap = 1.1 },
	} {
		r := Best()
		spoil(&r)
		if err := r.Validate(); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for _, r := range All() {
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}

// TestMinBatchSize: a batch norm needs some images to go by.
func TestMinBatchSize(t *testing.T) {
	r := Best()
	r.BatchNorm, r.BatchSize = true, 8
	var wrong *FieldError
	if err := r.Validate(); !errors.As(err, &wrong) || wrong.Field != "batch_size" || !strings.Contains(err.Error(), "16 to") {
		t.Errorf("batches of 8 with batch norm: %v", err)
	}
	r.BatchNorm = false
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
}

// TestSeedJSON: the seed reads as it did when there was nothing else, so that
// models that were trained with it still fit.
func TestSeedJSON(t *testing.T) {
	const want = `{"name":"seed","spec":{"input":784,"layers":[{"kind":"dense","units":512,"activation":"sigmoid"},` +
		`{"kind":"dense","units":128,"activation":"sigmoid"},{"kind":"dense","units":10,"activation":"sigmoid"}]},` +
		`"loss":"binary_crossentropy","optimizer":{"name":"rmsprop","learning_rate":0.001,"rho":0.9,"epsilon":1e-7},` +
		`"epochs":20,"batch_size":128,"seed":1,"holdout":0}`
	if got := Seed().JSON(); got != want {
		t.Errorf("the seed is %s", got)
	}
}

// TestBounds: the recipes keep to the sizes that the browser was promised: 2 MB of
// half-precision weights, and what is multiplied and added in 2 ms at 24 GFLOP/s (the kernel does more: make bench).
func TestBounds(t *testing.T) {
	for _, r := range All() {
		if n := r.Model().Parameters(); 2*n > 2_000_000 {
			t.Errorf("%s has %d parameters", r.Name, n)
		}
		if n := r.Model().Multiplications(); n > 24_000_000 {
			t.Errorf("%s takes %d multiplications", r.Name, n)
		}
	}
	if Limit().Spec.String() != Seed().Spec.String() {
		t.Error("the limit is not of the tutorial's architecture")
	}
}

// TestNetwork: the networks of an ensemble differ in their seeds alone, and those of
// ensembles of near seeds do too.
func TestNetwork(t *testing.T) {
	r := Best()
	one, other := r.Network(0), r.Network(1)
	if one.Spec.Members != 0 || one.Seed != r.Seed || other.Seed == r.Seed {
		t.Errorf("networks %v with seed %d and %v with seed %d", one.Spec, one.Seed, other.Spec, other.Seed)
	}
	other.Seed = one.Seed
	if !other.Equal(one) {
		t.Error("they differ in more than their seeds")
	}
	if seed := Seed(); !seed.Network(0).Equal(seed) {
		t.Error("a single network is not trained as it is")
	}
	seeds := map[uint64]bool{}
	for seed := range uint64(5) {
		r.Seed = seed
		for k := range r.Spec.Networks() {
			seeds[r.Network(k).Seed] = true
		}
	}
	if len(seeds) != 5*r.Spec.Networks() {
		t.Errorf("five ensembles have %d networks among them", len(seeds))
	}
}

// TestModel: what is pruned is no longer there, and nothing else changes.
func TestModel(t *testing.T) {
	r := Best()
	if got := r.Model().String(); got != "2x(784-5x32-pool-3x48-3x48-pool-3x64-3x64-64-10)" {
		t.Errorf("the best reader is %s", got)
	}
	if !r.Equal(Best()) {
		t.Error("asking for the model's spec changed the recipe")
	}
	if !Tune().Spec.Equal(r.Model()) {
		t.Errorf("tune goes on from %v, best is %v", Tune().Spec, r.Model())
	}
	if !Seed().Model().Equal(Seed().Spec) {
		t.Error("the seed loses something")
	}
}

// TestFocusJSON: recipes without a focus read as they did before there was one.
func TestFocusJSON(t *testing.T) {
	r := Seed()
	if strings.Contains(r.JSON(), "focus") || !r.Focus.Even() {
		t.Errorf("the seed has a focus: %s", r.JSON())
	}
	r.Focus[8] = 2.5
	if !strings.Contains(r.JSON(), `"focus":[0,0,0,0,0,0,0,0,2.5,0]`) || r.Focus.Even() || r.Equal(Seed()) {
		t.Errorf("focus on 8: %s", r.JSON())
	}
}
