// Package nn holds everything about a trained network that has to be the same
// everywhere: the spec (its layers, as data), the model file (safetensors) and
// the forward pass. It is the only inference code in Rakam: the browser, the
// server's predict endpoint and the evaluation all run it, so a report always
// measures the file that ships through the code that ships.
package nn

import (
	"fmt"
	"slices"
)

const (
	// ImageSide is the width and the height of an image in pixels.
	ImageSide = 28
	// ImageSize is the number of pixels of an image, row-major, ink 1, paper 0.
	ImageSize = ImageSide * ImageSide
	// Classes is the number of digits a network tells apart.
	Classes = 10

	// These bound what a spec from a file may ask to allocate and compute.
	maxUnits           = 1 << 14
	maxLayers          = 32
	maxKernel          = 7
	maxWeights         = 1 << 25
	maxValues          = 1 << 22 // of all layers' outputs, and of all that convolutions work with, together
	maxMultiplications = 1 << 28 // for one image
	maxMembers         = 8
)

// Activation names the function applied to each unit of a layer.
type Activation string

// The activations.
const (
	Sigmoid Activation = "sigmoid" // 1/(1+e^-x)
	ReLU    Activation = "relu"    // max(x, 0), at most 2^20, which no trained network comes near
)

// The kinds of layers.
const (
	// Dense connects every input with every unit: out = activation(in · w + b).
	Dense = "dense"
	// Conv looks at each place of its input, [height, width, channels], with the
	// same weights, [side, side, channels, units], in steps of one pixel and with
	// zeros around, so that height and width stay.
	Conv = "conv"
	// Pool keeps the largest value of each square of two by two places. What is
	// left over at the right and at the bottom is dropped.
	Pool = "pool"
)

// Layer is one layer.
type Layer struct {
	Kind       string     `json:"kind"`
	Units      int        `json:"units,omitempty"`      // width of the output; channels of a convolution
	Side       int        `json:"side,omitempty"`       // of a convolution's kernel, odd
	Activation Activation `json:"activation,omitempty"` // of a layer with weights
}

// Shape is how the values of a layer are laid out, [height, width, channels],
// row-major. A dense layer has 1×1 places.
type Shape struct{ Height, Width, Channels int }

// Size is the number of values.
func (s Shape) Size() int { return s.Height * s.Width * s.Channels }

// Spec is an architecture as data, the only description of one in Rakam.
// trainer/graph builds a GoMLX graph from it; this package executes it.
type Spec struct {
	Input  int     `json:"input"` // number of inputs, ImageSize
	Layers []Layer `json:"layers"`

	// Members is how many networks of these layers, each with weights of its own,
	// an ensemble has; 0 for a single network. Their logits, what the last layers
	// add up, are averaged before the sigmoid. Source: B. Lakshminarayanan, A.
	// Pritzel, C. Blundell, Simple and Scalable Predictive Uncertainty Estimation
	// using Deep Ensembles (2017).
	Members int `json:"members,omitempty"`
}

// Networks returns how many networks there are, 1 but for an ensemble.
func (s Spec) Networks() int { return max(1, s.Members) }

// Network returns the spec of each of the networks.
func (s Spec) Network() Spec {
	s.Members = 0
	return s
}

// Equal reports whether s and t describe the same architecture.
func (s Spec) Equal(t Spec) bool {
	return s.Input == t.Input && s.Members == t.Members && slices.Equal(s.Layers, t.Layers)
}

// Times returns the spec of n networks like those of s, 1 to 8.
func (s Spec) Times(n int) (Spec, error) {
	if n < 1 || n > maxMembers {
		return Spec{}, fmt.Errorf("spec: %d networks, want 1 to %d", n, maxMembers)
	}
	s.Members = n
	if n == 1 {
		s.Members = 0
	}
	return s, nil
}

// Validate says what is wrong with s, or nil if it can be built and executed.
func (s Spec) Validate() error {
	if s.Input != ImageSize {
		return fmt.Errorf("spec: input is %d, want %d (28×28 pixels)", s.Input, ImageSize)
	}
	if len(s.Layers) == 0 || len(s.Layers) > maxLayers {
		return fmt.Errorf("spec: %d layers, want 1 to %d", len(s.Layers), maxLayers)
	}
	if s.Members != 0 && (s.Members < 2 || s.Members > maxMembers) {
		return fmt.Errorf("spec: an ensemble of %d, want 2 to %d networks, or 0 for a single one", s.Members, maxMembers)
	}
	weights, values, n := 0, 0, s.Networks()
	for i, l := range s.Layers {
		if err := l.validate(s.In(i)); err != nil {
			return fmt.Errorf("spec: layer %d %w", i, err)
		}
		if weights += n * s.Fan(i) * l.Units; weights > maxWeights {
			return fmt.Errorf("spec: more than %d weights", maxWeights)
		}
		values += n * s.In(i+1).Size()
		if l.Kind == Conv {
			values += frameSize(s.In(i), l.Side) + packedSize(s.In(i), l.Side)
		}
		if values > maxValues {
			return fmt.Errorf("spec: its layers have more than %d values", maxValues)
		}
	}
	if all := s.Multiplications(); all > maxMultiplications {
		return fmt.Errorf("spec: a reading takes %d multiplications, want at most %d", all, maxMultiplications)
	}
	last := s.Layers[len(s.Layers)-1]
	if last.Kind != Dense || last.Units != Classes || last.Activation != Sigmoid {
		return fmt.Errorf("spec: the last layer is %v, want a dense one of %d sigmoid units, one for each digit", last, Classes)
	}
	return nil
}

