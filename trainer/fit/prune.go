package fit

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"rakam/wasm/nn"
)

// pruneBatches is how many batches say which units a network can do without.
const pruneBatches = 64

// pruned returns a network without drop units of its last hidden layer, a dense one:
// those whose part in the logits varies least over the images, each batch [n, 784]. The
// last layer is fitted anew, by least squares, so that it says what it said. Dropout
// makes each unit do with any half of the others, so half of them are nearly
// as good as all.
func pruned(m *nn.Model, drop int, batches iter.Seq2[[]float32, error]) (*nn.Model, error) {
	hidden := len(m.Spec.Layers) - 2
	units := m.Spec.Layers[hidden].Units
	c := newCovered(m, units)
	for images, err := range batches {
		if err != nil {
			return nil, err
		}
		if err := c.add(images); err != nil {
			return nil, err
		}
	}
	keep := c.strongest(m.Params[hidden+1].Weight, units-drop)
	last, err := c.fit(keep)
	if err != nil {
		return nil, err
	}
	spec := m.Spec
	spec.Layers = slices.Clone(spec.Layers)
	spec.Layers[hidden].Units = len(keep)
	out := &nn.Model{Spec: spec, Params: slices.Clone(m.Params), Meta: m.Meta}
	p := nn.Params{}
	for at := 0; at < len(m.Params[hidden].Weight); at += units {
		for _, u := range keep {
			p.Weight = append(p.Weight, m.Params[hidden].Weight[at+u])
		}
	}
	for _, u := range keep {
		p.Bias = append(p.Bias, m.Params[hidden].Bias[u])
	}
	out.Params[hidden], out.Params[hidden+1] = p, last
	return out, nil
}

// covered is what a network's last hidden layer and its logits have to do with each
// other: sums over images of products, with 1 as if it were a unit behind the others.
type covered struct {
	sessions []*nn.Session // one for each processor
	units    int
	images   float64
	among    *mat.Dense // [units+1, units+1]
	logits   *mat.Dense // [units+1, 10]
}

func newCovered(m *nn.Model, units int) *covered {
	c := &covered{units: units, among: mat.NewDense(units+1, units+1, nil), logits: mat.NewDense(units+1, nn.Classes, nil)}
	for range runtime.GOMAXPROCS(0) {
		c.sessions = append(c.sessions, m.NewSession())
	}
	return c
}

// add takes in a batch of images.
func (c *covered) add(images []float32) error {
	n := len(images) / nn.ImageSize
	hidden, logits := mat.NewDense(n, c.units+1, nil), mat.NewDense(n, nn.Classes, nil)
	errs := make([]error, len(c.sessions))
	var wg sync.WaitGroup
	for w, s := range c.sessions {
		wg.Go(func() {
			errs[w] = guarded(func() error {
				for i := w; i < n; i += len(c.sessions) {
					s.Run(images[i*nn.ImageSize:][:nn.ImageSize])
					layers := s.Activations()
					for k, v := range layers[len(layers)-2] {
						hidden.Set(i, k, float64(v))
					}
					hidden.Set(i, c.units, 1)
					for k, v := range s.Logits() {
						logits.Set(i, k, float64(v))
					}
				}
				return nil
			})
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	c.images += float64(n)
	var product mat.Dense
	product.Mul(hidden.T(), hidden)
	c.among.Add(c.among, &product)
	product.Reset()
	product.Mul(hidden.T(), logits)
	c.logits.Add(c.logits, &product)
	return nil
}

// strongest returns, in their order, the keep units whose part in the logits varies
// most: w is [units, 10].
func (c *covered) strongest(w []float32, keep int) []int {
	say := make([]float64, c.units)
	all := make([]int, c.units)
	for u := range say {
		all[u] = u
		mean := c.among.At(u, c.units) / c.images
		for _, v := range w[u*nn.Classes:][:nn.Classes] {
			say[u] += float64(v) * float64(v)
		}
		say[u] *= c.among.At(u, u)/c.images - mean*mean
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(say[b], say[a]) })
	kept := all[:keep]
	slices.Sort(kept)
	return kept
}

// fit returns the last layer behind some of the units alone that comes nearest to the
// logits there were, by least squares.
func (c *covered) fit(units []int) (nn.Params, error) {
	rows := append(slices.Clone(units), c.units)
	n := len(rows)
	among, logits := mat.NewSymDense(n, nil), mat.NewDense(n, nn.Classes, nil)
	trace := 0.0
	for i, a := range rows {
		for j, b := range rows[:i+1] {
			among.SetSym(i, j, c.among.At(a, b))
		}
		trace += among.At(i, i)
		for k := range nn.Classes {
			logits.Set(i, k, c.logits.At(a, k))
		}
	}
	for i := range n { // so that units that are never active, or alike, have a solution
		among.SetSym(i, i, among.At(i, i)+1e-7*trace/float64(n))
	}
	var factors mat.Cholesky
	var w mat.Dense
	if !factors.Factorize(among) {
		return nn.Params{}, fmt.Errorf("%w: the last layer cannot be fitted anew", ErrDiverged)
	}
	if err := factors.SolveTo(&w, logits); err != nil {
		return nn.Params{}, fmt.Errorf("%w: the last layer cannot be fitted anew: %w", ErrDiverged, err)
	}
	var p nn.Params
	for i := range units {
		for k := range nn.Classes {
			p.Weight = append(p.Weight, float32(w.At(i, k)))
		}
	}
	for k := range nn.Classes {
		p.Bias = append(p.Bias, float32(w.At(n-1, k)))
	}
	return p, nil
}
