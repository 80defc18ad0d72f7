package nn

import "fmt"

// Params are the weights of one dense layer.
type Params struct {
	Weight []float32 // [in, out], row-major, so that a zero input skips a row
	Bias   []float32 // [out]
}

// Model is a spec and its weights: what one model.safetensors file holds.
type Model struct {
	Spec   Spec
	Params []Params // one for each layer of Spec
	Meta   Meta
}

// Meta is what a model file says about its own origin.
type Meta struct {
	Name     string             // for people, as in "seed"
	Recipe   string             // the recipe it was trained with, as JSON, or ""
	Classes  []string           // names of the outputs, "0" to "9"
	DataHash string             // SHA-256 of the training data, in hex
	Metrics  map[string]float64 // headline metrics, as in "accuracy"
}

// New returns a model of the given spec with all weights zero.
func New(spec Spec) (*Model, error) {
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	m := &Model{Spec: spec, Params: make([]Params, len(spec.Layers))}
	for i, l := range spec.Layers {
		m.Params[i] = Params{
			Weight: make([]float32, spec.Inputs(i)*l.Units),
			Bias:   make([]float32, l.Units),
		}
	}
	for c := range Classes {
		m.Meta.Classes = append(m.Meta.Classes, fmt.Sprint(c))
	}
	return m, nil
}

// Session runs a model on one image after another. It owns the memory of the
// activations, so it serves one goroutine at a time; the model may be shared.
type Session struct {
	model       *Model
	activations [][]float32 // one for each layer
}

// NewSession returns a session of m.
func (m *Model) NewSession() *Session {
	s := &Session{model: m}
	for _, l := range m.Spec.Layers {
		s.activations = append(s.activations, make([]float32, l.Units))
	}
	return s
}

// Run executes the forward pass on an image, [784] → [10], and returns one
// independent probability for each digit: a sigmoid network may say yes to
// several digits, or to none. The result is overwritten by the next Run. It
// panics if the image does not have 784 pixels.
func (s *Session) Run(image []float32) []float32 {
	if len(image) != s.model.Spec.Input {
		panic(fmt.Sprintf("nn: image of %d pixels, want %d", len(image), s.model.Spec.Input))
	}
	x := image
	for i := range s.model.Params {
		y := s.activations[i]
		p := &s.model.Params[i]
		dense(y, x, p.Weight, p.Bias)
		sigmoid(y)
		x = y
	}
	return x
}

// Activations returns the outputs of every layer in the last Run, the last one
// being the probabilities. They are overwritten by the next Run.
func (s *Session) Activations() [][]float32 { return s.activations }

// Argmax returns the index of the largest value, the first of equals.
func Argmax(p []float32) int {
	best := 0
	for i, v := range p {
		if v > p[best] {
			best = i
		}
	}
	return best
}
