package nn

import "fmt"

// Params are the weights of one layer, none for a pool.
type Params struct {
	Weight []float32 // of the shape Spec.Kernel, row-major, so that a zero input skips a row
	Bias   []float32 // [units]
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
			Weight: make([]float32, spec.Fan(i)*l.Units),
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
	values      [][]float32 // of each layer, laid out as Spec.In(i+1)
	frames      [][]float32 // of the input of each convolution; nil for others
	packed      []float32   // room for what kernel.wat packs of a convolution
	activations [][]float32 // of each layer with weights
}

// NewSession returns a session of m.
func (m *Model) NewSession() *Session {
	s := &Session{model: m}
	for i, l := range m.Spec.Layers {
		s.values = append(s.values, make([]float32, m.Spec.In(i+1).Size()))
		s.frames = append(s.frames, nil)
		switch l.Kind {
		case Dense:
			s.activations = append(s.activations, s.values[i])
		case Conv:
			s.frames[i] = make([]float32, frameSize(m.Spec.In(i), l.Side))
			s.packed = make([]float32, max(len(s.packed), packedSize(m.Spec.In(i), l.Side)))
			s.activations = append(s.activations, make([]float32, l.Units))
		}
	}
	return s
}

// Run executes the forward pass on an image, [784] → [10], and returns one
// independent probability for each digit: a sigmoid network may say yes to
// several digits, or to none. The result is overwritten by the next Run. It
// panics if the image does not have 784 pixels.
func (s *Session) Run(image []float32) []float32 {
	spec := s.model.Spec
	if len(image) != spec.Input {
		panic(fmt.Sprintf("nn: image of %d pixels, want %d", len(image), spec.Input))
	}
	x := image
	for i, l := range spec.Layers {
		y, p := s.values[i], &s.model.Params[i]
		switch l.Kind {
		case Pool:
			pool(y, x, spec.In(i))
		case Conv:
			fillFrame(s.frames[i], x, spec.In(i), l.Side)
			conv(y, s.frames[i], s.packed, p.Weight, p.Bias, spec.In(i), l.Side, l.Activation == ReLU)
		default:
			dense(y, x, p.Weight, p.Bias)
			if l.Activation == ReLU {
				relu(y)
			}
		}
		if l.Activation == Sigmoid {
			sigmoid(y)
		}
		x = y
	}
	return x
}

// Activations returns the activations of every layer with weights in the last
// Run, the last one being the probabilities: each unit of a dense layer, and of
// a convolution the largest value of each channel. They are overwritten by the
// next call after a Run.
func (s *Session) Activations() [][]float32 {
	k := 0
	for i, l := range s.model.Spec.Layers {
		switch l.Kind {
		case Conv:
			strongest(s.activations[k], s.values[i])
			k++
		case Dense:
			k++
		}
	}
	return s.activations
}

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
