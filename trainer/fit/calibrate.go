package fit

import (
	"math"
	"slices"

	"rakam/trainer/mnist"
	"rakam/wasm/nn"
)

// calibrated returns m with its outputs made to keep what they claim on a set of
// images it was not trained on: each logit x becomes a·x + b, with the a and b
// that give the least cross-entropy, written into the last layer. What is read
// does not change. Source: J. Platt, Probabilistic Outputs for Support Vector
// Machines (1999), here with one pair for all ten outputs.
func calibrated(m *nn.Model, set mnist.Set) *nn.Model {
	a, b := platt(logits(m, set))
	out := *m
	out.Params = slices.Clone(m.Params)
	last := len(m.Params) - 1
	p := nn.Params{Weight: slices.Clone(m.Params[last].Weight), Bias: slices.Clone(m.Params[last].Bias)}
	for i, w := range p.Weight {
		p.Weight[i] = float32(a * float64(w))
	}
	for i, v := range p.Bias {
		p.Bias[i] = float32(a*float64(v) + b)
	}
	out.Params[last] = p
	return &out
}

// logits returns what the last layer of m says of each image and output before
// the sigmoid, and whether the image is that digit.
func logits(m *nn.Model, set mnist.Set) (x []float64, is []bool) {
	s := m.NewSession()
	image := make([]float32, nn.ImageSize)
	last := m.Params[len(m.Params)-1]
	for i := range set.Len() {
		set.Ink(image, i)
		s.Run(image)
		in := image
		if layers := s.Activations(); len(layers) > 1 {
			in = layers[len(layers)-2]
		}
		for c := range nn.Classes {
			sum := float64(last.Bias[c])
			for k, v := range in {
				sum += float64(v) * float64(last.Weight[k*nn.Classes+c])
			}
			x, is = append(x, sum), append(is, c == set.Label(i))
		}
	}
	return x, is
}

// platt minimises crossEntropy over a and b by Newton's method, with steps that
// are halved until they lead down. The function is convex.
func platt(x []float64, is []bool) (a, b float64) {
	a = 1
	at := crossEntropy(x, is, a, b)
	for range 100 {
		da, db := newton(x, is, a, b)
		next := at
		for ; math.Abs(da)+math.Abs(db) > 1e-9; da, db = da/2, db/2 {
			if a-da <= 0 { // an answer is never turned round
				continue
			}
			if next = crossEntropy(x, is, a-da, b-db); next <= at {
				break
			}
		}
		if !(next < at) {
			break
		}
		a, b, at = a-da, b-db, next
	}
	return a, b
}

// crossEntropy sums ln(1+e^-z) over what is true and ln(1+e^z) over what is not,
// z = a·x + b.
func crossEntropy(x []float64, is []bool, a, b float64) (sum float64) {
	for i, v := range x {
		z := a*v + b
		if is[i] {
			z = -z
		}
		sum += max(z, 0) + math.Log1p(math.Exp(-math.Abs(z)))
	}
	return sum
}

// newton returns the step of Newton's method from a and b.
func newton(x []float64, is []bool, a, b float64) (da, db float64) {
	var ga, gb, haa, hab, hbb float64
	for i, v := range x {
		p := 1 / (1 + math.Exp(-(a*v + b)))
		d, h := p, p*(1-p)
		if is[i] {
			d--
		}
		ga, gb = ga+d*v, gb+d
		haa, hab, hbb = haa+h*v*v, hab+h*v, hbb+h
	}
	haa, hbb = haa+1e-9, hbb+1e-9 // defined where every answer is certain
	det := haa*hbb - hab*hab
	return (hbb*ga - hab*gb) / det, (haa*gb - hab*ga) / det
}
