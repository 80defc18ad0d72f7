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
	Params []Params // one for each layer of Spec; of an ensemble network after network
	Meta   Meta
}

// Network returns network k of m as a model that shares its memory, without
// metadata but the classes; of a model that is no ensemble 0 is all of it.
func (m *Model) Network(k int) *Model {
	n := len(m.Spec.Layers)
	return &Model{Spec: m.Spec.Network(), Params: m.Params[k*n : (k+1)*n], Meta: Meta{Classes: m.Meta.Classes}}
}

// Ensemble returns the ensemble of networks of one spec, sharing their memory,
// without metadata but the classes; of a single one that network.
func Ensemble(networks ...*Model) (*Model, error) {
	first := networks[0]
	e := &Model{Spec: first.Spec, Meta: Meta{Classes: first.Meta.Classes}}
	if len(networks) > 1 {
		e.Spec.Members = len(networks)
	}
	for _, m := range networks {
		if !m.Spec.Equal(first.Spec) || m.Spec.Members != 0 {
			return nil, fmt.Errorf("an ensemble of %v and %v, want networks of one spec", first.Spec, m.Spec)
		}
		e.Params = append(e.Params, m.Params...)
	}
	if err := e.Spec.Validate(); err != nil {
		return nil, err
	}
	return e, nil
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
	m := &Model{Spec: spec}
	for range spec.Networks() {
		for i, l := range spec.Layers {
			m.Params = append(m.Params, Params{
				Weight: make([]float32, spec.Fan(i)*l.Units),
				Bias:   make([]float32, l.Units),
			})
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
	model         *Model
	values        [][]float32 // of each layer, laid out as Spec.In(i+1), network after network
	frames        [][]float32 // of the input of each convolution; nil for others
	packed        []float32   // room for what kernel.wat packs of a convolution
	activations   [][]float32 // of each layer with weights
	logits        []float32   // [10]
	probabilities []float32   // [10]
}

// NewSession returns a session of m.
func (m *Model) NewSession() *Session {
	s := &Session{model: m, logits: make([]float32, Classes), probabilities: make([]float32, Classes)}
	n := m.Spec.Networks()
	for i, l := range m.Spec.Layers {
		s.values = append(s.values, make([]float32, n*m.Spec.In(i+1).Size()))
		s.frames = append(s.frames, nil)
		switch l.Kind {
		case Dense:
			s.activations = append(s.activations, s.values[i])
		case Conv:
			s.frames[i] = make([]float32, frameSize(m.Spec.In(i), l.Side))
			s.packed = make([]float32, max(len(s.packed), packedSize(m.Spec.In(i), l.Side)))
			s.activations = append(s.activations, make([]float32, n*l.Units))
		}
	}
	s.activations[len(s.activations)-1] = s.probabilities
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
	copy(s.logits, s.network(0, image))
	if n := s.model.Spec.Networks(); n > 1 {
		for k := 1; k < n; k++ {
			addRow(s.logits, s.network(k, image), 1)
		}
		for i := range s.logits {
			s.logits[i] /= float32(n)
		}
	}
	copy(s.probabilities, s.logits)
	sigmoid(s.probabilities)
	return s.probabilities
}

// network executes network k up to, but not including, the sigmoid of its last layer.
func (s *Session) network(k int, x []float32) []float32 {
	spec := s.model.Spec
	params := s.model.Params[k*len(spec.Layers):]
	for i, l := range spec.Layers {
		y, p := s.of(k, i), &params[i]
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
		if l.Activation == Sigmoid && i < len(spec.Layers)-1 {
			sigmoid(y)
		}
		x = y
	}
	return x
}

// of returns the values of layer i of network k.
func (s *Session) of(k, i int) []float32 {
	n := len(s.values[i]) / s.model.Spec.Networks()
	return s.values[i][k*n : (k+1)*n]
}

// Logits returns what the last layer added up in the last Run, [10], of an
// ensemble the mean: the probabilities are its sigmoid. It is overwritten by the
// next Run.
func (s *Session) Logits() []float32 { return s.logits }

// Activations returns the activations of every layer with weights in the last
// Run, the last one being the probabilities: each unit of a dense layer, and of
// a convolution the largest value of each channel; of an ensemble those of a layer
// of all networks, one after the other. They are overwritten by the next call after
// a Run.
func (s *Session) Activations() [][]float32 {
	j := 0
	for i, l := range s.model.Spec.Layers {
		switch l.Kind {
		case Conv:
			for k := range s.model.Spec.Networks() {
				strongest(s.activations[j][k*l.Units:(k+1)*l.Units], s.of(k, i))
			}
			j++
		case Dense:
			j++
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
