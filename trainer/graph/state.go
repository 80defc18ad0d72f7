package graph

import (
	"math"
	"math/rand/v2"

	"rakam/trainer/recipe"
	"rakam/wasm/nn"
)

// State is a training in memory: the weights and what the optimiser remembers,
// each tensor as flat float32 values in the order weight, bias of each layer
// that has weights.
type State struct {
	Params  [][]float32 // weights, of the shape nn.Spec.Kernel, and biases [units]
	MeanSq  [][]float32 // running mean of the squared gradients, same shapes
	Mean    [][]float32 // of the gradients; nil but for AdamW
	Average [][]float32 // of the weights; nil for a recipe without
	Steps   int         // done so far
}

// NewState returns the weights that r begins with and zero biases. Before
// sigmoids they are Glorot-uniform, Keras' default; before rectifiers normal with
// the variance that keeps the signal's strength. Sources: X. Glorot, Y. Bengio,
// Understanding the difficulty of training deep feedforward neural networks
// (2010), eq. 16; K. He et al., Delving Deep into Rectifiers (2015), eq. 10.
func NewState(r recipe.Recipe) State {
	rng := rand.New(rand.NewPCG(r.Seed, 0))
	var s State
	for i, l := range r.Spec.Layers {
		if l.Kind == nn.Pool {
			continue
		}
		fan := r.Spec.Fan(i)
		w := make([]float32, fan*l.Units)
		limit := math.Sqrt(6 / float64(fan+l.Units))
		deviation := math.Sqrt(2 / float64(fan))
		for j := range w {
			if l.Activation == nn.ReLU {
				w[j] = float32(rng.NormFloat64() * deviation)
			} else {
				w[j] = float32((2*rng.Float64() - 1) * limit)
			}
		}
		s.Params = append(s.Params, w, make([]float32, l.Units))
	}
	s.MeanSq = zeros(s.Params)
	if r.Optimizer.Name == recipe.AdamW {
		s.Mean = zeros(s.Params)
	}
	if r.Average > 0 {
		s.Average = make([][]float32, len(s.Params))
		for i, p := range s.Params {
			s.Average[i] = append([]float32(nil), p...)
		}
	}
	return s
}

// Begin sets the weights to those of a network, which must have the state's spec.
func (s *State) Begin(m *nn.Model) {
	n := 0
	for i, p := range m.Params {
		if m.Spec.Layers[i].Kind == nn.Pool {
			continue
		}
		for _, values := range [][]float32{p.Weight, p.Bias} {
			copy(s.Params[n], values)
			if s.Average != nil {
				copy(s.Average[n], values)
			}
			n++
		}
	}
}

func zeros(like [][]float32) [][]float32 {
	z := make([][]float32, len(like))
	for i := range z {
		z[i] = make([]float32, len(like[i]))
	}
	return z
}

// parts lists what a state consists of.
func (s *State) parts() []*[][]float32 {
	return []*[][]float32{&s.Params, &s.MeanSq, &s.Mean, &s.Average}
}

// NewModel returns the weights, of an ensemble network after network, as a model of
// the given spec, sharing memory.
func NewModel(spec nn.Spec, params [][]float32) (*nn.Model, error) {
	m, err := nn.New(spec)
	if err != nil {
		return nil, err
	}
	for n := range m.Params {
		if spec.Layers[n%len(spec.Layers)].Kind != nn.Pool {
			m.Params[n] = nn.Params{Weight: params[0], Bias: params[1]}
			params = params[2:]
		}
	}
	return m, nil
}

// shapes returns the dimensions of the parameters.
func shapes(spec nn.Spec) [][]int {
	var dims [][]int
	for i, l := range spec.Layers {
		if l.Kind != nn.Pool {
			dims = append(dims, spec.Kernel(i), []int{l.Units})
		}
	}
	return dims
}
