package recipe

import (
	"rakam/trainer/augment"
	"rakam/wasm/nn"
)

// tutorial is the tutorial's architecture.
func tutorial() nn.Spec {
	return nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{
		{Kind: nn.Dense, Units: 512, Activation: nn.Sigmoid},
		{Kind: nn.Dense, Units: 128, Activation: nn.Sigmoid},
		{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
	}}
}

// Seed is the tutorial's recipe, with Keras' defaults where it was silent.
func Seed() Recipe {
	return Recipe{
		Name:      "seed",
		Spec:      tutorial(),
		Loss:      BinaryCrossentropy,
		Optimizer: Optimizer{Name: RMSprop, LearningRate: 1e-3, Rho: 0.9, Epsilon: 1e-7},
		Epochs:    20,
		BatchSize: 128,
		Seed:      1,
	}
}

// Limit is the tutorial's architecture trained as far as it goes: on varied
// images, on drawings and on what is no digit, taught by the best reader.
func Limit() Recipe {
	r := modern()
	r.Name, r.Spec, r.Epochs, r.Teacher = "limit", tutorial(), 60, "best"
	r.Optimizer.LearningRate, r.Optimizer.Decay = 2e-3, 0.05
	return r
}

// Best is the best reader within 2 MB of half-precision weights, once it is pruned (a
// run that is stopped leaves 2.01 MB), and about 2 ms a
// reading in the browser: make bench measures it.
func Best() Recipe {
	r := modern()
	r.Name, r.Epochs, r.BatchNorm = "best", 60, true
	r.Optimizer.LearningRate, r.Optimizer.Decay = 2e-3, 0.05
	r.Dropout, r.Smoothing, r.Plain = 0.4, 0.02, 0.35
	r.Augment = augment.Strength{Rotation: 8, Slant: 0.12, Scale: 0.08, Shift: 1, Bend: 1, Weight: 0.3, Blur: 0.3}
	r.AugmentStrokes = augment.Strength{Rotation: 8, Slant: 0.14, Scale: 0.13, Bend: 0.6, Gap: 0.3, Weight: 1.5, Blur: 0.5, Paper: 0.2}
	r.Prune = 64
	r.Spec = nn.Spec{Input: nn.ImageSize, Members: 2, Layers: []nn.Layer{
		{Kind: nn.Conv, Side: 5, Units: 32, Activation: nn.ReLU},
		{Kind: nn.Pool},
		{Kind: nn.Conv, Side: 3, Units: 48, Activation: nn.ReLU},
		{Kind: nn.Conv, Side: 3, Units: 48, Activation: nn.ReLU},
		{Kind: nn.Pool},
		{Kind: nn.Conv, Side: 3, Units: 64, Activation: nn.ReLU},
		{Kind: nn.Conv, Side: 3, Units: 64, Activation: nn.ReLU},
		{Kind: nn.Dense, Units: 128, Activation: nn.ReLU},
		{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
	}}
	return r
}

// Tune goes on from the best reader for a few minutes, so that it learns the
// drawings that it is given without being trained anew. Its rate is a tenth of the
// best reader's, which has settled.
func Tune() Recipe {
	r := Best()
	r.Name, r.Start, r.Epochs = "tune", "best", 3
	r.Spec, r.Prune = r.Model(), 0
	r.BatchNorm = false // that of the best is a part of its weights
	r.Dropout = 0.25
	r.Optimizer.LearningRate /= 10
	return r
}

// modern is what the recipes beside the tutorial's share.
func modern() Recipe {
	return Recipe{
		Loss:           BinaryCrossentropy,
		Optimizer:      Optimizer{Name: AdamW, LearningRate: 1e-3, Momentum: 0.9, Rho: 0.999, Epsilon: 1e-8, Decay: 0.01},
		BatchSize:      128,
		Seed:           1,
		Holdout:        5000,
		Schedule:       Cosine,
		Average:        0.999,
		Augment:        augment.Strength{Rotation: 6, Slant: 0.1, Scale: 0.07, Shift: 0.8, Bend: 0.8},
		AugmentStrokes: augment.Strength{Rotation: 5, Slant: 0.1, Scale: 0.08, Bend: 0.5},
		Plain:          0.25,
		Mix:            Mix{Drawn: 0.35, Generated: 0.25, Others: 0.3},
	}
}

// All returns the named recipes.
func All() []Recipe { return []Recipe{Seed(), Limit(), Best(), Tune()} }
