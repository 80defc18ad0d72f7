// Package recipe holds the named recipes: complete training configurations,
// from the spec to the seed, as data that a run carries with it.
package recipe

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rakam/trainer/augment"
	"rakam/wasm/nn"
)

// Recipe is everything that decides how a model is trained.
type Recipe struct {
	Name      string    `json:"name"`
	Spec      nn.Spec   `json:"spec"`
	Loss      string    `json:"loss"` // "binary_crossentropy", mean over outputs
	Optimizer Optimizer `json:"optimizer"`
	Epochs    int       `json:"epochs"`
	BatchSize int       `json:"batch_size"`
	Seed      uint64    `json:"seed"` // of the initial weights, of the order of the images and of what is varied; see Network

	// Holdout is how many training images, the last ones, are kept out of the
	// training and watched after every epoch. With 0 all 60,000 train and the
	// test set is watched, as the tutorial did; nothing is chosen by it.
	Holdout int `json:"holdout"`

	// Focus is how often an image of each digit is taken, relative to the
	// others; all zero means all alike. An epoch has as many images either way.
	Focus Focus `json:"focus,omitzero"`

	// Schedule is how the learning rate changes: Constant, or Cosine.
	Schedule string `json:"schedule,omitempty"`

	// Average is the decay, each step, of a running mean of the weights, which
	// is then the model; 0 takes the weights of the last step.
	Average float64 `json:"average,omitempty"`

	// Smoothing is how far the targets are from 0 and 1.
	Smoothing float64 `json:"smoothing,omitempty"`

	// Dropout is the share of the inputs of each dense layer, but of a first one,
	// that each step of the training leaves out.
	Dropout float64 `json:"dropout,omitempty"`

	// BatchNorm normalises what each hidden layer adds up over the batch while it
	// trains; it is folded into the weights of the model. Only for rectifiers, to
	// which the scale of what they get does not matter.
	BatchNorm bool `json:"batch_norm,omitempty"`

	// Prune is how many units of the last hidden layer, a dense one, the finished
	// model does without, those that say least; the last layer is fitted anew to what
	// it said with them.
	Prune int `json:"prune,omitempty"`

	// Augment is how far the images of MNIST are varied, AugmentStrokes how far
	// drawings are before they become images. Of MNIST's images a share of Plain is
	// taken as it is.
	Augment        augment.Strength `json:"augment,omitzero"`
	AugmentStrokes augment.Strength `json:"augment_strokes,omitzero"`
	Plain          float64          `json:"plain,omitempty"`

	// Mix is what an epoch has beside MNIST's images.
	Mix Mix `json:"mix,omitzero"`

	// Teacher names the shipped version whose probabilities the network learns,
	// half and half with the labels; empty for the labels alone. Source: G.
	// Hinton, O. Vinyals, J. Dean, Distilling the Knowledge in a Neural Network (2015).
	Teacher string `json:"teacher,omitempty"`

	// Start names the shipped version, of the same spec, whose weights the training
	// begins with; empty for random ones.
	Start string `json:"start,omitempty"`
}

// Mix is how many images of each kind an epoch has for one of MNIST's.
type Mix struct {
	Drawn     float64 `json:"drawn,omitempty"`     // of the drawings given; with 0 each is taken once, unvaried
	Generated float64 `json:"generated,omitempty"` // digits of our own generator
	Others    float64 `json:"others,omitempty"`    // what is no digit; the network learns to say no to it
}

// The schedules.
const (
	Constant = ""
	Cosine   = "cosine" // rises during the first twentieth, then falls to zero as a cosine does
)

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

// Of returns the weight of a digit; for -1, what is no digit, that of an average
// digit.
func (f Focus) Of(label int) float64 {
	if label >= 0 {
		return f[label]
	}
	sum := 0.0
	for _, w := range f {
		sum += w
	}
	return sum / nn.Classes
}

