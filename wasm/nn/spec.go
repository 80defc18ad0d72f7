// Package nn holds everything about a trained network that has to be the same
// everywhere: the spec (its layers, as data), the model file (safetensors) and
// the forward pass. It is the only inference code in Rakam: the browser, the
// server's predict endpoint and the evaluation all run it, so a report always
// measures the file that ships through the code that ships.
package nn

import "fmt"

const (
	// ImageSide is the width and the height of an image in pixels.
	ImageSide = 28
	// ImageSize is the number of pixels of an image, row-major, ink 1, paper 0.
	ImageSize = ImageSide * ImageSide
	// Classes is the number of digits a network tells apart.
	Classes = 10

	// maxUnits and maxLayers bound what a spec from a file may ask to allocate.
	maxUnits  = 1 << 14
	maxLayers = 32
)

// Activation names the function applied to each unit of a layer.
type Activation string

// Sigmoid is 1/(1+e^-x).
const Sigmoid Activation = "sigmoid"

// Layer is one dense layer: out = activation(in · weights + bias).
type Layer struct {
	Kind       string     `json:"kind"`       // "dense"
	Units      int        `json:"units"`      // width of the output
	Activation Activation `json:"activation"` // "sigmoid"
}

// Dense is the kind of a fully connected layer.
const Dense = "dense"

// Spec is an architecture as data, the only description of one in Rakam.
// trainer/graph builds a GoMLX graph from it; this package executes it.
type Spec struct {
	Input  int     `json:"input"` // number of inputs, ImageSize
	Layers []Layer `json:"layers"`
}

// Validate says what is wrong with s, or nil if it can be built and executed.
func (s Spec) Validate() error {
	if s.Input != ImageSize {
		return fmt.Errorf("spec: input is %d, want %d (28×28 pixels)", s.Input, ImageSize)
	}
	if len(s.Layers) == 0 || len(s.Layers) > maxLayers {
		return fmt.Errorf("spec: %d layers, want 1 to %d", len(s.Layers), maxLayers)
	}
	for i, l := range s.Layers {
		switch {
		case l.Kind != Dense:
			return fmt.Errorf("spec: layer %d is of kind %q, this program knows %q", i, l.Kind, Dense)
		case l.Activation != Sigmoid:
			return fmt.Errorf("spec: layer %d has activation %q, this program knows %q", i, l.Activation, Sigmoid)
		case l.Units < 1 || l.Units > maxUnits:
			return fmt.Errorf("spec: layer %d has %d units, want 1 to %d", i, l.Units, maxUnits)
		}
	}
	if last := s.Layers[len(s.Layers)-1]; last.Units != Classes {
		return fmt.Errorf("spec: the last layer has %d units, want %d, one for each digit", last.Units, Classes)
	}
	return nil
}

// Inputs returns the number of inputs of layer i.
func (s Spec) Inputs(i int) int {
	if i == 0 {
		return s.Input
	}
	return s.Layers[i-1].Units
}

// Parameters returns the number of weights and biases.
func (s Spec) Parameters() int {
	n := 0
	for i, l := range s.Layers {
		n += (s.Inputs(i) + 1) * l.Units
	}
	return n
}

// String gives the widths of the layers, as in "784-512-128-10".
func (s Spec) String() string {
	str := fmt.Sprint(s.Input)
	for _, l := range s.Layers {
		str += fmt.Sprintf("-%d", l.Units)
	}
	return str
}