// validate says what is wrong with l on an input of the given shape.
func (l Layer) validate(in Shape) error {
	switch l.Kind {
	case Pool:
		if l.Units != 0 || l.Side != 0 || l.Activation != "" {
			return fmt.Errorf("is a pool with units, side or activation: it has none")
		}
		if in.Height < 2 || in.Width < 2 {
			return fmt.Errorf("pools %d×%d places, want at least 2×2", in.Height, in.Width)
		}
		return nil
	case Conv:
		if l.Side < 1 || l.Side > maxKernel || l.Side%2 == 0 {
			return fmt.Errorf("has a kernel of side %d, want 1, 3, 5 or 7", l.Side)
		}
	case Dense:
		if l.Side != 0 {
			return fmt.Errorf("is dense and has a side: only a convolution has one")
		}
	default:
		return fmt.Errorf("is of kind %q, this program knows %q, %q and %q", l.Kind, Dense, Conv, Pool)
	}
	switch {
	case l.Activation != Sigmoid && l.Activation != ReLU:
		return fmt.Errorf("has activation %q, this program knows %q and %q", l.Activation, Sigmoid, ReLU)
	case l.Units < 1 || l.Units > maxUnits:
		return fmt.Errorf("has %d units, want 1 to %d", l.Units, maxUnits)
	case l.Kind == Conv && in.Height == 1:
		return fmt.Errorf("is a convolution behind a dense layer")
	}
	return nil
}

// In returns the shape of the input of layer i; In(len(Layers)) is the output's.
func (s Spec) In(i int) Shape {
	shape := Shape{ImageSide, ImageSide, s.Input / ImageSize}
	for _, l := range s.Layers[:i] {
		switch l.Kind {
		case Conv:
			shape.Channels = l.Units
		case Pool:
			shape.Height, shape.Width = shape.Height/2, shape.Width/2
		default:
			shape = Shape{1, 1, l.Units}
		}
	}
	return shape
}

// Fan returns how many inputs a unit of layer i weighs, 0 for a pool.
func (s Spec) Fan(i int) int {
	in, l := s.In(i), s.Layers[i]
	switch l.Kind {
	case Pool:
		return 0
	case Conv:
		return l.Side * l.Side * in.Channels
	}
	return in.Size()
}

// Kernel returns the shape of the weights of the layer with parameters n of a model:
// [in, out] of a dense one, [side, side, in, out] of a convolution, nil of a pool.
func (s Spec) Kernel(n int) []int {
	i := n % len(s.Layers)
	l := s.Layers[i]
	switch l.Kind {
	case Pool:
		return nil
	case Conv:
		return []int{l.Side, l.Side, s.In(i).Channels, l.Units}
	}
	return []int{s.Fan(i), l.Units}
}

// Parameters returns the number of weights and biases, of all networks together.
func (s Spec) Parameters() int {
	n := 0
	for i, l := range s.Layers {
		n += (s.Fan(i) + 1) * l.Units
	}
	return n * s.Networks()
}

// Multiplications returns how many a forward pass takes, if no input is zero.
func (s Spec) Multiplications() int {
	n := 0
	for i, l := range s.Layers {
		places := 1
		if l.Kind == Conv {
			places = s.In(i).Height * s.In(i).Width
		}
		n += places * s.Fan(i) * l.Units
	}
	return n * s.Networks()
}

// LayerName names the layer with parameters n of a model in files: "layers.2", of an
// ensemble "members.0.layers.2".
func (s Spec) LayerName(n int) string {
	name := fmt.Sprintf("layers.%d", n%len(s.Layers))
	if s.Members > 0 {
		name = fmt.Sprintf("members.%d.%s", n/len(s.Layers), name)
	}
	return name
}

// String gives the widths of the layers, as in "784-512-128-10" or, with
// convolutions (side and channels) and pools, "784-5x32-pool-128-10"; of two
// networks "2x(784-512-128-10)".
func (s Spec) String() string {
	str := fmt.Sprint(s.Input)
	for _, l := range s.Layers {
		switch l.Kind {
		case Pool:
			str += "-pool"
		case Conv:
			str += fmt.Sprintf("-%dx%d", l.Side, l.Units)
		default:
			str += fmt.Sprintf("-%d", l.Units)
		}
	}
	if s.Members > 0 {
		str = fmt.Sprintf("%dx(%s)", s.Members, str)
	}
	return str
}
