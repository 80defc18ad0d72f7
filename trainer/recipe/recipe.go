// Package recipe holds the named recipes: complete training configurations,
// from the spec to the seed, as data that a run carries with it.
package recipe

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"rakam/wasm/nn"
)

// Recipe is everything that decides how a model is trained.
type Recipe struct {
	Name      string    `json:"name"`
	Spec      nn.Spec   `json:"spec"`
	Loss      string    `json:"loss"` // "binary_crossentropy", on one-hot labels, mean over outputs
	Optimizer Optimizer `json:"optimizer"`
	Epochs    int       `json:"epochs"`
	BatchSize int       `json:"batch_size"`
	Seed      uint64    `json:"seed"` // of the initial weights and of the order of the images

	// Holdout is how many training images, the last ones, are kept out of the
	// training and watched after every epoch. With 0 all 60,000 train and the
	// test set is watched, as the tutorial did; nothing is chosen by it.
	Holdout int `json:"holdout"`

	// Focus is how often an image of each digit is taken, relative to the
	// others; all zero means all alike. An epoch has as many images either way.
	Focus Focus `json:"focus,omitzero"`
}

// Focus is a sampling weight for each digit.
type Focus [nn.Classes]float64

// Even reports whether f takes all digits alike.
func (f Focus) Even() bool {
	for _, w := range f {
		if w != f[0] {
			return false
		}
	}
	return true
}

// Optimizer is a gradient descent and its constants.
type Optimizer struct {
	Name         string  `json:"name"` // "rmsprop"
	LearningRate float64 `json:"learning_rate"`
	Rho          float64 `json:"rho"`     // decay of the mean square gradient
	Epsilon      float64 `json:"epsilon"` // added to its root
}

// The losses and optimisers that trainer/graph knows.
const (
	BinaryCrossentropy = "binary_crossentropy"
	RMSprop            = "rmsprop"
)

// The limits of what a recipe may ask for.
const (
	MaxEpochs    = 10_000
	MaxBatchSize = 8192
	MaxHoldout   = 30_000
	MaxFocus     = 5.0
)

// FieldError is a value that cannot be trained with.
type FieldError struct {
	Field   string // its name in JSON, as in "batch_size"
	Problem string // what is wrong and what is wanted
}

func (e *FieldError) Error() string { return e.Problem }

func wrong(field, format string, args ...any) error {
	return &FieldError{field, fmt.Sprintf(format, args...)}
}

// Seed is the tutorial's recipe, with Keras' defaults where it was silent.
func Seed() Recipe {
	return Recipe{
		Name: "seed",
		Spec: nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{
			{Kind: nn.Dense, Units: 512, Activation: nn.Sigmoid},
			{Kind: nn.Dense, Units: 128, Activation: nn.Sigmoid},
			{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
		}},
		Loss:      BinaryCrossentropy,
		Optimizer: Optimizer{Name: RMSprop, LearningRate: 1e-3, Rho: 0.9, Epsilon: 1e-7},
		Epochs:    20,
		BatchSize: 128,
		Seed:      1,
	}
}

// All returns the named recipes.
func All() []Recipe { return []Recipe{Seed()} }

// Find returns the recipe of that name, or an error that lists the names.
func Find(name string) (Recipe, error) {
	var names []string
	for _, r := range All() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return Recipe{}, fmt.Errorf("no recipe is called %q: choose one of %s", name, strings.Join(names, ", "))
}

// Validate says what is wrong with r, or nil if it can be trained. What is
// wrong with a single value is a *FieldError.
func (r Recipe) Validate() error {
	if err := r.Spec.Validate(); err != nil {
		return err
	}
	o := r.Optimizer
	switch {
	case r.Loss != BinaryCrossentropy:
		return wrong("loss", "loss is %q, want %q", r.Loss, BinaryCrossentropy)
	case o.Name != RMSprop:
		return wrong("optimizer", "optimizer is %q, want %q", o.Name, RMSprop)
	case !(o.LearningRate > 0 && o.LearningRate <= 1): // refuses NaN too
		return wrong("learning_rate", "learning rate is %v, want more than 0 and at most 1", o.LearningRate)
	case !(o.Rho >= 0 && o.Rho < 1):
		return wrong("rho", "rho is %v, want 0 to below 1", o.Rho)
	case !(o.Epsilon > 0) || math.IsInf(o.Epsilon, 0):
		return wrong("epsilon", "epsilon is %v, want more than 0", o.Epsilon)
	case r.Epochs < 1 || r.Epochs > MaxEpochs:
		return wrong("epochs", "epochs is %d, want 1 to %d", r.Epochs, MaxEpochs)
	case r.BatchSize < 1 || r.BatchSize > MaxBatchSize:
		return wrong("batch_size", "batch size is %d, want 1 to %d", r.BatchSize, MaxBatchSize)
	case r.Holdout < 0 || r.Holdout > MaxHoldout:
		return wrong("holdout", "holdout is %d, want 0 to %d", r.Holdout, MaxHoldout)
	}
	return r.Focus.validate()
}

func (f Focus) validate() error {
	for digit, w := range f {
		if !(w >= 0 && w <= MaxFocus) { // refuses NaN too
			return wrong("focus", "focus on %d is %v, want 0 to %v", digit, w, MaxFocus)
		}
	}
	return nil
}

// JSON returns r as it is kept in model files and checkpoints.
func (r Recipe) JSON() string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // only NaN or Inf, which Validate refuses
	}
	return string(b)
}

// Equal reports whether r and s train the same way.
func (r Recipe) Equal(s Recipe) bool {
	return slices.Equal(r.Spec.Layers, s.Spec.Layers) && r.JSON() == s.JSON()
}