// Optimizer is a gradient descent and its constants.
type Optimizer struct {
	Name         string  `json:"name"` // "rmsprop" or "adamw"
	LearningRate float64 `json:"learning_rate"`
	Rho          float64 `json:"rho"`                // decay of the mean square gradient; Adam's β2
	Epsilon      float64 `json:"epsilon"`            // added to its root
	Momentum     float64 `json:"momentum,omitempty"` // decay of the mean gradient; Adam's β1
	Decay        float64 `json:"decay,omitempty"`    // of the weights, for a learning rate of 1
}

// The losses and optimisers that trainer/graph knows.
const (
	BinaryCrossentropy = "binary_crossentropy"
	RMSprop            = "rmsprop"
	AdamW              = "adamw" // I. Loshchilov, F. Hutter, Decoupled Weight Decay Regularization (2019)
)

// The limits of what a recipe may ask for.
const (
	MaxEpochs    = 10_000
	MaxBatchSize = 8192
	MaxHoldout   = 30_000
	MaxFocus     = 5.0
	MaxMix       = 4.0
	MaxAugment   = 45.0
	MaxWeight    = 1.0 // pixels, of the strokes of images; of drawings augment.MostWeight
	MaxBlur      = 0.5 // pixels
)

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

// hidden reports whether a layer before the last has weights.
func (r Recipe) hidden() bool {
	return slices.ContainsFunc(r.Spec.Layers[:len(r.Spec.Layers)-1], func(l nn.Layer) bool { return l.Kind != nn.Pool })
}

// lastHidden returns the layer before the last if it is dense, or nil.
func (r Recipe) lastHidden() *nn.Layer {
	if n := len(r.Spec.Layers); n > 1 && r.Spec.Layers[n-2].Kind == nn.Dense {
		return &r.Spec.Layers[n-2]
	}
	return nil
}

// Network returns the recipe of network k, from 0, of an ensemble, which is trained
// as if it were alone, or r itself of a single one. Their seeds are 1000 apart, so that
// ensembles of seeds near to each other have no network in common.
func (r Recipe) Network(k int) Recipe {
	r.Spec = r.Spec.Network()
	r.Seed += 1000 * uint64(k)
	return r
}

// Model returns the spec of the model that r makes: Spec without what is pruned.
func (r Recipe) Model() nn.Spec {
	r.Spec.Layers = slices.Clone(r.Spec.Layers)
	if l := r.lastHidden(); l != nil {
		l.Units -= r.Prune
	}
	return r.Spec
}

// JSON returns r as it is kept in model files and checkpoints.
func (r Recipe) JSON() string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // only NaN or Inf, which Validate refuses
	}
	return string(b)
}

// Difference says what r has that s has otherwise, as in "batch_size 512 instead of
// 128".
func (r Recipe) Difference(s Recipe) string {
	is, other := r.fields(), s.fields()
	if r.Spec.String() != s.Spec.String() { // which leaves some of it out
		is["spec"], other["spec"] = r.Spec.String(), s.Spec.String()
	}
	names := maps.Clone(is)
	maps.Copy(names, other)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if is[name] != other[name] {
			parts = append(parts, fmt.Sprintf("%s %s instead of %s", name, cmp.Or(is[name], "none"), cmp.Or(other[name], "none")))
		}
	}
	return strings.Join(parts, ", ")
}

// fields returns the values of r by their names in JSON, as they are written there.
func (r Recipe) fields() map[string]string {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.JSON()), &raw); err != nil {
		panic(err) // it has just been encoded
	}
	fields := map[string]string{}
	for name, value := range raw {
		fields[name] = strings.Trim(string(value), `"`)
	}
	return fields
}

// Equal reports whether r and s train the same way.
func (r Recipe) Equal(s Recipe) bool {
	return slices.Equal(r.Spec.Layers, s.Spec.Layers) && r.JSON() == s.JSON()
}
