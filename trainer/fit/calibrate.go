package fit

import (
	"math"
	"slices"

	"rakam/trainer/mnist"
	"rakam/wasm/nn"
)

// calibrated returns m with its outputs made to keep what they claim on a set of
// images it was not trained on: each logit is scaled as the scaling says that gives
// the least cross-entropy, written into the last layer. Of two outputs that are
// almost alike the other may become the larger one.
func calibrated(m *nn.Model, set mnist.Set) *nn.Model {
	s := logits(m, set).scale()
	out := *m
	out.Params = slices.Clone(m.Params)
	last := len(m.Params) - 1
	p := nn.Params{Weight: slices.Clone(m.Params[last].Weight), Bias: slices.Clone(m.Params[last].Bias)}
	for i, w := range p.Weight {
		p.Weight[i] = float32(s.slope * float64(w))
	}
	for c, v := range p.Bias {
		p.Bias[c] = float32(s.slope*float64(v) + s.bias[c])
	}
	out.Params[last] = p
	return &out
}

// claims are what the last layer says of images before the sigmoid.
type claims struct {
	logits [][nn.Classes]float64
	labels []int
	seen   [nn.Classes]bool // digits that have an image
}

func (c *claims) add(logits [nn.Classes]float64, label int) {
	c.logits, c.labels, c.seen[label] = append(c.logits, logits), append(c.labels, label), true
}

// logits returns the claims of m on a set.
func logits(m *nn.Model, set mnist.Set) *claims {
	all := &claims{}
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
		var x [nn.Classes]float64
		for c := range x {
			x[c] = float64(last.Bias[c])
			for k, v := range in {
				x[c] += float64(v) * float64(last.Weight[k*nn.Classes+c])
			}
		}
		all.add(x, set.Label(i))
	}
	return all
}

// scaling makes slope·x + bias of a logit x. Slope and bias are J. Platt's,
// Probabilistic Outputs for Support Vector Machines (1999). There is one slope and
// a bias for each digit, as A. Alexandari, A. Kundaje and A. Shrikumar have it,
// Maximum Likelihood with Bias-Corrected Calibration is Hard-To-Beat at Label Shift
// Adaptation (2020): with a slope for each too, the few misread images of a digit
// would decide it.
type scaling struct {
	slope float64
	bias  [nn.Classes]float64
}

// scale returns the scaling that gives the least cross-entropy, by Newton's method;
// the function is convex. A digit without an image has no say and keeps its bias.
func (c *claims) scale() scaling {
	s := scaling{slope: 1}
	at := c.crossEntropy(s)
	for range 100 {
		step := c.newton(s)
		before := at
		for share := 1.0; share > 1e-9 && !(at < before); share /= 2 { // until it leads down
			next := s.minus(step, share)
			if next.slope <= 0 { // an answer is never turned round
				continue
			}
			if to := c.crossEntropy(next); to < at {
				s, at = next, to
			}
		}
		if !(at < before) { // also where the logits are no numbers
			break
		}
	}
	return s
}

// minus returns s less a share of a step.
func (s scaling) minus(step scaling, share float64) scaling {
	s.slope -= share * step.slope
	for c := range s.bias {
		s.bias[c] -= share * step.bias[c]
	}
	return s
}

// each calls do with every logit x of a digit that has images, what s makes of it,
// and whether the image is that digit.
func (c *claims) each(s scaling, do func(digit int, x, scaled float64, is bool)) {
	for i, logits := range c.logits {
		for digit, x := range logits {
			if c.seen[digit] {
				do(digit, x, s.slope*x+s.bias[digit], digit == c.labels[i])
			}
		}
	}
}

// crossEntropy sums ln(1+e^-z) over what is true and ln(1+e^z) over what is not.
func (c *claims) crossEntropy(s scaling) (sum float64) {
	c.each(s, func(_ int, _, z float64, is bool) {
		if is {
			z = -z
		}
		sum += max(z, 0) + math.Log1p(math.Exp(-math.Abs(z)))
	})
	return sum
}

// newton returns the step of Newton's method from s. The second derivatives by two
// biases are zero, so each bias can be eliminated alone.
func (c *claims) newton(s scaling) (step scaling) {
	var both, own, gradient [nn.Classes]float64 // by slope and bias, by bias twice, by bias
	var slope, curve float64                    // by slope, by slope twice
	c.each(s, func(digit int, x, z float64, is bool) {
		p := 1 / (1 + math.Exp(-z))
		d, h := p, p*(1-p)
		if is {
			d--
		}
		slope, gradient[digit] = slope+d*x, gradient[digit]+d
		curve, both[digit], own[digit] = curve+h*x*x, both[digit]+h*x, own[digit]+h
	})
	const defined = 1e-9 // where every answer is certain
	for digit := range own {
		own[digit] += defined
		slope -= both[digit] * gradient[digit] / own[digit]
		curve -= both[digit] * both[digit] / own[digit]
	}
	step.slope = slope / (curve + defined)
	for digit := range own {
		step.bias[digit] = (gradient[digit] - both[digit]*step.slope) / own[digit]
	}
	return step
}
